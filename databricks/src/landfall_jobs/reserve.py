"""The reserve: good rows of the files that count which lost to others. They come back when those others go.

A Delta table beside silver, which together hold every good row of every file that counts. Which version of it belongs
to which version of silver stands in a note, so that both go back together when a batch fails.
"""

from collections.abc import Iterator

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from landfall_jobs import lineage, staging, storage, tables
from landfall_jobs.context import Context
from landfall_jobs.contract import Contract
from landfall_jobs.table_schema import conform
from landfall_jobs.transforms.verdicts import DUPLICATE, SUPERSEDED

RETURNING, STAYING = "returning", "staying"
"""Parquet folders of a batch: rows of keys that go to silver, and rows of the reserve whose keys are written anew."""

SINCE = "_since"
"""The batch that put the row into the reserve."""


def columns(contract: Contract) -> list[str]:
    """Give the columns of a row that may win or lose: the contract's, and where it came from."""
    origin = [lineage.FILE, lineage.LINE, lineage.ITEM, lineage.BATCH]
    return [*contract.names, *origin, lineage.LANDED_AT, lineage.ROW_HASH]


def shape(rows: DataFrame, contract: Contract) -> DataFrame:
    """Give rows these columns: what a row lacks, such as a column younger than itself, is null."""
    types = contract.types | {lineage.ITEM: "int", lineage.BATCH: "string"}
    return tables.with_columns(rows, types).select(*columns(contract))


def read(spark: SparkSession, context: Context) -> DataFrame | None:
    """Give the reserve as it is now, or None where there is none."""
    if not context.contract.key or not tables.exists(context.reserve()):
        return None
    return tables.read(spark, context.reserve())


def restore(spark: SparkSession, context: Context) -> None:
    """Put the reserve back to the version that belongs to the published version of silver."""
    uri = context.reserve()
    if context.published_silver is None or not context.contract.key or not tables.exists(uri):
        return
    published = _belonging(context, context.published_silver.version)
    if published != tables.version(uri):
        tables.put_back(spark, uri, published)


def commit(spark: SparkSession, context: Context, staged: DataFrame, beaten: bool) -> bool:
    """Take the batch's losers in, and with `beaten` the rows of silver whose keys are staged; tell if that changed it.

    Rows of the batch's files, and of keys that were settled anew, go first. A kill between any two commits is made
    good: until the append nothing has left silver, and after it there are rows of this batch.
    """
    if not context.contract.key:
        return False
    uri = context.reserve()
    if tables.exists(uri):
        of_batch = F.col(SINCE) == context.batch
        if tables.read(spark, uri).where(of_batch).limit(1).count():
            return True
        before = tables.version(uri)
        _remove(spark, context)
        changed = tables.version(uri) != before
    else:
        changed = False
    losers = list(_losers(spark, context, staged, beaten))
    if not losers:
        return changed
    incoming = losers[0]
    for more in losers[1:]:
        incoming = incoming.unionByName(more)
    stored = _stored(spark, context, incoming.withColumn(SINCE, F.lit(context.batch)))
    if stored is None:
        return changed
    tables.append(conform(spark, uri, stored) if tables.exists(uri) else stored, uri)
    return True


def keep(context: Context) -> None:
    """Note which version of the reserve belongs to silver as it is now, and to what is served where that stays so."""
    if not context.contract.key:
        return
    version = tables.version(context.reserve())
    if version is None:
        return
    silver = {tables.version(context.silver())}
    if not context.publishes and context.published_silver is not None:
        silver.add(context.published_silver.version)
    for number in silver:
        storage.write_json(_note(context, number), {"version": version})


def _belonging(context: Context, silver: int | None) -> int | None:
    """Give the version of the reserve that belongs to one of silver; None: there was none yet."""
    note = storage.read_json(_note(context, silver))
    return int(note["version"]) if isinstance(note, dict) else None


def _note(context: Context, silver: int | None) -> str:
    name = "none" if silver is None else f"{silver:020}"
    return storage.join(context.lake, "reserve-versions", context.dataset, f"{name}.json")


def _remove(spark: SparkSession, context: Context) -> None:
    uri = context.reserve()
    files = F.col(lineage.FILE).isin(context.paths)
    if context.paths and tables.read(spark, uri).where(files).limit(1).count():
        tables.delete_values(spark, uri, lineage.FILE, context.paths)
    if _is_there(context, RETURNING):
        keys = spark.read.parquet(context.staging(RETURNING)).select(*context.contract.key).distinct()
        if tables.read(spark, uri).join(keys, on=list(context.contract.key), how="left_semi").limit(1).count():
            tables.delete_matching(
                spark, uri, keys, context.contract.key, f"target.`{SINCE}` <> {tables.text(context.batch)}"
            )


def _losers(spark: SparkSession, context: Context, staged: DataFrame, beaten: bool) -> Iterator[DataFrame]:
    contract = context.contract
    if _is_there(context, STAYING):
        yield shape(spark.read.parquet(context.staging(STAYING)), contract)
    if contract.keeps_history:
        return
    for verdict in (DUPLICATE, SUPERSEDED):
        folder = storage.join("cleansed", f"{lineage.VERDICT}={verdict}")
        if _is_there(context, folder):
            yield shape(spark.read.parquet(context.staging(folder)), contract)
    if beaten:
        silver = tables.read(spark, context.silver())
        not_mine = F.expr(lineage.publisher(silver.columns)) != context.batch
        others = silver.where(not_mine & ~F.col(lineage.FILE).isin(context.paths))
        yield shape(others.join(staged.select(*contract.key), on=list(contract.key), how="left_semi"), contract)


def _stored(spark: SparkSession, context: Context, incoming: DataFrame) -> DataFrame | None:
    """Store the rows: what is read from the table that they leave must not be asked for again after they left it."""
    stored = staging.store(spark, incoming, context.staging("reserved"))
    return stored if stored.limit(1).count() else None


def _is_there(context: Context, name: str) -> bool:
    return staging.is_there(context.staging(name))
