"""Silver tables of the reference datasets."""

from pyspark.sql import DataFrame, SparkSession

from landfall_jobs import tables
from landfall_jobs.context import Context, Reference
from landfall_jobs.contract import SPARK_TYPES
from landfall_jobs.errors import JobError
from landfall_jobs.transforms.timeline import VALIDITY


def read_references(spark: SparkSession, context: Context) -> tuple[dict[str, DataFrame], list[str]]:
    """Give the references as of their published versions, and the names of those that have none: they are empty."""
    wanted = list(dict.fromkeys(combination.dataset for combination in context.contract.combine))
    unknown = [name for name in wanted if name not in context.references]
    if unknown:
        raise JobError(f"The context does not say where the references {', '.join(unknown)} are.")
    missing = [name for name in wanted if _is_missing(context.references[name])]
    frames = {
        name: _empty(spark, reference) if name in missing else _read(spark, reference)
        for name, reference in context.references.items()
        if name in wanted
    }
    return frames, missing


def _is_missing(reference: Reference) -> bool:
    if reference.published is not None and reference.published.version is None:
        return True
    return not tables.exists(reference.silver)


def _read(spark: SparkSession, reference: Reference) -> DataFrame:
    return tables.read(spark, reference.silver, reference.published.version if reference.published else None)


def _empty(spark: SparkSession, reference: Reference) -> DataFrame:
    columns = [*reference.columns, *(VALIDITY if reference.keeps_history else {}).items()]
    return spark.createDataFrame([], ", ".join(f"`{name}` {SPARK_TYPES[kind]}" for name, kind in columns))


def missing_warnings(missing: list[str]) -> list[dict[str, object]]:
    """Say which references are not there yet."""
    return [
        {"rule": "reference-missing", "message": f"{name} has no published rows yet: its columns are null"}
        for name in missing
    ]
