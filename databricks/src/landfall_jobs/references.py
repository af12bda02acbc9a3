"""Silver tables of the reference datasets."""

from pyspark.sql import DataFrame, SparkSession

from landfall_jobs import tables
from landfall_jobs.context import Context


def read_references(spark: SparkSession, context: Context) -> tuple[dict[str, DataFrame], list[str]]:
    """Give the references that have a table, by name, and the names of those that have none yet."""
    wanted = list(dict.fromkeys(combination.dataset for combination in context.contract.combine))
    found = {
        name: tables.read(spark, context.references[name])
        for name in wanted
        if name in context.references and tables.exists(context.references[name])
    }
    return found, [name for name in wanted if name not in found]


def missing_warnings(missing: list[str]) -> list[dict[str, object]]:
    """Say which references are not there yet."""
    return [
        {"rule": "reference-missing", "message": f"{name} has no table yet: its columns are null until it lands"}
        for name in missing
    ]
