"""Which of the checked rows go on: one a key, the latest, unless silver knows it already."""

from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from landfall_jobs import lineage
from landfall_jobs.contract import Contract

LOADED, QUARANTINED, DUPLICATE, SUPERSEDED = "loaded", "quarantined", "duplicate", "superseded"

_KEY_HASH, _LANDED, _IN_BATCH, _AGAINST_SILVER = "__key_hash", "__landed", "__in_batch", "__against_silver"


def judge_rows(checked: DataFrame, known: DataFrame | None, contract: Contract) -> DataFrame:
    """Add the verdict. Rows without a key are compared with none.

    Rows of one key within the batch: the last by (landed at, file, line) wins; the others are duplicates when their
    content equals the winner's, else superseded. `known` holds silver's rows of other files: the same content there
    makes the winner a duplicate, other content is decided by (landed at, file).

    `checked` is read several times, so it had better be stored. Only the few rows whose key is not alone are sorted:
    a window over all of them, wide as they are, takes eight times as long.
    """
    if not contract.key:
        verdict = F.when(F.col(lineage.BROKEN).isNotNull(), QUARANTINED).otherwise(LOADED)
        return checked.select(*checked.columns, verdict.alias(lineage.VERDICT))
    keyed = checked.where(F.col(lineage.BROKEN).isNull()).select(
        *contract.key,
        *lineage.place(contract),
        _landed().alias(_LANDED),
        lineage.ROW_HASH,
        F.xxhash64(*contract.key).alias(_KEY_HASH),
    )
    judged = _at_place(checked, _losers(keyed, contract), contract)
    verdicts = [F.when(F.col(lineage.BROKEN).isNotNull(), QUARANTINED), F.col(_IN_BATCH)]
    if known is not None:
        judged = _at_place(judged, _beaten(keyed, known, contract), contract)
        verdicts.append(F.col(_AGAINST_SILVER))
    verdict = F.coalesce(*verdicts, F.lit(LOADED)).alias(lineage.VERDICT)
    return judged.select(*checked.columns, verdict)


def _losers(keyed: DataFrame, contract: Contract) -> DataFrame:
    """Give the place and verdict of every row that loses to another one of the batch."""
    contested = keyed.groupBy(_KEY_HASH).agg(F.count(F.lit(1)).alias("rows")).where("rows > 1").select(_KEY_HASH)
    place = lineage.place(contract)
    latest_first = [F.desc(_LANDED), *(F.desc(name) for name in place)]
    of_key = Window.partitionBy(*contract.key).orderBy(*latest_first)
    ranked = keyed.join(contested, on=_KEY_HASH, how="left_semi").select(
        *place,
        lineage.ROW_HASH,
        F.row_number().over(of_key).alias("rank"),
        F.first(lineage.ROW_HASH).over(of_key).alias("winner"),
    )
    same = F.col(lineage.ROW_HASH) == F.col("winner")
    return ranked.where("rank > 1").select(*place, F.when(same, DUPLICATE).otherwise(SUPERSEDED).alias(_IN_BATCH))


def _beaten(keyed: DataFrame, known: DataFrame, contract: Contract) -> DataFrame:
    """Give the place and verdict of every row that silver holds already, or holds in a later version."""
    there = known.select(
        *(F.col(name).alias(f"__known_{name}") for name in contract.key),
        F.col(lineage.ROW_HASH).alias("__known_hash"),
        _landed().alias("__known_landed"),
        F.col(lineage.FILE).alias("__known_file"),
    )
    matched = keyed.join(there, on=_same_key(contract), how="inner")
    landed, known_landed = F.col(_LANDED), F.col("__known_landed")
    at_once = (landed == known_landed) & (F.col(lineage.FILE) < F.col("__known_file"))
    same = F.col(lineage.ROW_HASH) == F.col("__known_hash")
    verdict = F.when(same, DUPLICATE).when((landed < known_landed) | at_once, SUPERSEDED)
    return matched.select(*lineage.place(contract), verdict.alias(_AGAINST_SILVER)).where(
        F.col(_AGAINST_SILVER).isNotNull()
    )


def _landed() -> Column:
    """When the file landed, as an instant: texts of other precision or offset do not sort."""
    return F.col(lineage.LANDED_AT).try_cast("timestamp")


def _at_place(rows: DataFrame, found: DataFrame, contract: Contract) -> DataFrame:
    return rows.join(found, on=lineage.place(contract), how="left")


def _same_key(contract: Contract) -> Column:
    def same(name: str) -> Column:
        here, there = F.col(name), F.col(f"__known_{name}")
        return here.eqNullSafe(there) if contract.column(name).nullable else here == there

    return reduce(lambda a, b: a & b, (same(name) for name in contract.key))
