"""Columns of which no two rows may have the same values, in the batch and beside silver's rows."""

from collections.abc import Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from landfall_jobs import lineage
from landfall_jobs.contract import Contract
from landfall_jobs.rules import UniqueRule
from landfall_jobs.transforms.faults import Fault, enter

_REPEATS = "__repeats"


def compared_columns(contract: Contract) -> list[str]:
    """Give the columns that uniqueness is judged by."""
    of_rules = [name for rule in contract.unique_rules for name in rule.columns]
    return list(dict.fromkeys([*lineage.place(contract), lineage.LANDED_AT, *contract.key, *of_rules]))


def check_uniqueness(rows: DataFrame, loaded: DataFrame, known: DataFrame | None, contract: Contract) -> DataFrame:
    """Enter the rules that rows break which would be loaded.

    `loaded` are those of the rows that are to be loaded, with `compared_columns`; it is read several times, so it had
    better be stored. Of rows of the batch with the same values the first by (landed at, file, line) stays. `known`
    holds silver's rows of other files: one with the same values stays instead, unless a row of the batch is to take its
    place, having its key. Rows of one key do not repeat each other, and a row that lacks one of the values is like no
    other. Rules are judged one after the other, so that a row which one of them refuses stands in nobody's way.
    """
    place = lineage.place(contract)
    for rule in contract.unique_rules:
        repeats = _repeats(loaded, known, contract, rule)
        names = rows.columns
        found = rows.join(repeats.withColumn(_REPEATS, F.lit(True)), on=place, how="left")
        rows = enter(found, [Fault(rule.name, rule.outcome, F.col(_REPEATS).isNotNull())]).select(*names)
        if rule.outcome == "quarantine":
            loaded = loaded.join(repeats, on=place, how="left_anti")
    return rows


def _repeats(loaded: DataFrame, known: DataFrame | None, contract: Contract, rule: UniqueRule) -> DataFrame:
    """Give the places of rows that repeat the values of another one, having sorted no more than those."""
    place, columns = lineage.place(contract), list(rule.columns)
    having_all = loaded.where(_has_all(columns))
    contested = having_all.groupBy(*columns).agg(F.count(F.lit(1)).alias("rows")).where("rows > 1").select(*columns)
    first_first = [F.col(lineage.LANDED_AT).try_cast("timestamp").asc(), *(F.col(name).asc() for name in place)]
    of_values = Window.partitionBy(*columns).orderBy(*first_first)
    # Rows of one key are versions of one thing, which may keep its values.
    one = [(F.col(name), F.first(name).over(of_values)) for name in contract.key or place]
    ranked = having_all.join(contested, on=columns, how="left_semi").select(
        *place, reduce(lambda a, b: a | b, (here != first for here, first in one)).alias("later")
    )
    later = ranked.where("later").select(*place)
    if known is None:
        return later
    stay = known.where(_has_all(columns))
    if contract.key:
        stay = stay.join(loaded.select(*contract.key), on=list(contract.key), how="left_anti")
    there = having_all.join(stay.select(*columns), on=columns, how="left_semi").select(*place)
    return later.union(there).distinct()


def _has_all(columns: Sequence[str]) -> Column:
    return reduce(lambda a, b: a & b, (F.col(name).isNotNull() for name in columns))
