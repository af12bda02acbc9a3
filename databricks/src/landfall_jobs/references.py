"""Silver tables of the reference datasets."""

from pyspark.sql import DataFrame, SparkSession

from landfall_jobs import tables
from landfall_jobs.context import Context, Reference
from landfall_jobs.contract import SPARK_TYPES
from landfall_jobs.errors import JobError
from landfall_jobs.transforms.timeline import VALIDITY, as_told


def read_references(spark: SparkSession, context: Context) -> tuple[dict[str, DataFrame], list[str]]:
    """Give the references that are joined, as of their published versions; and which have none: they are empty."""
    return _read_all(spark, context, [combination.dataset for combination in context.contract.combine])


def read_existing(spark: SparkSession, context: Context) -> tuple[dict[str, DataFrame], list[str]]:
    """Give the references in which values must exist, as of their published versions; and which have none."""
    frames, missing = _read_all(spark, context, [rule.dataset for rule in context.contract.exists_rules])
    return {name: frame for name, frame in frames.items() if name not in missing}, missing


def _read_all(spark: SparkSession, context: Context, names: list[str]) -> tuple[dict[str, DataFrame], list[str]]:
    wanted = list(dict.fromkeys(names))
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
    rows = tables.read(spark, reference.silver, reference.published.version if reference.published else None)
    return as_told(rows) if reference.keeps_history else rows


def _empty(spark: SparkSession, reference: Reference) -> DataFrame:
    columns = [*reference.columns, *(VALIDITY if reference.keeps_history else {}).items()]
    return spark.createDataFrame([], ", ".join(f"`{name}` {SPARK_TYPES[kind]}" for name, kind in columns))


def missing_warnings(missing: list[str], consequence: str = "its columns are null") -> list[dict[str, object]]:
    """Say which references are not there yet, and what comes of that."""
    return [
        {"rule": "reference-missing", "message": f"{name} has no published rows yet: {consequence}"} for name in missing
    ]
