"""Definitions: schemas, tables, views, procedures, and their changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from synapse_emulator.errors import SqlError
from synapse_emulator.run.changing import change
from synapse_emulator.run.modules import create_module
from synapse_emulator.run.rebuild import alter_columns
from synapse_emulator.run.session import Session
from synapse_emulator.run.tables import create_table
from synapse_emulator.translate.scope import quote
from synapse_emulator.tsql import nodes as n
from synapse_emulator.tsql.refusals import check_name

if TYPE_CHECKING:
    from synapse_emulator.run.interpreter import Interpreter

_HARMLESS = {
    "CREATE STATISTICS",
    "UPDATE STATISTICS",
    "DROP STATISTICS",
    "CREATE INDEX",
    "ALTER INDEX",
    "DROP INDEX",
    "PERMISSION",
    "DBCC",
    "ADD KEY",
    "DROP CONSTRAINT",
}


def run(interpreter: Interpreter, node: n.Expression) -> None:
    """A definition; 111212 inside a transaction."""
    session = interpreter.session
    if session.state.in_transaction:
        raise SqlError(111212, "111212;Operation cannot be performed within a transaction.", line=node.line)
    if isinstance(node, n.CreateTable):
        create_table(session, node)
    elif isinstance(node, n.Module):
        create_module(session, node)
    elif node.verb in _HARMLESS:
        if node.args.get("table"):
            session.table(node.args["table"], node.line)
    else:
        _COMMANDS[node.verb](session, node)


def _create_schema(session: Session, node: n.Command) -> None:
    name = node.args["name"]
    if name.lower() in session.catalogue.schemas:
        raise SqlError(2714, f"There is already an object named '{name}' in the database.", line=node.line)

    def work() -> None:
        session.run(f"CREATE SCHEMA {quote(name)}")
        session.run("INSERT INTO tsql_meta.schemas SELECT CAST(nextval('tsql_meta.ids') AS INTEGER), $n", {"n": name})

    change(session, work)


def _drop_schema(session: Session, node: n.Command) -> None:
    name = node.args["names"][0][-1]
    if name.lower() not in session.catalogue.schemas:
        if node.args["if_exists"]:
            return
        raise _missing("schema", name, node.line)
    catalogue = session.catalogue
    if any(key[0] == name.lower() for key in (*catalogue.tables, *catalogue.procedures)):
        raise SqlError(
            3729, f"Cannot drop schema '{name}' because it is being referenced by an object.", line=node.line
        )

    def work() -> None:
        session.run(f"DROP SCHEMA {quote(name)}")
        session.run("DELETE FROM tsql_meta.schemas WHERE lower(name) = lower($n)", {"n": name})

    change(session, work)


def _missing(kind: str, name: str, line: int) -> SqlError:
    return SqlError(
        3701,
        f"Cannot drop the {kind} '{name}', because it does not exist or you do not have permission.",
        severity=11,
        line=line,
    )


def _drop(session: Session, node: n.Command) -> None:
    kind = node.verb.split(" ")[1].lower()
    catalogue = session.catalogue
    for name in node.args["names"]:
        check_name(name, session.database.name, node.line)
        if name[-1].startswith("#"):
            _drop_temporary(session, name[-1], node)
            continue
        key = catalogue.key(name)
        found = catalogue.procedures.get(key) if kind == "procedure" else catalogue.tables.get(key)
        if found is None or (kind != "procedure" and getattr(found, "kind", "") != kind):
            if node.args["if_exists"]:
                continue
            raise _missing(kind, ".".join(name), node.line)

        def work(name: n.Name = name, found: n.Expression = found) -> None:
            if kind != "procedure":
                session.run(f"DROP {kind.upper()} {found.sql}", line=node.line)
                if kind == "table" and found.identity:
                    session.run(
                        f"DROP SEQUENCE IF EXISTS {quote(found.schema)}.{quote(f'{found.name}__{found.identity}')}"
                    )
            catalogue.remove_object(session.cursor, name)

        change(session, work)


def _drop_temporary(session: Session, name: str, node: n.Command) -> None:
    found = session.state.temporary.pop(name.lower(), None)
    if found is None:
        if node.args["if_exists"]:
            return
        raise _missing("table", name, node.line)
    session.run(f"DROP TABLE {found.sql}")


def _truncate(session: Session, node: n.Command) -> None:
    table = session.table(node.args["table"], node.line)
    if table.kind != "table":
        raise SqlError(4708, f"Could not truncate object '{table.name}' because it is not a table.", line=node.line)
    session.run(f"TRUNCATE {table.sql}", line=node.line)


def _rename(session: Session, node: n.Command) -> None:
    table = session.table(node.args["name"], node.line)
    old, new = node.args["column"], node.args["to"]
    if session.catalogue.find((table.schema, new)) is not None and old is None:
        raise SqlError(
            15335, f"Error: The new name '{new}' is already in use as a object name.", severity=11, line=node.line
        )
    if old is not None and not any(
        c.name.lower() == old.lower()
        for c in session.catalogue.columns[session.catalogue.key((table.schema, table.name))]
    ):
        raise SqlError(207, f"Invalid column name '{old}'.", line=node.line)

    def work() -> None:
        if old is None:
            session.run(
                f"ALTER {'VIEW' if table.kind == 'view' else 'TABLE'} {table.sql} RENAME TO {quote(new)}",
                line=node.line,
            )
            session.run(
                "UPDATE tsql_meta.objects SET name = $n WHERE object_id = tsql_object_id($o, NULL)",
                {"n": new, "o": f"{table.schema}.{table.name}"},
            )
        else:
            session.run(f"ALTER TABLE {table.sql} RENAME COLUMN {quote(old)} TO {quote(new)}", line=node.line)
            session.run(
                "UPDATE tsql_meta.columns SET name = $n WHERE object_id = tsql_object_id($o, NULL) AND "
                "lower(name) = lower($c)",
                {"n": new, "o": f"{table.schema}.{table.name}", "c": old},
            )

    change(session, work)


def _principal(session: Session, node: n.Command) -> None:
    session.run("INSERT INTO tsql_meta.principals VALUES ($n, $k)", {"n": node.args["name"], "k": node.args["kind"]})


def _drop_principal(session: Session, node: n.Command) -> None:
    name = node.args["names"][0][-1]
    rows = session.run("DELETE FROM tsql_meta.principals WHERE lower(name) = lower($n)", {"n": name})
    if not rows[0][0] and not node.args["if_exists"]:
        raise SqlError(
            15151,
            f"Cannot drop the user '{name}', because it does not exist or you do not have permission.",
            line=node.line,
        )


def _nothing(session: Session, node: n.Command) -> None:
    """ALTER ROLE: membership has no effect here."""


_COMMANDS: dict[str, Callable[[Session, n.Command], None]] = {
    "CREATE SCHEMA": _create_schema,
    "DROP SCHEMA": _drop_schema,
    "DROP TABLE": _drop,
    "DROP VIEW": _drop,
    "DROP PROCEDURE": _drop,
    "TRUNCATE": _truncate,
    "RENAME": _rename,
    "ADD COLUMN": alter_columns,
    "DROP COLUMN": alter_columns,
    "ALTER COLUMN": alter_columns,
    "CREATE PRINCIPAL": _principal,
    "DROP USER": _drop_principal,
    "DROP ROLE": _drop_principal,
    "DROP LOGIN": _drop_principal,
    "ALTER ROLE": _nothing,
}
