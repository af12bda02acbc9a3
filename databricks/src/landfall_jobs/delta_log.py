"""Which files a Delta table had in an earlier version, from its log.

Sail 0.7.2 cannot read versions before the last checkpoint, which it writes itself every ten commits ("Missing commit
file"). A batch that failed across one would otherwise leave a table that cannot be put back.
Source: https://github.com/delta-io/delta/blob/master/PROTOCOL.md#action-reconciliation
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pyarrow.parquet as parquet
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from landfall_jobs import storage
from landfall_jobs.errors import JobError

Action = dict[str, Any]


def read(spark: SparkSession, uri: str, version: int) -> DataFrame:
    """Read a version of an unpartitioned table without deletion vectors by the files that it had.

    Raises JobError where the log goes back less far, or the table has more to it than such files.
    """
    log = storage.join(uri, "_delta_log")
    names = storage.list_files(log)
    checkpoints = [int(name[:20]) for name in names if name.endswith(".checkpoint.parquet") and len(name) == 39]
    start = max((number for number in checkpoints if number <= version), default=None)
    live: dict[str, None] = {}
    schema = StructType()
    if start is not None:
        for action in _checkpoint(storage.join(log, f"{start:020}.checkpoint.parquet")):
            schema = _apply(action, live) or schema
    for number in range(0 if start is None else start + 1, version + 1):
        try:
            commit = storage.read_bytes(storage.join(log, f"{number:020}.json"))
        except FileNotFoundError:
            raise JobError(
                f"The log of {uri} does not go back to version {version}: commit {number} is gone."
            ) from None
        for action in map(json.loads, commit.splitlines()):
            schema = _apply(action, live) or schema
    files = [storage.join(uri, unquote(path)) for path in live]
    return spark.read.schema(schema).parquet(*files) if files else spark.createDataFrame([], schema)


def _checkpoint(uri: str) -> Iterator[Action]:
    with storage.open_file(uri) as file:
        table = parquet.read_table(file, columns=["add", "metaData"])
    return ({kind: action for kind, action in row.items() if action is not None} for row in table.to_pylist())


def _apply(action: Action, live: dict[str, None]) -> StructType | None:
    """Bring the files up to date; give the schema where the action sets one."""
    if "add" in action:
        added = action["add"]
        if added.get("deletionVector") or added.get("partitionValues"):
            raise JobError("A table with partitions or deletion vectors is read by the engine alone.")
        live[added["path"]] = None
    if "remove" in action:
        live.pop(action["remove"]["path"], None)
    if "metaData" in action:
        return StructType.fromJson(json.loads(action["metaData"]["schemaString"]))
    return None
