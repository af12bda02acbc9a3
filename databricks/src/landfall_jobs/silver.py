"""The commit of a batch to the silver table: safe to repeat after a kill at any point."""

from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from landfall_jobs import lineage, reserve, storage, tables
from landfall_jobs.compaction import compact_when_due
from landfall_jobs.context import Context
from landfall_jobs.errors import JobError
from landfall_jobs.table_schema import conform
from landfall_jobs.transforms.timeline import is_told


@dataclass(frozen=True)
class Overlap:
    """What silver holds that the batch touches."""

    committed: int
    by_key: int
    replaced_files: tuple[str, ...]


def restore(spark: SparkSession, context: Context) -> int | None:
    """Put silver back to its published version, in one commit; give the version that was put aside, or None.

    Batches of a dataset never overlap, so rows of a version above the published one are what a failed batch left. The
    reserve goes back with it.
    """
    reserve.restore(spark, context)
    if context.published_silver is None:
        return None
    uri, published = context.silver(), context.published_silver.version
    found = tables.version(uri)
    if found == published:
        return None
    if found is None or (published is not None and published > found):
        raise JobError(
            f"Version {published} of {uri} is published, yet the table {'is gone' if found is None else 'ends before'}."
            " Restore the lake, or land the dataset's files again from nothing (reset its publication too)."
        )
    return found if tables.put_back(spark, uri, published) else None


def check_identity(spark: SparkSession, context: Context) -> None:
    """Raise JobError where silver has the versions of keys of which the contract, as it is now, wants one row each."""
    if context.contract.keeps_history or not tables.exists(context.silver()):
        return
    if is_told(tables.read(spark, context.silver())):
        raise JobError(
            f"{context.dataset} has kept history so far (on_later_version: history): its table has several rows for a "
            "key. Give it its history back, or make it a dataset of another name and land the files there."
        )


def commit(spark: SparkSession, context: Context, staged: DataFrame, rows: int) -> tuple[str, ...]:
    """Make silver hold the staged rows in place of those with the same key and of the files' earlier versions.

    Gives the paths of which earlier rows were replaced. A delete and an append are two commits; when a run is killed
    between them the next attempt finds the rows gone and appends, and after both it finds its rows and does nothing.
    What those rows take the place of goes to the reserve, before it leaves silver.
    """
    uri = context.silver()
    before = tables.version(uri)
    if before is None:
        reserve.commit(spark, context, staged, beaten=False)
        tables.append(staged, uri)
        reserve.keep(context)
        return ()
    reserve_before = tables.version(context.reserve()) if context.contract.key else None
    overlap = _overlap(spark, context, staged)
    replaced = _remember(context, overlap.replaced_files)
    changed = reserve.commit(spark, context, staged, beaten=overlap.by_key > 0)
    _put(spark, context, staged, rows, overlap)
    if changed and rows == 0 and context.publishes and tables.version(uri) == before:
        # A version for the reserve to belong to.
        tables.append_nothing(spark, conform(spark, uri, staged), uri, context.batch)
    compact_when_due(spark, uri, before)
    if reserve_before is not None:
        compact_when_due(spark, context.reserve(), reserve_before)
    reserve.keep(context)
    return replaced


def _put(spark: SparkSession, context: Context, staged: DataFrame, rows: int, overlap: Overlap) -> None:
    uri = context.silver()
    if overlap.by_key or overlap.replaced_files:
        _delete(spark, context, staged, overlap)
    if overlap.committed == rows:
        return
    if overlap.committed:
        raise JobError(
            f"{uri} holds {overlap.committed} rows of batch {context.batch}, which has {rows}: an append is all or "
            "nothing, so another run has written this batch. Let one run at a time write a dataset."
        )
    tables.append(conform(spark, uri, staged), uri)


def _remember(context: Context, found: tuple[str, ...]) -> tuple[str, ...]:
    """Give the files found and those that an attempt killed after its delete had found: silver no longer tells."""
    note = storage.join(context.lake, "staging", context.dataset, context.batch, "replaced-files.json")
    earlier = storage.read_json(note)
    together = tuple(sorted({*found, *(earlier if isinstance(earlier, list) else ())}))
    if found:
        storage.write_json(note, list(together))
    return together


def _overlap(spark: SparkSession, context: Context, staged: DataFrame) -> Overlap:
    key = list(context.contract.key)
    silver = tables.read(spark, context.silver())
    mine = F.expr(lineage.publisher(silver.columns)) == context.batch
    of_files = F.col(lineage.FILE).isin(context.paths)
    found = silver.select(*key, mine.alias("mine"), lineage.FILE)
    mine = F.col("mine")
    by_key = 0
    if key:
        known = found.where(~mine & ~of_files).join(staged.select(*key), on=key, how="left_semi")
        by_key = known.agg(F.count(F.lit(1)).alias("rows")).collect()[0]["rows"]
    by_file = found.where(mine | of_files).groupBy(mine, lineage.FILE).count()
    counts = by_file.collect()
    return Overlap(
        committed=sum(row["count"] for row in counts if row["mine"]),
        by_key=by_key,
        replaced_files=tuple(sorted(row[lineage.FILE] for row in counts if not row["mine"])),
    )


def _delete(spark: SparkSession, context: Context, staged: DataFrame, overlap: Overlap) -> None:
    uri = context.silver()
    columns = tables.read(spark, uri).columns
    this = tables.text(context.batch)
    not_mine = f"{lineage.publisher(columns, 'target.')} <> {this}"
    if overlap.replaced_files:
        tables.delete_values(spark, uri, lineage.FILE, overlap.replaced_files, not_mine)
    if overlap.by_key:
        keys = staged.select(*context.contract.key).distinct() if context.contract.keeps_history else staged
        tables.delete_matching(spark, uri, keys, context.contract.key, not_mine)
