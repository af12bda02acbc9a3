"""What rows break that other rows tell: entered beside what each breaks alone."""

from collections.abc import Sequence
from typing import NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from landfall_jobs import lineage
from landfall_jobs.rules import Outcome
from landfall_jobs.transforms.checks import SEPARATOR, listed


class Fault(NamedTuple):
    """A rule, what comes of a row that breaks it, and the condition by which it does."""

    name: str
    outcome: Outcome
    broken: Column


def enter(rows: DataFrame, faults: Sequence[Fault]) -> DataFrame:
    """Enter faults of rows that are good so far; the conditions may use any of their columns."""
    good = F.col(lineage.BROKEN).isNull()
    by_outcome = {
        outcome: [
            (fault.name, good & F.coalesce(fault.broken, F.lit(False))) for fault in faults if fault.outcome == outcome
        ]
        for outcome in ("quarantine", "warn", "fail")
    }
    quarantined = listed(by_outcome["quarantine"])
    stays = quarantined.isNull()
    entered = {
        lineage.BROKEN: F.coalesce(F.col(lineage.BROKEN), quarantined),
        lineage.WARNED: F.when(stays, _with(lineage.WARNED, by_outcome["warn"])),
        lineage.FAILED: F.when(stays, _with(lineage.FAILED, by_outcome["fail"])),
    }
    return rows.withColumns(entered)


def _with(name: str, faults: list[tuple[str, Column]]) -> Column:
    if not faults:
        return F.col(name)
    both = F.concat_ws(SEPARATOR, F.col(name), listed(faults))
    return F.when(both != "", both)
