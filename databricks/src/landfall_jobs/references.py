"""Silver tables of the reference datasets."""

from pyspark.sql import DataFrame, SparkSession

from landfall_jobs import tables
from landfall_jobs.context import Context, Reference
from landfall_jobs.contract import SPARK_TYPES
from landfall_jobs.errors import JobError


def read_references(spark: SparkSession, context: Context) -> tuple[dict[str, DataFrame], list[str]]:
    """Give the references by name, and the names of those that have no table yet: they are empty, with their types."""
    wanted = list(dict.fromkeys(combination.dataset for combination in context.contract.combine))
    unknown = [name for name in wanted if name not in context.references]
    if unknown:
        raise JobError(f"The context does not say where the references {', '.join(unknown)} are.")
    missing = [name for name in wanted if not tables.exists(context.references[name].silver)]
    frames = {
        name: _empty(spark, context.references[name]) if name in missing else tables.read(spark, reference.silver)
        for name, reference in context.references.items()
        if name in wanted
    }
    return frames, missing


def _empty(spark: SparkSession, reference: Reference) -> DataFrame:
    return spark.createDataFrame([], ", ".join(f"`{name}` {SPARK_TYPES[kind]}" for name, kind in reference.columns))


def missing_warnings(missing: list[str]) -> list[dict[str, object]]:
    """Say which references are not there yet."""
    return [
        {"rule": "reference-missing", "message": f"{name} has no table yet: its columns are null until it lands"}
        for name in missing
    ]
