"""Small files of a Delta table made into large ones: each batch brings some, and a reader opens all of them."""

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from landfall_jobs import delta_rs, tables
from landfall_jobs.session import is_on_databricks

_COMMITS = 50
"""As many as Delta's auto compaction waits for. One cannot count on that: serverless compute lets no job turn it on."""
_COMMITS_ELSEWHERE = 5
_TARGET_BYTES = 32 * 1024 * 1024
"""Sail leaves a file of this size as it is, so that what a compaction costs does not grow with the table."""


def compact_when_due(spark: SparkSession, uri: str, before: int | None) -> None:
    """Compact a table whenever some commits have come together, in a commit that changes no row; `before` is a version.

    Called once after the commits that came since that version.
    """
    every = _COMMITS if is_on_databricks() else _COMMITS_ELSEWHERE
    now = tables.version(uri)
    if before is None or now is None or now // every == before // every:
        return
    try:
        spark.sql(f"OPTIMIZE delta.`{uri}`")
    except PySparkException as error:
        if "found OPTIMIZE" not in str(error):
            raise
        # Sail has no such statement. It also reads every commit since the last checkpoint whenever a table is named.
        table = delta_rs.open_table(uri)
        table.optimize.compact(target_size=_TARGET_BYTES)
        table.create_checkpoint()
