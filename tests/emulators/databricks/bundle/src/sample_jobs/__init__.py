"""Job code that the emulator's tests run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from pyspark.sql import SparkSession


def count() -> None:
    """Count on the ambient session, through Python code on the workers' side."""
    spark = SparkSession.builder.appName("count").getOrCreate()

    def same(batches):
        yield from batches

    print(
        "counted", spark.range(1000).mapInArrow(same, "id long").count(), spark.conf.get("spark.sql.session.timeZone")
    )


def fail() -> None:
    """Fail with an exception."""
    raise ValueError("the boat is leaking")


def leave() -> None:
    """Leave with the exit code of the first argument."""
    sys.exit(int(sys.argv[1]))


def crash() -> None:
    """Die without a word."""
    os.kill(os.getpid(), signal.SIGKILL)


def take_down_the_workers() -> None:
    """Kill the process that all workers come from."""
    note("x")
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(30)


def note(text: str | None = None) -> None:
    """Append a line to the file of the first argument."""
    with Path(sys.argv[1]).open("a") as file:
        file.write((text or sys.argv[2]) + "\n")


def nap() -> None:
    """Note the start, sleep, note the end."""
    note("start")
    time.sleep(float(sys.argv[2]))
    note("end")


def flaky() -> None:
    """Fail until the file of the first argument has as many lines as the second argument says."""
    note("try")
    if len(Path(sys.argv[1]).read_text().splitlines()) < int(sys.argv[2]):
        raise RuntimeError("not yet")


def tick() -> None:
    """Append to a file for a minute, here and in a process of its own; ignore polite requests to stop."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    loop = "import sys,time\nfor _ in range(1200):\n open(sys.argv[1],'a').write('y\\n'); time.sleep(0.05)"
    subprocess.Popen([sys.executable, "-c", loop, sys.argv[1] + ".sub"])
    for _ in range(1200):
        note("x")
        time.sleep(0.05)


def tick_once_interrupted() -> None:
    """The first attempt ticks until it is killed, a later one ends at once."""
    attempt = int(sys.argv[2])
    print("attempt", attempt)
    if attempt == 0:
        tick()


def merge() -> None:
    """Write, merge and read a Delta table: 0..9, of which 5..9 become 105..109, and 10..14 are new."""
    from pyspark.sql import functions as F

    table = sys.argv[1]
    spark = SparkSession.builder.getOrCreate()
    columns = ["id", "cast(id as double) value"]
    spark.range(10).selectExpr(*columns).write.format("delta").save(table)
    spark.range(5, 15).selectExpr("id", "cast(id + 100 as double) value").write.parquet(table + "-source")
    spark.read.parquet(table + "-source").createOrReplaceTempView("source")
    spark.sql(f"""
        MERGE INTO delta.`{table}` AS target USING source ON target.id = source.id
        WHEN MATCHED THEN UPDATE SET value = source.value
        WHEN NOT MATCHED THEN INSERT *
    """)
    row = spark.read.format("delta").load(table).agg(F.count("id").alias("n"), F.sum("value").alias("s")).collect()[0]
    print("rows", row.n, "sum", int(row.s))
