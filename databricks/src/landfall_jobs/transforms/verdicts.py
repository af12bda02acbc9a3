"""Which of the checked rows go on: one a key, the latest, unless silver knows it already."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from landfall_jobs import lineage
from landfall_jobs.contract import Contract

LOADED, QUARANTINED, DUPLICATE, SUPERSEDED = "loaded", "quarantined", "duplicate", "superseded"
_RANK, _WINNER, _KNOWN_HASH, _KNOWN_SEQUENCER = "__rank", "__winner", "__known_hash", "__known_sequencer"


def judge_rows(checked: DataFrame, known: DataFrame | None, contract: Contract) -> DataFrame:
    """Add the verdict.

    Rows of one key within the batch: the highest (sequencer, file, line) wins; the others are duplicates when their
    content equals the winner's, else superseded. `known` holds silver's rows of other files: the same content there
    makes the winner a duplicate, other content is decided by the sequencer.
    """
    bad = F.col(lineage.BROKEN).isNotNull()
    alone = F.when(bad, F.xxhash64(lineage.FILE, lineage.LINE))
    latest_first = [F.desc(lineage.SEQUENCER), F.desc(lineage.FILE), F.desc(lineage.LINE)]
    of_key = Window.partitionBy(alone, *contract.key).orderBy(*latest_first)
    ranked = checked.withColumns({_RANK: F.row_number().over(of_key), _WINNER: F.first(lineage.ROW_HASH).over(of_key)})
    in_batch = (
        F.when(bad, QUARANTINED)
        .when(F.col(_RANK) == 1, LOADED)
        .when(F.col(lineage.ROW_HASH) == F.col(_WINNER), DUPLICATE)
        .otherwise(SUPERSEDED)
    )
    judged = ranked.withColumn(lineage.VERDICT, in_batch)
    if known is not None:
        judged = _against_known(judged, known, contract)
    return judged.select(*checked.columns, lineage.VERDICT)


def _against_known(judged: DataFrame, known: DataFrame, contract: Contract) -> DataFrame:
    aliased = known.select(
        *(F.col(name).alias(f"__known_{name}") for name in contract.key),
        F.col(lineage.ROW_HASH).alias(_KNOWN_HASH),
        F.col(lineage.SEQUENCER).alias(_KNOWN_SEQUENCER),
    )
    joined = judged.join(aliased, on=_same_key(contract), how="left")
    wins = F.col(lineage.VERDICT) == LOADED
    return joined.withColumn(
        lineage.VERDICT,
        F.when(wins & (F.col(lineage.ROW_HASH) == F.col(_KNOWN_HASH)), DUPLICATE)
        .when(wins & (F.col(lineage.SEQUENCER) < F.col(_KNOWN_SEQUENCER)), SUPERSEDED)
        .otherwise(F.col(lineage.VERDICT)),
    )


def _same_key(contract: Contract) -> Column:
    condition = F.lit(True)
    for name in contract.key:
        here, there = F.col(name), F.col(f"__known_{name}")
        same = here.eqNullSafe(there) if contract.column(name).nullable else here == there
        condition = same if name == contract.key[0] else condition & same
    return condition
