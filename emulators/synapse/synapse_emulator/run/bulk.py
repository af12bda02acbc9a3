"""Bulk load: INSERT BULK announces a table and columns, the next message brings the rows."""

from __future__ import annotations

from contextlib import suppress

import duckdb
import pyarrow as pa

from synapse_emulator.engine.failures import to_sql_error
from synapse_emulator.errors import SqlError
from synapse_emulator.run.session import Session, aborted_error
from synapse_emulator.run.state import BulkTarget
from synapse_emulator.tds.bulk import BulkRows
from synapse_emulator.translate import types as t
from synapse_emulator.translate.scope import quote
from synapse_emulator.translate.types import SqlType
from synapse_emulator.tsql import nodes as n


def announce(session: Session, node: n.InsertBulk) -> None:
    """Remember where the rows go; 207 for a column that the table lacks."""
    table = session.table(node.table, node.line)
    if table.kind != "table":
        raise SqlError(4406, f"Bulk load failed because '{table.name}' is not a table.", line=node.line)
    known = {name.lower(): (name, kind) for name, kind in table.columns}
    columns: list[tuple[str, SqlType]] = []
    for name in node.columns:
        if name.lower() not in known:
            raise SqlError(207, f"Invalid column name '{name}'.", line=node.line)
        found, kind = known[name.lower()]
        columns.append((found, kind or t.INT))
    session.bulk = BulkTarget(table, columns)


def insert(session: Session, rows: BulkRows) -> int:
    """Insert the rows of a bulk message, all or none; gives their number."""
    target, session.bulk = session.bulk, None
    if target is None or len(target.columns) != len(rows.columns):
        raise SqlError(4002, "The incoming tabular data stream (TDS) protocol stream is incorrect.")
    if session.state.aborted:
        raise aborted_error()
    if not rows.columns or not rows.columns[0]:
        return 0
    names = [f"f{i}" for i in range(len(rows.columns))]
    values = [f"CAST({name} AS {kind.duck()})" for name, (_, kind) in zip(names, target.columns, strict=True)]
    columns = ", ".join(quote(name) for name, _ in target.columns)
    try:
        session.cursor.register("bulk_rows__", pa.table(dict(zip(names, _arrays(rows), strict=True))))
        done = session.run(f"INSERT INTO {target.table.sql} ({columns}) SELECT {', '.join(values)} FROM bulk_rows__")
        return int(done[0][0])
    except pa.ArrowException as failure:
        raise to_sql_error(failure) from failure
    finally:
        with suppress(duckdb.Error):  # in a transaction that the failure aborted; the next load registers over it
            session.cursor.unregister("bulk_rows__")


def _arrays(rows: BulkRows) -> list[pa.Array]:
    arrays = []
    for values, kind in zip(rows.columns, rows.kinds, strict=True):
        if kind.name == "uniqueidentifier":
            values = [None if value is None else str(value) for value in values]
        arrays.append(pa.array(values, from_pandas=False))
    return arrays
