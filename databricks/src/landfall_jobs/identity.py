"""Which rows of which keys silver is to hold after a batch, judged against silver and the reserve."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from landfall_jobs import lineage, reserve, staging, storage, tables
from landfall_jobs.context import Context
from landfall_jobs.transforms.returns import leaders, returning
from landfall_jobs.transforms.timeline import is_told, tell_versions, validity
from landfall_jobs.transforms.verdicts import LOADED, QUARANTINED, THERE

_NEW = "__new"


def known_keys(spark: SparkSession, context: Context) -> DataFrame | None:
    """Give the keys of rows of other files, in silver or in reserve, with their lines; None where there is nothing yet.

    Rows that the batch's files brought before do not count any more.
    """
    if not tables.exists(context.silver()):
        return None
    others, key = ~F.col(lineage.FILE).isin(context.paths), (*context.contract.key, lineage.LINE)
    silver, lost = tables.read(spark, context.silver()).where(others), reserve.read(spark, context)
    return silver.select(*key) if lost is None else silver.select(*key).unionByName(lost.where(others).select(*key))


def known(spark: SparkSession, context: Context, rows: DataFrame) -> DataFrame | None:
    """Give what the rows of a batch are judged against: the row of other files that wins so far, for each key."""
    if not tables.exists(context.silver()):
        return None
    others = ~F.col(lineage.FILE).isin(context.paths)
    silver, lost = tables.read(spark, context.silver()).where(others), reserve.read(spark, context)
    if lost is None:
        return silver.withColumn(THERE, F.lit(True))
    return leaders(silver, lost.where(others), rows, context.contract)


def stage_versions(spark: SparkSession, context: Context, checked: DataFrame) -> DataFrame:
    """Stage the rows of a dataset with history by verdict, and beside them the whole history of each of their keys."""
    rows = staging.store(spark, checked, context.staging("checked"))
    judged = _judge_versions(spark, context, rows)
    return staging.store(spark, judged, context.staging("cleansed"), partition_by=lineage.VERDICT)


def stage_returns(spark: SparkSession, context: Context, judged: DataFrame) -> int:
    """Store the rows of other files that go to silver once more, or again; give how many were in the reserve before.

    They lost to rows that the batch's files brought, and those rows are gone or have changed.
    """
    contract = context.contract
    if contract.keeps_history:
        return _stage_history(spark, context)
    for name in (reserve.RETURNING, reserve.STAYING):
        storage.delete_tree(context.staging(name))
    lost = reserve.read(spark, context)
    if lost is None or not tables.exists(context.silver()):
        return 0
    of_batch = F.col(lineage.FILE).isin(context.paths)
    silver = tables.read(spark, context.silver())
    gone = silver.where(of_batch).select(*contract.key).unionByName(lost.where(of_batch).select(*contract.key))
    if not gone.limit(1).count():
        return 0
    taken = judged.where(F.col(lineage.VERDICT) == LOADED).select(*contract.key)
    free = gone.distinct().join(taken, on=list(contract.key), how="left_anti")
    there, waiting = (reserve.shape(rows.where(~of_batch), contract) for rows in (silver, lost))
    told = staging.store(spark, returning(there, waiting, free, contract), context.staging("contested"))
    back = F.col("returns")
    rows = told.where(back).count()
    if rows:
        staging.store(spark, told.where(back).drop("returns"), context.staging(reserve.RETURNING))
        keys = told.where(back).select(*contract.key)
        staying = told.where(~back).join(keys, on=list(contract.key), how="left_semi")
        staging.store(spark, staying.drop("returns"), context.staging(reserve.STAYING))
    return rows


def rows_to_score(spark: SparkSession, context: Context) -> DataFrame:
    """Give the rows that silver takes from the batch: its own good ones, and those that come back."""
    contract = context.contract
    origin = lineage.origin(contract)
    columns = [*contract.names, *validity(contract), *origin, lineage.LANDED_AT, lineage.ROW_HASH]
    folder = context.staging(reserve.RETURNING)
    if contract.keeps_history:
        return spark.read.parquet(folder).select(*columns)
    cleansed = spark.read.parquet(context.cleansed())
    if not storage.list_files(folder):
        return cleansed
    back = spark.read.parquet(folder).select(*columns)
    return cleansed.select(*columns).unionByName(back)


def _judge_versions(spark: SparkSession, context: Context, checked: DataFrame) -> DataFrame:
    contract = context.contract
    key = list(contract.key)
    candidates = reserve.shape(checked.where(F.col(lineage.BROKEN).isNull()), contract).withColumn(_NEW, F.lit(True))
    old = _kept(spark, context)
    if old is not None:
        of_batch = F.col(lineage.FILE).isin(context.paths)
        kept = old.where(~of_batch)
        if is_told(tables.read(spark, context.silver())):  # Else no key has a history yet: all get theirs.
            touched = candidates.select(*key).unionByName(old.where(of_batch).select(*key)).distinct()
            kept = kept.join(touched, on=key, how="left_semi")
        candidates = candidates.unionByName(kept.withColumn(_NEW, F.lit(False)))
    told = staging.store(spark, tell_versions(candidates, contract), context.staging("timeline"))
    place = lineage.place(contract)
    verdicts = told.where(F.col(_NEW)).select(*place, F.col(lineage.VERDICT).alias("__told"))
    verdict = F.when(F.col(lineage.BROKEN).isNotNull(), QUARANTINED).otherwise(F.col("__told"))
    judged = checked.join(verdicts, on=place, how="left")
    return judged.select(*checked.columns, verdict.alias(lineage.VERDICT))


def _kept(spark: SparkSession, context: Context) -> DataFrame | None:
    """Give the rows of silver and of the reserve, or None where there is nothing yet."""
    if not tables.exists(context.silver()):
        return None
    silver, lost = tables.read(spark, context.silver()), reserve.read(spark, context)
    shaped = reserve.shape(silver, context.contract)
    return shaped if lost is None else shaped.unionByName(reserve.shape(lost, context.contract))


def _stage_history(spark: SparkSession, context: Context) -> int:
    """Store the whole history of each key that the batch touches: one row may change the bounds of its neighbours."""
    told = spark.read.parquet(context.staging("timeline"))
    is_version = F.col(lineage.VERDICT) == LOADED
    apart = (_NEW, lineage.VERDICT)
    staging.store(spark, told.where(is_version).drop(*apart), context.staging(reserve.RETURNING))
    losing = told.where(~is_version).drop(*apart, *validity(context.contract))
    staging.store(spark, losing, context.staging(reserve.STAYING))
    lost = reserve.read(spark, context)
    if lost is None:
        return 0
    place = [lineage.FILE, lineage.LINE, lineage.ROW_HASH]
    return told.where(is_version & ~F.col(_NEW)).join(lost, on=place, how="left_semi").count()
