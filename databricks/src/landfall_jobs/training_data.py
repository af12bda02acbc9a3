"""The rows that a model is trained on and judged by."""

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from landfall_jobs import lineage, tables
from landfall_jobs.context import Context, Published
from landfall_jobs.contract import ModelSpec
from landfall_jobs.references import read_references
from landfall_jobs.transforms.combine import combine
from landfall_jobs.transforms.features import KEY_PREFIX, training_rows


def rows_with_batch(spark: SparkSession, context: Context, spec: ModelSpec) -> tuple[pa.Table, list[str]]:
    """Give silver's rows and the batch's, which are not there yet; and the references that are missing."""
    if not context.files:
        return published_rows(spark, context, spec)
    types = context.contract.types
    rows = spark.read.parquet(context.cleansed()).select(*types)
    if tables.exists(context.silver()):
        of_batch = F.col(lineage.FILE).isin(context.paths)
        known = tables.with_columns(tables.read(spark, context.silver()), types)
        rows = known.where(~of_batch).select(*types).unionByName(rows)
    return _combined(spark, context, spec, rows)


def published_rows(spark: SparkSession, context: Context, spec: ModelSpec) -> tuple[pa.Table, list[str]]:
    """Give silver's rows as they are published, and the references that are missing."""
    types = context.contract.types
    silver = tables.with_columns(tables.read(spark, context.silver(), published_version(context)), types)
    return _combined(spark, context, spec, silver.select(*types))


def published_version(context: Context) -> int | None:
    """Give silver's published version, or its newest where the context does not say; None when there is none."""
    return _version(context.published_silver, context.silver())


def data_versions(context: Context) -> str:
    """Say which versions of which tables the rows come from."""
    versions = {context.dataset: published_version(context)}
    for name in sorted({combination.dataset for combination in context.contract.combine}):
        reference = context.references.get(name)
        versions[name] = _version(reference.published, reference.silver) if reference else None
    return " ".join(f"{name}@{'none' if version is None else version}" for name, version in versions.items())


def _version(published: Published | None, uri: str) -> int | None:
    return published.version if published is not None else tables.version(uri)


def _combined(spark: SparkSession, context: Context, spec: ModelSpec, rows: DataFrame) -> tuple[pa.Table, list[str]]:
    references, missing = read_references(spark, context)
    combined = combine(rows, context.contract.combine, references)
    key = context.contract.key or (lineage.FILE, lineage.LINE)
    table = training_rows(combined, spec.features, spec.target, spec.train_where, spec.split_by, key).toArrow()
    # Neither engine promises an order; with this one the same rows give the same model.
    order = [(name, "ascending") for name in ["__split", *(f"{KEY_PREFIX}{name}" for name in key)]]
    return table.sort_by(order), missing
