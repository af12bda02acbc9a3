"""Delta tables by location, on Spark and on Sail alike."""

import json
from collections.abc import Mapping, Sequence

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from landfall_jobs import delta_log, delta_rs, storage

_BATCH_PROPERTY = "landfall.batch"


def exists(uri: str) -> bool:
    """Tell whether a Delta table is there."""
    return version(uri) is not None


def version(uri: str) -> int | None:
    """Give the table's latest version, or None where there is no table."""
    commits = [name[:-5] for name in storage.list_files(storage.join(uri, "_delta_log")) if name.endswith(".json")]
    numbers = [int(name) for name in commits if name.isdigit()]
    return max(numbers, default=None)


def changed_since(uri: str, earlier: int | None) -> bool:
    """Tell whether commits after a version (None: any) brought or took rows; compaction, for one, does neither.

    A commit's actions and their `dataChange`: https://github.com/delta-io/delta/blob/master/PROTOCOL.md#actions
    """
    first, last = (0 if earlier is None else earlier + 1), version(uri)
    for number in range(first, first if last is None else last + 1):
        try:
            commit = storage.read_bytes(storage.join(uri, "_delta_log", f"{number:020}.json"))
        except FileNotFoundError:  # Cleaned up, being old: who knows what it did.
            return True
        for action in map(json.loads, commit.splitlines()):
            if any(action[kind].get("dataChange", True) for kind in ("add", "remove") if kind in action):
                return True
    return False


def read(spark: SparkSession, uri: str, version: int | None = None) -> DataFrame:
    """Read a Delta table, as it is now or as of a version."""
    if version is None:
        return spark.read.format("delta").load(uri)
    rows = spark.read.format("delta").option("versionAsOf", version).load(uri)
    try:
        rows.schema  # noqa: B018  It is asked here, so that what cannot be read is known here.
    except PySparkException as error:
        if "Missing commit file" not in str(error):
            raise
        return delta_log.read(spark, uri, version)
    return rows


def with_columns(rows: DataFrame, types: Mapping[str, str]) -> DataFrame:
    """Give rows that have these columns: null where they lack one, since a table gets it with the first that has it."""
    missing = {name: F.lit(None).cast(kind) for name, kind in types.items() if name not in rows.columns}
    return rows.withColumns(missing) if missing else rows


def append(rows: DataFrame, uri: str, partition_by: str | None = None) -> None:
    """Add rows in one commit; the table comes to be with the first; new columns are welcome."""
    writer = rows.write.format("delta").mode("append").option("mergeSchema", "true")
    (writer.partitionBy(partition_by) if partition_by else writer).save(uri)


def append_nothing(spark: SparkSession, rows: DataFrame, uri: str, batch: str) -> None:
    """Give a table a version of its own without a change of its rows; `rows` are none, and have its columns.

    Delta on Spark leaves out a commit of no rows, which Sail makes, if not always. It makes one that says for which
    batch it is.
    """
    before = version(uri)
    append(rows, uri)
    if version(uri) != before:
        return
    delta_rs.sql_or_library(
        spark,
        f"ALTER TABLE delta.`{uri}` SET TBLPROPERTIES ('{_BATCH_PROPERTY}' = {text(batch)})",
        lacking="TABLE_OR_VIEW_NOT_FOUND",  # Sail looks for a table of that name.
        uri=uri,
        library=lambda table: table.alter.set_table_properties({_BATCH_PROPERTY: batch}, raise_if_not_exists=False),
    )


def overwrite(rows: DataFrame, uri: str) -> None:
    """Replace the table's rows and columns in one commit."""
    rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(uri)


def put_back(spark: SparkSession, uri: str, version: int | None) -> bool:
    """Give a table the rows of an earlier version (None: none), in one commit; tell if any had come or gone since."""
    if not changed_since(uri, version):
        return False
    if version is None:
        delete(spark, uri, "true")
    else:
        overwrite(read(spark, uri, version), uri)
    return True


def delete(spark: SparkSession, uri: str, condition: str) -> None:
    """Delete the rows that fulfil a SQL condition, in one commit."""
    spark.sql(f"DELETE FROM delta.`{uri}` WHERE {condition}")


def delete_matching(spark: SparkSession, uri: str, rows: DataFrame, on: Sequence[str], condition: str) -> None:
    """Delete the rows that equal one of some stored rows in some columns and fulfil a condition, in one commit.

    The condition calls the table `target`.
    """
    rows.createOrReplaceTempView("__matching")
    same = " AND ".join(f"target.`{name}` <=> matching.`{name}`" for name in on)
    spark.sql(
        f"MERGE INTO delta.`{uri}` AS target USING __matching AS matching "
        f"ON {same} AND {condition} WHEN MATCHED THEN DELETE"
    )


def delete_values(spark: SparkSession, uri: str, column: str, values: Sequence[str], condition: str = "true") -> None:
    """Delete the rows that hold one of some texts in a column and fulfil a condition, in one commit.

    As `delete_matching`: for a list of a thousand Sail's DELETE takes half a minute where its MERGE takes a moment.
    """
    listed = spark.createDataFrame(pa.table({column: pa.array(values, pa.string())}))
    delete_matching(spark, uri, listed, [column], condition)


def text(value: str) -> str:
    """Give a SQL literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
