"""The versions of each key in the order in which they were true: a slowly changing dimension of type 2 (Kimball)."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from landfall_jobs import lineage
from landfall_jobs.contract import Column as ContractColumn
from landfall_jobs.contract import Contract
from landfall_jobs.transforms.checks import content_hash
from landfall_jobs.transforms.verdicts import DUPLICATE, LOADED, SUPERSEDED, event_time, landed_at

VALID_FROM, VALID_TO, IS_CURRENT = "valid_from", "valid_to", "is_current"
VALIDITY = {VALID_FROM: "timestamp", VALID_TO: "timestamp", IS_CURRENT: "boolean"}
"""What a version has beside the contract's columns: it holds from `valid_from` until before `valid_to`."""
FOREVER = "9999-12-31 00:00:00"
"""The end of what has none yet: a time instead of null, so that a join by time needs no case for it."""
_EVER = "0001-01-01 00:00:00"

_EVENT, _CONTENT = "__event", "__content"


def validity(contract: Contract) -> list[str]:
    """Give the columns that silver has beside the contract's; none where no history is kept."""
    return list(VALIDITY) if contract.keeps_history else []


def is_told(rows: DataFrame) -> bool:
    """Tell whether rows of a table say from when until when they hold."""
    return IS_CURRENT in rows.columns


def as_told(rows: DataFrame) -> DataFrame:
    """Give the rows of a dataset with history, of which those from before it kept one are current and were ever true.

    A contract may say `history` since its last batch: its next one tells when each row holds.
    """
    if is_told(rows):
        return rows
    times = {name: F.lit(time).cast("timestamp") for name, time in ((VALID_FROM, _EVER), (VALID_TO, FOREVER))}
    return rows.withColumns({**times, IS_CURRENT: F.lit(True)})


def tell_versions(candidates: DataFrame, contract: Contract) -> DataFrame:
    """Give all rows of some keys with what each is in its key's history, and from when until when it holds.

    `candidates` has the contract's columns and the lineage; `_item` may be null. Of rows of one time the last to land
    counts (landed at, file, line, item); others are duplicates or superseded. Of the rest, in the order of their times,
    one that says what the one before it said is a duplicate: nothing changed. What is left are versions, `loaded`.
    """
    key = list(contract.key)
    told = candidates.select(
        *candidates.columns, _when(contract).alias(_EVENT), content_hash(_described(contract)).alias(_CONTENT)
    )
    at_once = Window.partitionBy(*key, _EVENT).orderBy(
        landed_at().desc(), F.desc(lineage.FILE), F.desc(lineage.LINE), F.col(lineage.ITEM).desc_nulls_first()
    )
    ranked = told.select(
        *told.columns,
        F.row_number().over(at_once).alias("__rank"),
        F.first(_CONTENT).over(at_once).alias("__last"),
    )
    in_time = Window.partitionBy(*key, "__counts").orderBy(_EVENT)
    compared = ranked.withColumn("__counts", F.col("__rank") == 1)
    compared = compared.select(*compared.columns, F.lag(_CONTENT).over(in_time).alias("__before"))
    same = F.when(F.col("__counts"), F.col(_CONTENT).eqNullSafe(F.col("__before"))).otherwise(
        F.col(_CONTENT) == F.col("__last")
    )
    verdict = F.when(same, DUPLICATE).when(F.col("__counts"), LOADED).otherwise(SUPERSEDED)
    judged = compared.withColumn(lineage.VERDICT, verdict)
    of_versions = Window.partitionBy(*key, lineage.VERDICT).orderBy(_EVENT)
    following = F.lead(_EVENT).over(of_versions)
    is_version = F.col(lineage.VERDICT) == LOADED
    return judged.select(
        *candidates.columns,
        lineage.VERDICT,
        F.col(_EVENT).alias(VALID_FROM),
        F.when(is_version, F.coalesce(following, F.lit(FOREVER).cast("timestamp"))).alias(VALID_TO),
        (is_version & following.isNull()).alias(IS_CURRENT),
    )


def _when(contract: Contract) -> Column:
    return landed_at() if contract.event_time is None else event_time(contract)


def _described(contract: Contract) -> list[ContractColumn]:
    """Give the columns that a version is about: not the key, which is the same, nor the time, which always differs."""
    apart = {*contract.key, contract.event_time}
    return [column for column in contract.landed if column.name not in apart]
