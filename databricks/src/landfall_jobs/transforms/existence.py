"""Values that must exist in another dataset, which are found by a left join to its distinct ones."""

from collections.abc import Mapping, Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from landfall_jobs.rules import ExistsRule
from landfall_jobs.transforms.faults import Fault, enter


def check_existence(rows: DataFrame, rules: Sequence[ExistsRule], references: Mapping[str, DataFrame]) -> DataFrame:
    """Enter the rules that good rows break; a row that lacks one of the values breaks none.

    A rule whose reference is not among `references`, since nothing of it is published yet, judges no row.
    """
    names = rows.columns
    faults = []
    for number, rule in enumerate(rules):
        if rule.dataset in references:
            rows = _joined(rows, rule, references[rule.dataset], number)
            there = [F.col(here).isNotNull() for here, _ in rule.on]
            faults.append(Fault(rule.name, rule.outcome, _all(there) & F.col(_found(number)).isNull()))
    return enter(rows, faults).select(*names) if faults else rows


def _joined(rows: DataFrame, rule: ExistsRule, reference: DataFrame, number: int) -> DataFrame:
    there = reference.select(*(F.col(name).alias(_key(number, i)) for i, (_, name) in enumerate(rule.on)))
    known = there.dropna().distinct().withColumn(_found(number), F.lit(True))
    same = [F.col(here) == F.col(_key(number, i)) for i, (here, _) in enumerate(rule.on)]
    return rows.join(known, on=_all(same), how="left")


def _all(conditions: Sequence[Column]) -> Column:
    return reduce(lambda a, b: a & b, conditions)


def _key(number: int, i: int) -> str:
    return f"__exists_{number}_{i}"


def _found(number: int) -> str:
    return f"__exists_{number}"
