"""Columns of which no two rows may have the same values, in the batch and beside silver's rows."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from landfall_jobs import lineage
from landfall_jobs.contract import Contract
from landfall_jobs.rules import UniqueRule
from landfall_jobs.transforms.faults import Fault, enter
from landfall_jobs.transforms.verdicts import LOADED, QUARANTINED

_REPEATS = "__repeats"


def check_uniqueness(
    judged: DataFrame, known: DataFrame | None, contract: Contract, rules: Sequence[UniqueRule]
) -> DataFrame:
    """Enter the rules that rows break which would be loaded, and quarantine those that a rule says to.

    Of rows of the batch with the same values the first by (landed at, file, line) stays. `known` holds silver's rows of
    other files: one with the same values stays instead, unless a row of the batch is to take its place, having its key.
    A row that lacks one of the values is like no other. Rules are judged one after the other, so that a row which one
    of them refuses stands in nobody's way.
    """
    for rule in rules:
        rows = judged.join(_repeats(judged, known, contract, rule), on=lineage.place(contract), how="left")
        entered = enter(rows, [Fault(rule.name, rule.outcome, F.col(_REPEATS).isNotNull())])
        refused = F.col(lineage.BROKEN).isNotNull() & (F.col(lineage.VERDICT) == LOADED)
        verdict = F.when(refused, QUARANTINED).otherwise(F.col(lineage.VERDICT))
        judged = entered.withColumn(lineage.VERDICT, verdict).select(*judged.columns)
    return judged


def _repeats(judged: DataFrame, known: DataFrame | None, contract: Contract, rule: UniqueRule) -> DataFrame:
    """Give the places of rows that repeat the values of another one."""
    place = lineage.place(contract)
    loaded = judged.where((F.col(lineage.VERDICT) == LOADED) & _has_all(rule.columns))
    first_first = [F.col(lineage.LANDED_AT).try_cast("timestamp").asc(), *(F.col(name).asc() for name in place)]
    of_values = Window.partitionBy(*rule.columns).orderBy(*first_first)
    ranked = loaded.select(*rule.columns, *place, F.row_number().over(of_values).alias("rank"))
    if known is None:
        return ranked.where("rank > 1").select(*place, F.lit(True).alias(_REPEATS))
    stay = known.where(_has_all(rule.columns))
    if contract.key:
        taking = judged.where(F.col(lineage.VERDICT) == LOADED).select(*contract.key)
        stay = stay.join(taking, on=list(contract.key), how="left_anti")
    there = stay.select(*rule.columns).distinct().withColumn("__there", F.lit(True))
    together = ranked.join(there, on=list(rule.columns), how="left")
    repeats = together.where((F.col("rank") > 1) | F.col("__there").isNotNull())
    return repeats.select(*place, F.lit(True).alias(_REPEATS))


def _has_all(columns: Sequence[str]) -> Column:
    condition = F.lit(True)
    for name in columns:
        condition = condition & F.col(name).isNotNull()
    return condition
