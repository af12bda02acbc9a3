"""Parquet folders of a batch, from one step to the next."""

import io

import pyarrow.parquet as parquet
from pyspark.sql import DataFrame, SparkSession

from landfall_jobs import storage

COMPRESSION = "snappy"
"""What is written here is read a few times and thrown away; COPY INTO of a dedicated pool takes it too."""


def store(spark: SparkSession, rows: DataFrame, uri: str, partition_by: str | None = None) -> DataFrame:
    """Write rows in place of what was there, and give what was written: later steps must not compute them again."""
    schema = rows.schema
    writer = rows.write.mode("overwrite").option("compression", COMPRESSION)
    (writer.partitionBy(partition_by) if partition_by else writer).parquet(uri)
    stored = spark.read.schema(schema).parquet(uri)
    if partition_by is None:
        ensure_file(rows, uri)
    return stored


def add(spark: SparkSession, rows: DataFrame, uri: str, partition_by: str | None = None) -> DataFrame:
    """Write rows beside what a folder holds, and give all of that."""
    writer = rows.write.mode("append").option("compression", COMPRESSION)
    (writer.partitionBy(partition_by) if partition_by else writer).parquet(uri)
    return spark.read.schema(rows.schema).parquet(uri)


def move_part(spark: SparkSession, rows: DataFrame, uri: str, partition_by: str, part: str) -> DataFrame:
    """Write rows, which were made of one part of a folder, in place of it; give all that the folder holds then."""
    add(spark, rows, uri, partition_by)
    storage.delete_tree(storage.join(uri, f"{partition_by}={part}"))
    return spark.read.schema(rows.schema).parquet(uri)


def is_there(uri: str) -> bool:
    """Tell whether a folder has files of rows, be it of none."""
    return any(name.endswith(".parquet") for name in storage.list_files(uri))


def ensure_file(rows: DataFrame, uri: str) -> None:
    """Write a file without rows where a folder has none: a reader finds the columns, even of nothing."""
    if is_there(uri):
        return
    buffer = io.BytesIO()
    # Of a table of its own: `rows` would be computed once more, though none is wanted.
    parquet.write_table(rows.sparkSession.createDataFrame([], rows.schema).toArrow(), buffer)
    storage.write_bytes(storage.join(uri, "part-empty.parquet"), buffer.getvalue())
