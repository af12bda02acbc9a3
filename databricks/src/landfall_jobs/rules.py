"""What a contract says of good rows and of good batches, kind by kind."""

from dataclasses import dataclass
from typing import Literal, cast

from landfall_jobs.parsing import Document

Outcome = Literal["quarantine", "warn", "fail"]
OUTCOMES = ("quarantine", "warn", "fail")
MAX_PSI = 0.25
"""Below 0.1 a distribution is as before, above 0.25 it has shifted; see transforms/stability.py."""


@dataclass(frozen=True)
class Rule:
    """A Spark SQL condition that a good row fulfils; of `max_share` see Limited."""

    name: str
    expression: str
    outcome: Outcome
    description: str
    max_share: float | None = None


@dataclass(frozen=True)
class UniqueRule:
    """Columns of which no two rows have the same values."""

    name: str
    columns: tuple[str, ...]
    outcome: Outcome
    description: str
    max_share: float | None = None


@dataclass(frozen=True)
class ExistsRule:
    """A dataset of which a published row has these values: pairs of (column here, column there)."""

    name: str
    dataset: str
    on: tuple[tuple[str, str], ...]
    outcome: Outcome
    description: str
    max_share: float | None = None


@dataclass(frozen=True)
class FreshnessRule:
    """How far event times may be from when the newest file landed, in hours."""

    name: str
    outcome: Outcome
    max_age_hours: float | None
    max_ahead_hours: float | None


@dataclass(frozen=True)
class RowCountRule:
    """How many rows each file has; `max_change` is the distance from the median of earlier files, as a share of it."""

    name: str
    outcome: Outcome
    minimum: int | None
    maximum: int | None
    max_change: float | None


@dataclass(frozen=True)
class DistributionRule:
    """A column whose values are distributed as in earlier batches, up to a population stability index."""

    name: str
    outcome: Outcome
    column: str
    max_psi: float


RowRule = Rule | UniqueRule | ExistsRule
BatchRule = FreshnessRule | RowCountRule | DistributionRule


def parse_rules(items: list[Document]) -> tuple[tuple[RowRule, ...], tuple[BatchRule, ...]]:
    """Read the rules that judge rows, and those that judge a batch."""
    rows: list[RowRule] = []
    batches: list[BatchRule] = []
    for item in items:
        if any(item.optional(kind, dict) for kind in ("freshness", "row_count", "distribution")):
            batches.append(_batch_rule(item))
        else:
            rows.append(_row_rule(item))
    return tuple(rows), tuple(batches)


def parse_outcome(item: Document, default: str | None = None) -> Outcome:
    """Read what comes of a row that breaks a rule."""
    return cast(Outcome, item.choice("outcome", OUTCOMES, default))


def _row_rule(item: Document) -> RowRule:
    name, outcome, description = item.get("name", str), parse_outcome(item), item.get("description", str)
    share = item.optional("max_share", float)
    unique = item.texts("unique", default=())
    if unique:
        return UniqueRule(name, unique, outcome, description, share)
    if item.optional("exists_in", dict):
        there = item.document("exists_in")
        return ExistsRule(name, there.get("dataset", str), there.pairs("on"), outcome, description, share)
    return Rule(name, item.get("expression", str), outcome, description, share)


def _batch_rule(item: Document) -> BatchRule:
    name, outcome = item.get("name", str), parse_outcome(item)
    if item.optional("freshness", dict):
        hours = item.document("freshness")
        most = (hours.optional("max_age_hours", float), hours.optional("max_ahead_hours", float))
        return FreshnessRule(name, outcome, *most)
    if item.optional("row_count", dict):
        rows = item.document("row_count")
        bounds = (_whole(rows, "minimum"), _whole(rows, "maximum"))
        return RowCountRule(name, outcome, *bounds, rows.optional("max_change", float))
    of = item.document("distribution")
    return DistributionRule(name, outcome, of.get("column", str), of.optional("max_psi", float) or MAX_PSI)


def _whole(item: Document, name: str) -> int | None:
    """YAML's 1e6 is a float, and a whole number all the same."""
    found = item.optional(name, float)
    return None if found is None else int(found)
