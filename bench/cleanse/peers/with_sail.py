"""Cleanse with bare Sail, the engine of the job: one judged staging, a window over the contested keys."""

import os
from collections.abc import Iterable, Iterator
from functools import reduce

import numpy as np
import pyarrow as pa
from flights import COLUMNS, INT_FORM, INTEGERS, KEY, LENGTHS, NULLABLE, TIME_FORM, Task, as_books, main
from pyarrow import csv
from pysail.spark import SparkConnectServer

server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
os.environ["SPARK_REMOTE"] = f"sc://127.0.0.1:{server.listening_address[1]}"

from pyspark.sql import Column, DataFrame, SparkSession, Window  # noqa: E402
from pyspark.sql import functions as F  # noqa: E402

spark = SparkSession.builder.getOrCreate()
spark.conf.set("spark.sql.session.timeZone", "UTC")
spark.conf.set("spark.sql.ansi.enabled", "false")
spark.range(1).collect()

RULES = {
    "scheduled-time-exists": (
        "sched_dep_time BETWEEN 0 AND 2400 AND sched_dep_time % 100 < 60"
        " AND sched_arr_time BETWEEN 0 AND 2400 AND sched_arr_time % 100 < 60"
    ),
    "actual-time-exists": (
        "(dep_time IS NULL OR (dep_time BETWEEN 0 AND 2400 AND dep_time % 100 < 60))"
        " AND (arr_time IS NULL OR (arr_time BETWEEN 0 AND 2400 AND arr_time % 100 < 60))"
    ),
    "date-exists": "flight_date IS NOT NULL",
    "arrival-needs-departure": (
        "dep_time IS NOT NULL OR (arr_time IS NULL AND air_time IS NULL AND arr_delay IS NULL)"
    ),
    "distance-plausible": "distance BETWEEN 1 AND 10000",
    "speed-plausible": "air_time IS NULL OR (air_time > 0 AND distance / (air_time / 60.0) <= 770)",
    "delay-plausible": (
        "(dep_delay IS NULL OR dep_delay BETWEEN -180 AND 2880)"
        " AND (arr_delay IS NULL OR arr_delay BETWEEN -240 AND 2880)"
    ),
}


def read_files(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Reads files as text by Arrow and numbers their rows: Sail's reader cannot tell which came last."""
    for path in (path for batch in batches for path in batch.column(0).to_pylist()):
        row = 0
        convert = csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string()))
        for batch in csv.open_csv(path, csv.ReadOptions(block_size=8 << 20), convert_options=convert):
            rows = pa.array(np.arange(row, row + batch.num_rows))
            row += batch.num_rows
            file = pa.repeat(pa.scalar(path), batch.num_rows)
            yield pa.RecordBatch.from_arrays([*batch.columns, file, rows], [*COLUMNS, "file", "row"])


def landed(task: Task) -> DataFrame:
    """All rows as text; `row` numbers those of a file."""
    files = spark.createDataFrame(pa.table({"path": task.files})).repartition(len(task.files))
    schema = ", ".join([*(f"{name} string" for name in COLUMNS), "file string", "row bigint"])
    rows = files.mapInArrow(read_files, schema)
    texts = (F.when(~F.col(name).isin("", "NA"), F.col(name)).alias(name) for name in COLUMNS)
    return rows.select(*texts, "file", "row")


def typed(name: str) -> Column:
    kind, text = COLUMNS[name], F.col(name)
    if kind == "string":
        return text
    return F.when(text.rlike(f"^{INT_FORM if kind == 'int' else TIME_FORM}$"), text.try_cast(kind)).alias(name)


def text_of(name: str) -> Column:
    return F.col(name if COLUMNS[name] == "string" else f"text_{name}")


def checked(task: Task) -> DataFrame:
    others = [*INTEGERS, "time_hour"]
    values = landed(task).select(*map(typed, COLUMNS), *(F.col(n).alias(f"text_{n}") for n in others), "file", "row")
    derived = values.withColumns(
        {
            "flight_date": F.expr("try_cast(concat_ws('-', year, lpad(month, 2, '0'), lpad(day, 2, '0')) AS date)"),
            "date_key": F.expr("year * 10000 + month * 100 + day"),
            "status": F.expr(
                "CASE WHEN dep_time IS NULL THEN 'cancelled' WHEN arr_delay IS NULL THEN 'diverted' ELSE 'operated' END"
            ),
        }
    )
    faults = {
        "type": " OR ".join(f"(text_{name} IS NOT NULL AND {name} IS NULL)" for name in others),
        "not-null": " OR ".join(f"{name} IS NULL" for name in COLUMNS if name not in NULLABLE),
        "length": " OR ".join(f"length({name}) > {length}" for name, length in LENGTHS.items()),
        **{name: f"NOT coalesce({condition}, false)" for name, condition in RULES.items()},
    }
    reason = F.coalesce(*(F.when(F.expr(condition), F.lit(name)) for name, condition in faults.items()))
    nulls = reduce(Column.__add__, [F.col(name).isNull().cast("int") * (1 << i) for i, name in enumerate(COLUMNS)])
    return derived.select(
        *COLUMNS,
        "flight_date",
        "date_key",
        "status",
        "file",
        "row",
        F.xxhash64(*COLUMNS, nulls).alias("content"),
        F.xxhash64(*KEY).alias("key"),
        reason.alias("reason"),
        # The text of rejects only.
        F.when(reason.isNotNull(), F.to_json(F.struct(*(text_of(name).alias(name) for name in COLUMNS)))).alias("raw"),
    )


def cleanse(task: Task) -> dict:
    staged = str(task.output / "checked")
    checked(task).write.parquet(staged)
    rows = spark.read.parquet(staged)
    good = rows.where("reason IS NULL")
    contested = good.groupBy("key").agg(F.count(F.lit(1)).alias("rows")).where("rows > 1").select("key")
    latest = Window.partitionBy(*KEY).orderBy(F.desc("file"), F.desc("row"))
    ranked = good.join(contested, on="key", how="left_semi").select(
        "file",
        "row",
        F.row_number().over(latest).alias("rank"),
        (F.col("content") == F.first("content").over(latest)).alias("same"),
    )
    ranked.where("rank > 1").drop("rank").write.parquet(str(task.output / "losers"))
    losers = spark.read.parquet(str(task.output / "losers"))
    kept = good.join(losers, on=["file", "row"], how="left_anti").drop("reason", "key", "raw")
    kept.write.parquet(str(task.output / "good"))
    rejects = rows.where("reason IS NOT NULL").select("file", "row", "reason", "raw")
    rejects.write.json(str(task.output / "rejects"))
    reasons = {row[0]: row[1] for row in rows.groupBy("reason").count().collect()}
    fair = reasons.pop(None)
    lost = {row[0]: row[1] for row in losers.groupBy("same").count().collect()}
    verdicts = {"duplicates": lost.get(True, 0), "superseded": lost.get(False, 0)}
    verdicts |= {"loaded": fair - sum(verdicts.values()), "quarantined": sum(reasons.values())}
    warned = good.where("tailnum IS NULL AND status <> 'cancelled'").count()
    return as_books(verdicts, reasons, {"tail-number-known": warned} if warned else {})


main(cleanse)
