"""Which rows win now that others are gone, of silver's and those that are in reserve."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from landfall_jobs import lineage
from landfall_jobs.contract import Contract
from landfall_jobs.transforms.verdicts import THERE, event_time, landed_at


def leaders(silver: DataFrame, lost: DataFrame, checked: DataFrame, contract: Contract) -> DataFrame:
    """Give the row of each key that wins so far: silver's, or its equal in reserve which landed later.

    Of equal rows silver holds the first that came; what a later one of them beats has lost all the same. Rows in
    reserve may have no counterpart in silver any more: it was of a file that is being replaced. Only keys of `checked`
    matter.
    """
    silver, lost = silver.withColumn(THERE, F.lit(True)), lost.withColumn(THERE, F.lit(False))
    columns = [THERE, *contract.key, lineage.ROW_HASH, lineage.LANDED_AT, lineage.FILE, lineage.LINE, *_time(contract)]
    key = list(contract.key)
    asked = lost.join(checked.select(*key).distinct(), on=key, how="left_semi").select(*columns)
    contested = asked.select(*key).distinct()
    both = silver.join(contested, on=key, how="left_semi").select(*columns).unionByName(asked)
    of_key = Window.partitionBy(*key)
    ranked = both.select(
        *(name for name in columns if name != THERE),
        F.max(F.when(F.col(THERE), F.col(lineage.ROW_HASH)))
        .over(of_key)
        .eqNullSafe(F.col(lineage.ROW_HASH))
        .alias(THERE),
        F.row_number().over(of_key.orderBy(*_latest_first(contract))).alias("__rank"),
    )
    leading = ranked.where("__rank = 1").select(*columns)
    alone = silver.join(contested, on=key, how="left_anti").select(*columns)
    return alone.unionByName(leading)


def returning(silver: DataFrame, lost: DataFrame, free: DataFrame, contract: Contract) -> DataFrame:
    """Give the rows in reserve whose keys are `free`, and which of them `returns` to silver.

    It is the latest of its key, unless silver has one of the same content.
    """
    key = list(contract.key)
    of_key = Window.partitionBy(*key)
    both = (
        silver.withColumn("__there", F.lit(True))
        .unionByName(lost.withColumn("__there", F.lit(False)))
        .join(free, on=key, how="left_semi")
    )
    ranked = both.select(
        *both.columns,
        F.row_number()
        .over(of_key.orderBy(*_latest_first(contract), F.col(lineage.ITEM).desc_nulls_first()))
        .alias("__rank"),
        F.max(F.when(F.col("__there"), F.col(lineage.ROW_HASH))).over(of_key).alias("__of_silver"),
    )
    returns = (F.col("__rank") == 1) & ~F.coalesce(F.col("__of_silver") == F.col(lineage.ROW_HASH), F.lit(False))
    return ranked.where(~F.col("__there")).select(*lost.columns, returns.alias("returns"))


def _latest_first(contract: Contract) -> list[Column]:
    return [event_time(contract).desc(), landed_at().desc(), F.desc(lineage.FILE), F.desc(lineage.LINE)]


def _time(contract: Contract) -> list[str]:
    return [contract.event_time] if contract.event_time is not None and contract.event_time not in contract.key else []
