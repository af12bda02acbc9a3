"""Which of the checked rows go on: one a key, the latest, unless silver knows it already."""

from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from landfall_jobs import lineage
from landfall_jobs.contract import Contract
from landfall_jobs.transforms.checks import key_hash

LOADED, QUARANTINED, DUPLICATE, SUPERSEDED = "loaded", "quarantined", "duplicate", "superseded"
CONTESTED = "contested"
"""Not a verdict yet: the key is not alone, so that the rows which have it must be compared."""

PART = "part"
THERE = "there"
_KEY_HASH, _CONTESTED, _EVENT, _LANDED = "__key_hash", "__contested", "__event", "__landed"
_IN_BATCH, _AGAINST_SILVER = "__in_batch", "__against_silver"


def key_hashes(rows: DataFrame, contract: Contract, parts: int) -> DataFrame:
    """Give the hash of each row's key, and in which of some parts it falls."""
    hashes = rows.select(key_hash(contract).alias(_KEY_HASH))
    return hashes.select(_KEY_HASH, F.pmod(_KEY_HASH, F.lit(parts)).cast("int").alias(PART))


def contested_keys(hashes: DataFrame, known: DataFrame | None) -> DataFrame:
    """Give the hashes of keys that several rows of a batch have, or one of them and one of silver (`known`).

    Rows are not judged here, so that only the key's own columns need be read: a key of bad rows may be among them.
    """
    times = hashes.groupBy(_KEY_HASH).agg(F.count(F.lit(1)).alias("rows"))
    repeated = times.where("rows > 1").select(_KEY_HASH)
    if known is None:
        return repeated
    there = known.select(_KEY_HASH).join(hashes.select(_KEY_HASH), on=_KEY_HASH, how="left_semi")
    return repeated.union(there).distinct()


def sort_out(checked: DataFrame, contested: DataFrame | None, contract: Contract) -> DataFrame:
    """Add the verdict of all rows but those that must be compared with others first, which are CONTESTED."""
    bad = F.col(lineage.BROKEN).isNotNull()
    if contested is None:
        return checked.select(*checked.columns, F.when(bad, QUARANTINED).otherwise(LOADED).alias(lineage.VERDICT))
    # Few keys are contested: each task gets them all, and no row moves.
    keys = F.broadcast(contested.select(F.col(_KEY_HASH).alias(_CONTESTED)))
    found = checked.join(keys, on=key_hash(contract) == F.col(_CONTESTED), how="left")
    verdict = F.when(bad, QUARANTINED).when(F.col(_CONTESTED).isNotNull(), CONTESTED).otherwise(LOADED)
    return found.select(*checked.columns, verdict.alias(lineage.VERDICT))


def judge_rows(contested: DataFrame, known: DataFrame | None, contract: Contract) -> DataFrame:
    """Add the verdict to good rows whose keys are contested.

    Rows of one key within the batch: the last by (event time, landed at, file, line) wins; the others are duplicates
    when their content equals the winner's, else superseded. Where the contract names no event time, or a row has none,
    the rest decides. `known` holds, for each key, the row of other files that wins so far, and whether silver has it or
    its equal (`there`): the same content there makes the batch's winner a duplicate, other content is decided by (event
    time, landed at, file). Where silver has it no more, of equal rows the first to come counts.

    `contested` is read several times, so it had better be stored.
    """
    keyed = contested.select(
        *contract.key,
        *lineage.place(contract),
        event_time(contract).alias(_EVENT),
        landed_at().alias(_LANDED),
        lineage.ROW_HASH,
    )
    judged = _at_place(contested, _losers(keyed, contract), contract)
    verdicts = [F.col(_IN_BATCH)]
    if known is not None:
        judged = _at_place(judged, _beaten(keyed, known, contract), contract)
        verdicts.append(F.col(_AGAINST_SILVER))
    verdict = F.coalesce(*verdicts, F.lit(LOADED)).alias(lineage.VERDICT)
    return judged.select(*contested.columns, verdict)


def _losers(keyed: DataFrame, contract: Contract) -> DataFrame:
    """Give the place and verdict of every row that loses to another one of the batch."""
    place = lineage.place(contract)
    latest_first = [F.desc(_EVENT), F.desc(_LANDED), *(F.desc(name) for name in place)]
    of_key = Window.partitionBy(*contract.key).orderBy(*latest_first)
    ranked = keyed.select(
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
        event_time(contract).alias("__known_event"),
        landed_at().alias("__known_landed"),
        F.col(lineage.FILE).alias("__known_file"),
        F.col(THERE).alias("__known_there"),
    )
    matched = keyed.join(there, on=_same_key(contract), how="inner")
    pairs = ((_EVENT, "__known_event"), (_LANDED, "__known_landed"), (lineage.FILE, "__known_file"))
    earlier = reduce(
        lambda rest, pair: (F.col(pair[0]) < F.col(pair[1])) | ((F.col(pair[0]) == F.col(pair[1])) & rest),
        reversed(pairs),
        F.lit(False),
    )
    same = F.col(lineage.ROW_HASH) == F.col("__known_hash")
    verdict = F.when(same & (F.col("__known_there") | ~earlier), DUPLICATE).when(~same & earlier, SUPERSEDED)
    return matched.select(*lineage.place(contract), verdict.alias(_AGAINST_SILVER)).where(
        F.col(_AGAINST_SILVER).isNotNull()
    )


def event_time(contract: Contract) -> Column:
    """When the row happened, as an instant; what has no time happened before all else."""
    never = F.lit("0001-01-01 00:00:00").cast("timestamp")
    return never if contract.event_time is None else F.coalesce(F.col(contract.event_time).cast("timestamp"), never)


def landed_at() -> Column:
    """When the file landed, as an instant: texts of other precision or offset do not sort."""
    return F.col(lineage.LANDED_AT).try_cast("timestamp")


def _at_place(rows: DataFrame, found: DataFrame, contract: Contract) -> DataFrame:
    return rows.join(found, on=lineage.place(contract), how="left")


def _same_key(contract: Contract) -> Column:
    def same(name: str) -> Column:
        here, there = F.col(name), F.col(f"__known_{name}")
        return here.eqNullSafe(there) if contract.column(name).nullable else here == there

    return reduce(lambda a, b: a & b, (same(name) for name in contract.key))
