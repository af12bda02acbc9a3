"""ALTER TABLE of columns: the table is copied, since DuckDB cannot alter one that has CHECK constraints."""

from __future__ import annotations

from synapse_emulator.engine.catalogue import StoredColumn
from synapse_emulator.errors import SqlError
from synapse_emulator.run.changing import change
from synapse_emulator.run.session import Session
from synapse_emulator.run.tables import column_sql, sequence_name, stored_column
from synapse_emulator.translate.changes import assign
from synapse_emulator.translate.scope import quote
from synapse_emulator.tsql import nodes as n


def alter_columns(session: Session, node: n.Command) -> None:
    """ADD, DROP COLUMN, ALTER COLUMN."""
    table = session.table(node.args["table"], node.line)
    if table.kind != "table" or table.name.startswith("#"):
        raise SqlError(4902, f"ALTER TABLE is not possible on '{table.name}' here.", line=node.line)
    key = session.catalogue.key((table.schema, table.name))
    old = session.catalogue.columns[key]
    columns, sources = _plan(session, node, old)
    full = f"{table.schema}.{table.name}"
    spare = f"{quote(table.schema)}.{quote(table.name + '__altered')}"

    def work() -> None:
        body = ", ".join(
            column_sql(c, sequence_name(table.schema, table.name, c) if c.identity else "") for c in columns
        )
        session.run(f"CREATE TABLE {spare} ({body})")
        session.run(f"INSERT INTO {spare} SELECT {', '.join(sources)} FROM {table.sql} AS t", line=node.line)
        session.run(f"DROP TABLE {table.sql}")
        session.run(f"ALTER TABLE {spare} RENAME TO {quote(table.name)}")
        object_id = session.run("SELECT tsql_object_id($o, NULL)", {"o": full})[0][0]
        session.run("DELETE FROM tsql_meta.columns WHERE object_id = $o", {"o": object_id})
        for i, c in enumerate(columns):
            session.run(
                "INSERT INTO tsql_meta.columns VALUES ($o, $i, $n, $t, $u, $d, $x)",
                {
                    "o": object_id,
                    "i": i + 1,
                    "n": c.name,
                    "t": str(c.type),
                    "u": c.nullable,
                    "d": c.identity,
                    "x": c.default,
                },
            )

    change(session, work)


def _plan(session: Session, node: n.Command, old: list[StoredColumn]) -> tuple[list[StoredColumn], list[str]]:
    known = [c.name.lower() for c in old]
    sources = [f"t.{quote(c.name)}" for c in old]
    columns = list(old)
    if node.verb == "ADD COLUMN":
        for spec in node.args["columns"]:
            if spec.name.lower() in known:
                raise SqlError(2705, f"Column name '{spec.name}' in table is specified more than once.", line=node.line)
            stored = stored_column(session, spec)
            if not stored.nullable and stored.default is None:
                raise SqlError(
                    4901,
                    f"ALTER TABLE only allows columns to be added that can contain nulls or have a "
                    f"DEFAULT: '{spec.name}'.",
                    line=node.line,
                )
            columns.append(stored)
            sources.append(stored.default if stored.default is not None and not stored.nullable else "NULL")
        return columns, sources
    name = node.args["name"] if node.verb == "DROP COLUMN" else node.args["column"].name
    if name.lower() not in known:
        raise SqlError(4924, f"ALTER TABLE failed because column '{name}' does not exist in table.", line=node.line)
    at = known.index(name.lower())
    if node.verb == "DROP COLUMN":
        del columns[at], sources[at]
        return columns, sources
    stored = stored_column(session, node.args["column"])
    sources[at] = assign((sources[at], old[at].type), stored.type)
    columns[at] = StoredColumn(old[at].name, stored.type, stored.nullable, False, old[at].default)
    return columns, sources
