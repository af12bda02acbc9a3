"""Small files of a Delta table made into large ones: each batch brings some, and a reader opens all of them."""

from typing import TYPE_CHECKING

from pyspark.sql import SparkSession

from landfall_jobs import delta_rs, tables
from landfall_jobs.session import is_on_databricks

if TYPE_CHECKING:
    from deltalake import DeltaTable

_COMMITS = 50
"""As many as Delta's auto compaction waits for. One cannot count on that: serverless compute lets no job turn it on."""
_COMMITS_ELSEWHERE = 5
_TARGET_BYTES = 32 * 1024 * 1024
"""Sail leaves a file of this size as it is, so that what a compaction costs does not grow with the table."""


def compact_when_due(spark: SparkSession, uri: str, before: int) -> None:
    """Compact a table whenever some commits have come together, in a commit that changes no row; `before` is a version.

    Called once after the commits that came since that version.
    """
    every = _COMMITS if is_on_databricks() else _COMMITS_ELSEWHERE
    now = tables.version(uri)
    if now is None or now // every == before // every:
        return
    optimize = f"OPTIMIZE delta.`{uri}`"
    delta_rs.sql_or_library(spark, optimize, lacking="found OPTIMIZE", uri=uri, library=_compact)


def _compact(table: "DeltaTable") -> None:
    """Compact, and write a checkpoint: Sail reads every commit since the last one whenever a table is named."""
    table.optimize.compact(target_size=_TARGET_BYTES)
    table.create_checkpoint()
