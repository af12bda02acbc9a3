"""Rules that judge a batch: by when its events happened, how many rows its files have, how values are distributed.

What earlier batches were like stands in the results of their cleanse jobs, of which the context names those that were
published.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from landfall_jobs import lineage, storage
from landfall_jobs.context import Context
from landfall_jobs.rules import BatchRule, DistributionRule, FreshnessRule, RowCountRule
from landfall_jobs.transforms.stability import FEWEST_ROWS, Bins, find_bins, stability_index
from landfall_jobs.transforms.verdicts import QUARANTINED

FEWEST_FILES = 3
"""Earlier files that tell what a usual one is."""
SHOWN = 5


@dataclass
class Judgement:
    """What is told of a batch: by rule of what it warns, and limits that it is beyond, as sentences.

    `profiles` are for the batches after it: bins and counts by column.
    """

    warnings: list[dict[str, Any]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    profiles: dict[str, Any] = field(default_factory=dict)

    def add(self, rule: BatchRule, message: str) -> None:
        """Enter that the batch breaks a rule."""
        if rule.outcome == "fail":
            self.violations.append(f"{rule.name}: {message}")
        else:
            self.warnings.append({"rule": rule.name, "message": message})


def judge_batch(context: Context, staged: DataFrame, read: Mapping[str, int]) -> Judgement:
    """Judge a batch by its rows, which bear a verdict, and the rows read by file; without rules that costs nothing.

    A batch that only takes files back brings nothing to judge.
    """
    rules, judgement = context.contract.batch_rules, Judgement()
    if not rules or not context.files:
        return judgement
    past = _past(context)
    good = staged.where(F.col(lineage.VERDICT) != QUARANTINED)
    bins = {rule.column: _bins(context, good, rule, past) for rule in rules if isinstance(rule, DistributionRule)}
    newest, counts = _look(context, good, bins)
    judgement.profiles = {name: {**bins[name].to_json(), "counts": counts[name]} for name in bins}
    for rule in rules:
        match rule:
            case FreshnessRule():
                _judge_freshness(rule, newest, context, judgement)
            case RowCountRule():
                _judge_row_count(rule, read, past, judgement)
            case DistributionRule():
                _judge_distribution(rule, bins[rule.column], counts[rule.column], past, judgement)
    return judgement


def _past(context: Context) -> list[dict[str, Any]]:
    """Give the cleanse results of earlier published batches, the newest first."""
    uris = (storage.join(context.lake, "runs", batch, "cleanse-1", "result.json") for batch in context.history)
    found = (storage.read_json(uri) for uri in uris)
    return [result for result in found if isinstance(result, dict) and result.get("status") == "succeeded"]


def _bins(context: Context, rows: DataFrame, rule: DistributionRule, past: Sequence[dict[str, Any]]) -> Bins:
    """Give the bins that the batches before were counted in, or else new ones."""
    for result in past:
        profile = _profile(result, rule.column)
        if profile is not None and sum(profile["counts"]) >= FEWEST_ROWS:
            return Bins.from_json(profile)
    return find_bins(rows, rule.column, context.contract.column(rule.column).type)


def _profile(result: dict[str, Any], column: str) -> dict[str, Any] | None:
    return result.get("profiles", {}).get(column)


def _look(context: Context, rows: DataFrame, bins: Mapping[str, Bins]) -> tuple[datetime | None, dict[str, list[int]]]:
    """Give the time of the newest event and the counts by bin, all in one pass."""
    wanted = [count for column, of_column in bins.items() for count in of_column.counts(column)]
    event_time = context.contract.event_time
    if event_time is not None and any(isinstance(rule, FreshnessRule) for rule in context.contract.batch_rules):
        wanted.insert(0, F.max(event_time))
    else:
        event_time = None
    found = list(rows.agg(*(column.alias(f"c{i}") for i, column in enumerate(wanted))).collect()[0]) if wanted else []
    time = found.pop(0) if event_time is not None else None
    newest = None if time is None else _instant(time)
    counts: dict[str, list[int]] = {}
    for column, of_column in bins.items():
        size = len(of_column.names())
        counts[column], found = found[:size], found[size:]
    return newest, counts


def _instant(value: date | datetime) -> datetime:
    """Give a time, or the beginning of a day, in UTC."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def _judge_freshness(rule: FreshnessRule, newest: datetime | None, context: Context, judgement: Judgement) -> None:
    if newest is None or not context.files:
        return
    landed = max(_instant(datetime.fromisoformat(file.landed_at)) for file in context.files)
    is_day = context.contract.column(context.contract.event_time or "").type == "date"
    # A day is as new as its end, and no later than its beginning.
    ends = newest + timedelta(days=1) if is_day else newest
    told = f"the newest event is of {newest.isoformat().replace('+00:00', 'Z')}"
    age, ahead = _hours(landed - ends), _hours(newest - landed)
    if rule.max_age_hours is not None and age > rule.max_age_hours:
        allowed = f"the contract allows {rule.max_age_hours:g}"
        judgement.add(rule, f"{told}, {age:.1f} hours before the newest file landed; {allowed} (max_age_hours)")
    if rule.max_ahead_hours is not None and ahead > rule.max_ahead_hours:
        allowed = f"the contract allows {rule.max_ahead_hours:g}"
        judgement.add(rule, f"{told}, {ahead:.1f} hours after the newest file landed; {allowed} (max_ahead_hours)")


def _hours(time: timedelta) -> float:
    return time.total_seconds() / 3600


def _judge_row_count(
    rule: RowCountRule, read: Mapping[str, int], past: Sequence[dict[str, Any]], judgement: Judgement
) -> None:
    """Judge each file: how many of them a batch has is chance."""
    if rule.minimum is not None:
        few = {path: rows for path, rows in read.items() if rows < rule.minimum}
        if few:
            judgement.add(rule, f"{_files(few)}; the contract asks for {rule.minimum:,} at least")
    if rule.maximum is not None:
        many = {path: rows for path, rows in read.items() if rows > rule.maximum}
        if many:
            judgement.add(rule, f"{_files(many)}; the contract allows {rule.maximum:,} at most")
    earlier = [file["read"] for result in past for file in result["files"] if file["read"]]
    if rule.max_change is None or len(earlier) < FEWEST_FILES:
        return
    usual = statistics.median(earlier)
    other = {path: rows for path, rows in read.items() if abs(rows - usual) > rule.max_change * usual}
    if other:
        judgement.add(
            rule,
            f"{_files(other)}; the median of {len(earlier):,} files before is {usual:,.0f}, and the contract allows "
            f"{rule.max_change:.0%} more or less (max_change)",
        )


def _files(rows: Mapping[str, int]) -> str:
    shown = [f"{path} has {count:,} rows" for path, count in sorted(rows.items())[:SHOWN]]
    return ", ".join(shown) + (f" and so have {len(rows) - SHOWN} others" if len(rows) > SHOWN else "")


def _judge_distribution(
    rule: DistributionRule, bins: Bins, counts: list[int], past: Sequence[dict[str, Any]], judgement: Judgement
) -> None:
    profiles = [_profile(result, rule.column) for result in past]
    before = [p["counts"] for p in profiles if p is not None and Bins.from_json(p) == bins]
    together = [sum(column) for column in zip(*before, strict=True)] or [0] * len(counts)
    index, parts = stability_index(together, counts)
    if index <= rule.max_psi:
        return
    most = max(range(len(parts)), key=parts.__getitem__)
    was, now = together[most] / sum(together), counts[most] / sum(counts)
    judgement.add(
        rule,
        f"{rule.column} is distributed otherwise than in the {len(before)} batches before: the population stability "
        f"index is {index:.2f}, the contract allows {rule.max_psi:g}; most of it is {bins.names()[most]}, "
        f"{was:.1%} of the rows before, {now:.1%} now",
    )
