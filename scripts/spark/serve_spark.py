"""Apache Spark with Delta behind Spark Connect, as clients of Databricks meet it, on one machine.

Usage: serve_spark.py FOLDER. Prints where it listens once it does, and ends when told to. FOLDER is for its files.
"""

import signal
import socket
import sys
from pathlib import Path

from pyspark.sql import SparkSession

DELTA = "io.delta:delta-spark_4.2_2.13:4.4.0"
# Spark has all of these already, and would only look for other versions of them.
COMES_WITH_SPARK = [
    *("org.apache.*:*", "org.slf4j:*", "org.scala-lang:*", "org.xerial.snappy:*", "org.antlr:*", "org.roaringbitmap:*"),
    *("org.locationtech.*:*", "com.fasterxml.*:*", "com.github.luben:*", "com.google.*:*"),
    *("commons-*:*", "io.airlift:*", "javax.*:*"),
]
SETTINGS = {
    "spark.jars.packages": DELTA,
    "spark.jars.excludes": ",".join(COMES_WITH_SPARK),
    "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "2g",
}
# Tests have few rows and ask for something else each time, so what takes the time is to make ready: nine tenths went into
# plans, classes that were made for one of them, and the compilation of all that. These change how a plan is run, and not
# what it gives; what the two sides of each are is Spark's own test.
FOR_FEW_ROWS = {
    "spark.sql.shuffle.partitions": "2",
    "spark.databricks.delta.snapshotPartitions": "1",
    # No Java is written and compiled for a plan that is run once over ten rows.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    # No plan is made again after each of its stages.
    "spark.sql.adaptive.enabled": "false",
}
# The second compiler and the collector that runs beside the program took a third of two cores. Spark and Delta load 33,000
# classes. In another time zone Delta checks each commit by reading the table's whole log.
JAVA = [
    *("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:MetaspaceSize=512m", "-XX:ReservedCodeCacheSize=512m"),
    "-Duser.timezone=UTC",
]


def main() -> None:
    """Entry point."""
    folder = Path(sys.argv[1])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    builder = SparkSession.builder.master("local[2]").appName("landfall")
    own = {
        "spark.jars.ivy": str(folder / "jars"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.connect.grpc.binding.port": str(port),
        "spark.driver.extraJavaOptions": " ".join(JAVA),
    }
    for name, value in {**SETTINGS, **FOR_FEW_ROWS, **own}.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    # A table in the format of Delta: without its jars this fails here, with the reason.
    spark.range(1).write.format("delta").mode("overwrite").save(str(folder / "warm-up"))
    print(f"listening on sc://127.0.0.1:{port}", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    spark.stop()


if __name__ == "__main__":
    main()
