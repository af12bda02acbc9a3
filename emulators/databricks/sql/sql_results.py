"""Results of statements: their columns as the service describes them, their rows in chunks of text or Arrow.

In JSON_ARRAY and CSV every value is text: dates and timestamps in ISO 8601, nested values as JSON, binary in base64.
Source: docs.databricks.com/api/workspace/statementexecution.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sql_errors import BadRequestError

if TYPE_CHECKING:
    from pyspark.sql.types import StructType

INLINE_BYTES = 25 * 1024 * 1024
TYPE_NAMES = {
    "boolean": "BOOLEAN",
    "tinyint": "BYTE",
    "smallint": "SHORT",
    "int": "INT",
    "bigint": "LONG",
    "float": "FLOAT",
    "double": "DOUBLE",
    "string": "STRING",
    "binary": "BINARY",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "void": "NULL",
}
EXTENSIONS = {"JSON_ARRAY": ".json", "CSV": ".csv", "ARROW_STREAM": ".arrow"}


@dataclass(frozen=True)
class Limits:
    """How much of a result is kept. None: all."""

    rows: int | None
    bytes: int | None
    chunk_bytes: int
    inline: bool


@dataclass
class Chunks:
    """The chunks written so far, and the rows of the one that is being filled."""

    folder: str
    extension: str
    header: list[str] = field(default_factory=list)
    done: list[dict[str, int]] = field(default_factory=list)
    pending: list[bytes] = field(default_factory=list)
    pending_rows: int = 0
    pending_bytes: int = 0

    def add(self, part: bytes, rows: int) -> None:
        """Take one encoded row, or a batch of rows."""
        self.pending.append(part)
        self.pending_rows += rows
        self.pending_bytes += len(part)

    def flush(self) -> None:
        """Write what is pending as a chunk."""
        if not self.pending:
            return
        index = len(self.done)
        content = self.encode(index)
        offset = self.done[-1]["row_offset"] + self.done[-1]["row_count"] if self.done else 0
        with open(os.path.join(self.folder, f"chunk-{index}{self.extension}"), "wb") as file:
            file.write(content)
        self.done.append(
            {"chunk_index": index, "row_offset": offset, "row_count": self.pending_rows, "byte_count": len(content)}
        )
        self.pending, self.pending_rows, self.pending_bytes = [], 0, 0

    def encode(self, index: int) -> bytes:
        """Join what is pending; a CSV result has its header in the first chunk only."""
        if self.extension == ".json":
            return b"[" + b",".join(self.pending) + b"]"
        head = csv_line(self.header) if self.extension == ".csv" and index == 0 else b""
        return head + b"".join(self.pending)


def write(tables: Iterator[pa.Table], format_name: str, folder: str, limits: Limits) -> dict[str, object]:
    """Write the rows to chunk files until a limit is reached; give what the manifest says of them."""
    os.makedirs(folder, exist_ok=True)
    chunks = Chunks(folder, EXTENSIONS[format_name])
    rows = total = 0
    truncated = False
    for table in tables:
        chunks.header = table.column_names
        kept = table if limits.rows is None else table.slice(0, limits.rows - rows)
        truncated = kept.num_rows < table.num_rows
        for part, count in encoded(kept, format_name, limits.chunk_bytes):
            if limits.bytes is not None and total + len(part) > limits.bytes:
                truncated = True
                break
            chunks.add(part, count)
            rows += count
            total += len(part)
            if limits.inline and total > INLINE_BYTES:
                raise BadRequestError(
                    f"Inline byte limit exceeded. Statements executed with disposition=INLINE can have a result size of"
                    f" at most {INLINE_BYTES} bytes. Please execute the statement with disposition=EXTERNAL_LINKS.",
                    "54000",
                )
            if format_name == "ARROW_STREAM" or chunks.pending_bytes >= limits.chunk_bytes:
                chunks.flush()  # Arrow streams cannot be joined: each is a chunk.
        if truncated:
            break
    chunks.flush()
    return {
        "chunks": chunks.done,
        "total_row_count": rows,
        "total_byte_count": sum(chunk["byte_count"] for chunk in chunks.done),
        "truncated": truncated,
    }


def encoded(table: pa.Table, format_name: str, chunk_bytes: int) -> Iterator[tuple[bytes, int]]:
    """Give each row as bytes; for Arrow, whole streams of as many rows as make a chunk."""
    if format_name == "ARROW_STREAM":
        rows_in_chunk = max(1, int(chunk_bytes / max(1, table.nbytes / max(1, table.num_rows))))
        for start in range(0, table.num_rows, rows_in_chunk):
            part = table.slice(start, rows_in_chunk)
            yield arrow_stream(part), part.num_rows
        return
    columns = [texts(column) for column in table.columns]
    for row in zip(*columns, strict=True):
        if format_name == "JSON_ARRAY":
            yield json.dumps(row, ensure_ascii=False).encode(), 1
        else:
            yield csv_line(["null" if value is None else value for value in row]), 1


def texts(column: pa.ChunkedArray) -> list[str | None]:
    """Give a column's values as text; null stays null."""
    write_value = writer_of(column.type)
    return [None if value is None else write_value(value) for value in column.to_pylist()]


def writer_of(kind: pa.DataType) -> Callable[[Any], str]:
    """Give the function that writes values of a type as text."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return str
    if pa.types.is_boolean(kind):
        return lambda value: "true" if value else "false"
    if pa.types.is_timestamp(kind):
        return timestamp_text
    if pa.types.is_date(kind):
        return lambda value: value.isoformat()
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return lambda value: base64.b64encode(value).decode()
    if pa.types.is_nested(kind):
        return lambda value: json.dumps(plain(value, kind), ensure_ascii=False)
    if pa.types.is_floating(kind):
        return float_text
    return str


def timestamp_text(value: datetime) -> str:
    """Give a timestamp in UTC with milliseconds, or microseconds where it has them."""
    digits = "microseconds" if value.microsecond % 1000 else "milliseconds"
    return value.replace(tzinfo=None).isoformat(timespec=digits) + ("Z" if value.tzinfo else "")


def float_text(value: float) -> str:
    """Give a number as Java writes the odd ones."""
    if value != value:
        return "NaN"
    return "Infinity" if value == float("inf") else "-Infinity" if value == float("-inf") else repr(value)


def plain(value: object, kind: pa.DataType) -> object:
    """Give a nested value as what JSON knows; a map becomes an object."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if pa.types.is_map(kind):
        return {str(plain(key, kind.key_type)): plain(item, kind.item_type) for key, item in value}
    if pa.types.is_struct(kind):
        return {part.name: plain(value[part.name], part.type) for part in kind}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [plain(item, kind.value_type) for item in value]
    return value if isinstance(value, float) and value - value == 0 else writer_of(kind)(value)


def csv_line(values: list[str]) -> bytes:
    """Give one line of CSV (RFC 4180)."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue().encode()


def arrow_stream(table: pa.Table) -> bytes:
    """Give rows as an Arrow IPC stream of their own."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def columns_of(schema: StructType) -> list[dict[str, object]]:
    """Describe a Spark schema as a manifest does."""
    return [column(index, part.name, part.dataType.simpleString()) for index, part in enumerate(schema.fields)]


def columns_of_arrow(schema: pa.Schema) -> list[dict[str, object]]:
    """Describe columns of text."""
    return [column(index, name, "string") for index, name in enumerate(schema.names)]


def column(position: int, name: str, type_text: str) -> dict[str, object]:
    """Describe one column."""
    base = type_text.partition("(")[0].partition("<")[0]
    described: dict[str, object] = {"name": name, "position": position, "type_text": type_text.upper()}
    if base == "decimal":
        precision, scale = type_text[len("decimal(") : -1].split(",")
        described |= {"type_precision": int(precision), "type_scale": int(scale)}
    name_of_type = TYPE_NAMES.get(base) or ("INTERVAL" if base.startswith("interval") else base.upper())
    return {**described, "type_name": name_of_type}
