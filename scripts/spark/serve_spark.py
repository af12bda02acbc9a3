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
# The tests have few rows and ask for something else each time: to make ready takes the time, not the rows. Of the
# processor's time a third was the second compiler's, and a fifth went into Java that is written for a plan which runs
# once. These say how a plan is run, not what comes of it.
FOR_FEW_ROWS = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.databricks.delta.snapshotPartitions": "1",
    # Each test has tables of its own. Ten thousand would be remembered for an hour, a megabyte each.
    "spark.databricks.delta.delta.log.cacheSize": "30",
}
JAVA = [
    *("-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=512m", "-XX:MetaspaceSize=512m"),
    # Beside the program, on the same two cores, a collector only gets in its way.
    *("-XX:+UseSerialGC", "-Xms2g", "-Xmn768m"),
    # Elsewhere Delta reads the whole log of a table again after each commit, to see that its sums are right.
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
