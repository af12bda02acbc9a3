"""The Spark session of a run."""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_servers: list[Any] = []
"""Sail stops with the last reference to its server."""


def get_session() -> "SparkSession":
    """Give the ambient session (Databricks, or SPARK_REMOTE), else one on a Sail server inside this process."""
    if "SPARK_REMOTE" not in os.environ and not is_on_databricks():
        _start_sail()
    from pyspark.sql import SparkSession

    return configure(SparkSession.builder.getOrCreate())


def is_on_databricks() -> bool:
    """Tell whether this runs on Databricks' compute."""
    return "DATABRICKS_RUNTIME_VERSION" in os.environ


def configure(spark: "SparkSession") -> "SparkSession":
    """Set what the jobs rely on: times are UTC, and a bad value gives null, never the end of the job."""
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.ansi.enabled", "false")
    return spark


def most_tasks() -> int | None:
    """Tell how many tasks of a stage should be made at most; None on a cluster, which runs as many as it can.

    Sail inside this process runs all of them at once, and each holds in memory what it reads and writes.
    """
    return 2 * (os.cpu_count() or 1) if _servers else None


def _start_sail() -> None:
    try:
        from pysail.spark import SparkConnectServer
    except ImportError as error:
        raise RuntimeError("No Spark here: set SPARK_REMOTE, or install landfall_jobs[local].") from error
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    _servers.append(server)
    os.environ["SPARK_REMOTE"] = f"sc://127.0.0.1:{server.listening_address[1]}"
