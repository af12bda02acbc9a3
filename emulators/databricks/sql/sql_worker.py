"""One process of a SQL warehouse: Sail, a session and the catalog kept warm; one statement at a time.

It reads one JSON object a line from stdin and writes one a line to stdout:

    in   {"id": "01ef…", "statement": "SELECT …", "parameters": [{"name", "type", "value"}], "schema": "silver",
          "row_limit": null, "byte_limit": null, "chunk_bytes": 4194304, "inline": true, "format": "JSON_ARRAY",
          "folder": "/where/chunks/go"}
    out  {"event": "ready"}
         {"event": "done", "id": "01ef…", "manifest": {"columns": […], "chunks": […], "truncated": false}}
         {"event": "done", "id": "01ef…", "error": {"error_code", "message", "sql_state"}}

End of input means that the owner is gone. A statement is cancelled by killing the process: Sail's interrupt is slow.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

import pyarrow as pa
import sql_access
import sql_catalog
import sql_errors
import sql_results

if TYPE_CHECKING:
    from pyspark.sql import Column, SparkSession

DEFAULT_SCHEMA = "default"


def main() -> None:
    """Bring Spark up, say so, then run statements until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--catalog", default="main")
    parser.add_argument("--root", default="", help="URI below which tables are, as <schema>/<table>")
    parser.add_argument("--schemas", default="bronze,silver,gold")
    options = parser.parse_args()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # What a library prints must not end up among the answers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, which then closes stdin.
    spark = start_spark(options.catalog)
    schemas = [name for name in options.schemas.split(",") if name]
    catalog = sql_catalog.Catalog(spark, options.catalog, options.root, schemas)
    spark.sql("SELECT 1").toArrow()
    answer(out, {"event": "ready"})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            catalog.refresh()
            document = {"manifest": run(spark, catalog, request)}
        except Exception as error:
            document = {"error": sql_errors.describe(error)}
        answer(out, {"event": "done", "id": request["id"], **document})
    os._exit(0)  # Threads of Sail and grpc are still there: no orderly shutdown, the process is the unit.


def start_spark(catalog: str) -> SparkSession:
    """Start Sail inside this process, with a catalog in memory, and open a session in UTC."""
    os.environ["SAIL_CATALOG__LIST"] = f'[{{name="{catalog}",type="memory",initial_database=["{DEFAULT_SCHEMA}"]}}]'
    os.environ["SAIL_CATALOG__DEFAULT_CATALOG"] = catalog
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer(port=0)
    server.start(background=True)
    start_spark.server = server  # type: ignore[attr-defined]  # Must outlive this call.
    _, port = server.listening_address
    spark = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    return spark


def run(spark: SparkSession, catalog: sql_catalog.Catalog, request: dict) -> dict[str, object]:
    """Run one statement and write its result's chunks; give the manifest."""
    catalog.use(request.get("catalog"), request.get("schema"))
    parameters = {item["name"]: bound(item) for item in request["parameters"]}
    statement = sql_access.check(spark, request["statement"], parameters)
    limits = sql_results.Limits(
        rows=request["row_limit"],
        bytes=request["byte_limit"],
        chunk_bytes=request["chunk_bytes"],
        inline=request["inline"],
    )
    columns, tables = execute(spark, statement, parameters, limits.rows)
    written = sql_results.write(tables, request["format"], request["folder"], limits)
    return {"columns": columns, **written}


def execute(
    spark: SparkSession, statement: sql_access.Statement, parameters: dict[str, Column], row_limit: int | None
) -> tuple[list[dict[str, object]], Iterator[pa.Table]]:
    """Give the result's columns and its rows as they come."""
    if statement.describes is not None:
        rows = sql_catalog.describe(spark, statement.describes, parameters)
        return sql_results.columns_of_arrow(rows.schema), iter([rows])
    frame = spark.sql(statement.text, args=parameters or None)
    schema = frame.schema
    if row_limit is not None:
        frame = frame.limit(row_limit + 1)  # One more tells whether the rest was cut off.
    query = frame._plan.to_proto(spark.client)
    tables = (item for item in spark.client.to_table_as_iterator(query, {}) if isinstance(item, pa.Table))
    return sql_results.columns_of(schema), tables


def bound(parameter: dict) -> Column:
    """Give a parameter as a literal of its type; Spark casts the text and refuses what does not fit."""
    from pyspark.sql import functions as F

    kind = parameter.get("type") or "STRING"
    if not sql_access.is_type(kind):
        raise sql_errors.BadRequestError(f"Parameter {parameter['name']}: {kind} is no type.", "42K09")
    return F.lit(parameter.get("value")).cast(kind)


def answer(out: TextIO, document: dict[str, object]) -> None:
    """Write one line to the owner."""
    out.write(json.dumps(document) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
