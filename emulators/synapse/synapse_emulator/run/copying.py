"""COPY INTO: files of the lake into a table."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import duckdb
import pyarrow as pa

from synapse_emulator.engine.files import Field, check_parquet, read_csv, read_parquet
from synapse_emulator.errors import SqlError
from synapse_emulator.run.session import Session, assigned
from synapse_emulator.translate import types as t
from synapse_emulator.translate.casts import cast
from synapse_emulator.translate.scope import Scope, TableInfo, quote
from synapse_emulator.tsql import nodes as n

_PARALLEL = 4


def copy_into(session: Session, node: n.CopyInto) -> int:
    """Load all files or none; gives the number of rows."""
    table = session.table(node.table, node.line)
    if table.kind != "table":
        raise SqlError(4406, f"COPY INTO failed because '{table.name}' is not a table.", line=node.line)
    fields = _fields(session, node, table)
    kind = str(node.options.get("FILE_TYPE", "CSV")).upper()
    if kind not in ("CSV", "PARQUET"):
        raise SqlError(
            104467,
            f"COPY INTO: FILE_TYPE '{kind}' is not supported by this emulator; use 'PARQUET' or 'CSV'.",
            line=node.line,
        )
    own = not session.state.in_transaction
    if own:
        session.run("BEGIN TRANSACTION")
    try:
        count = sum(_load(session, table, fields, path, data, kind, node) for path, data in _downloads(session, node))
        if own:
            session.run("COMMIT")
        return count
    except BaseException:
        if own:
            session.cursor.execute("ROLLBACK")
        raise


def _fields(session: Session, node: n.CopyInto, table: TableInfo) -> list[Field]:
    known = {c[0].lower(): c for c in table.columns}
    if not node.columns:
        plain = [c for c in table.columns if c[0] != table.identity]
        return [Field(c[0], c[1] or t.INT, i, None) for i, c in enumerate(plain)]
    numbered = [c.field_number for c in node.columns]
    if any(numbered) and not all(numbered):
        raise SqlError(105019, "COPY INTO: give every column of the list a field number, or none.", line=node.line)
    fields = []
    for i, column in enumerate(node.columns):
        found = known.get(column.name.lower())
        if found is None:
            raise SqlError(207, f"Invalid column name '{column.name}'.", line=node.line)
        kind = found[1] or t.INT
        default = (
            assigned(session.translator().expression(column.default, Scope()), kind)
            if column.default is not None
            else None
        )
        fields.append(Field(found[0], kind, (column.field_number or i + 1) - 1, default))
    return fields


def _downloads(session: Session, node: n.CopyInto) -> Iterator[tuple[str, bytes]]:
    credential = session.lake.credential(node.options.get("CREDENTIAL"))
    wanted = []
    for url in node.locations:
        place = session.lake.locate(url, node.line)
        paths = session.lake.files(place, credential)
        if not paths:
            raise SqlError(
                105019,
                f"COPY INTO: no file matches '{url}'. Hidden files (names that begin with _ or .) are not read.",
                line=node.line,
            )
        wanted += [(place, path) for path in paths]
    with ThreadPoolExecutor(_PARALLEL) as pool:
        ahead: deque[Future[bytes]] = deque()
        for i, (_, path) in enumerate(wanted):
            for place, coming in wanted[i + len(ahead) : i + _PARALLEL]:
                ahead.append(pool.submit(session.lake.read, place, coming, credential))
            yield path, ahead.popleft().result()


def _load(
    session: Session, table: TableInfo, fields: list[Field], path: str, data: bytes, kind: str, node: n.CopyInto
) -> int:
    arrow = read_parquet(data, path) if kind == "PARQUET" else read_csv(data, path, node.options)
    width = max((f.number for f in fields), default=-1) + 1
    if arrow.num_columns < width:
        raise SqlError(
            106000,
            f"106000;COPY INTO: the file '{path}' has {arrow.num_columns} columns, but field {width} is "
            f"wanted for column "
            f"'{next(f.name for f in fields if f.number == width - 1)}'.",
            line=node.line,
        )
    if kind == "PARQUET" and not node.columns and arrow.num_columns != len(fields):
        raise SqlError(
            106000,
            f"106000;COPY INTO: the file '{path}' has {arrow.num_columns} columns and table '{table.name}' "
            f"{len(fields)}. "
            "Columns are matched by position: give a column list.",
            line=node.line,
        )
    if kind == "PARQUET":
        check_parquet(arrow, fields, path)
    arrow = arrow.rename_columns([f"f{i}" for i in range(arrow.num_columns)])
    values = []
    for field in fields:
        source = f"f{field.number}"
        values.append(_value(source, arrow.schema.field(field.number).type, field, kind))
    names = ", ".join(quote(f.name) for f in fields)
    session.cursor.register("copy_source__", arrow)
    try:
        rows = session.run(
            f"INSERT INTO {table.sql} ({names}) SELECT {', '.join(values)} FROM copy_source__", line=node.line
        )
    except SqlError as error:
        error.message = f"COPY INTO: file '{path}': {error.message}"
        raise
    finally:
        with suppress(duckdb.Error):  # in a transaction that the failure aborted; the next file registers over it
            session.cursor.unregister("copy_source__")
    return int(rows[0][0])


def _value(source: str, arrow: pa.DataType, field: Field, kind: str) -> str:
    if kind == "CSV":
        sql = cast(source, t.nvarchar(t.MAX), field.kind if not field.kind.is_string else t.nvarchar(t.MAX))
    elif pa.types.is_timestamp(arrow) and arrow.tz is not None and field.kind.name != "datetimeoffset":
        sql = f"CAST(make_timestamp(epoch_us({source})) AS {field.kind.duck()})"
    elif field.kind.is_string and (pa.types.is_binary(arrow) or pa.types.is_large_binary(arrow)):
        sql = f"decode({source})"
    elif field.kind.is_string:
        sql = source
    else:
        sql = f"CAST({source} AS {field.kind.duck()})"
    return f"coalesce({sql}, {field.default})" if field.default is not None else sql
