"""Definitions: schemas, tables, views, procedures, and their changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from synapse_emulator.engine.catalogue import StoredColumn, table_info
from synapse_emulator.errors import SqlError
from synapse_emulator.run.session import Session
from synapse_emulator.translate import types as t
from synapse_emulator.translate.changes import Translator
from synapse_emulator.translate.scope import OutputColumn, Scope, quote
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


def run(interpreter: Interpreter, node: Any) -> None:  # noqa: ANN401
    """A definition; 111212 inside a transaction."""
    session = interpreter.session
    if session.state.in_transaction:
        raise SqlError(111212, "111212;Operation cannot be performed within a transaction.", line=node.line)
    if isinstance(node, n.CreateTable):
        create_table(session, node)
    elif isinstance(node, n.Module):
        _module(session, node)
    elif node.verb in _HARMLESS:
        if node.args.get("table"):
            session.table(node.args["table"], node.line)
    else:
        _COMMANDS[node.verb](session, node)


def change(session: Session, work: Callable[[], None]) -> None:
    """Run DuckDB definitions and catalogue rows as one transaction, then read the catalogue again."""
    with session.catalogue.lock:
        session.run("BEGIN TRANSACTION")
        try:
            work()
            session.run("COMMIT")
        except BaseException:
            session.cursor.execute("ROLLBACK")
            raise
        session.catalogue.load(session.cursor)


def column_sql(column: StoredColumn, sequence: str = "") -> str:
    """A column of DuckDB's CREATE TABLE; a CHECK stands for the length of strings, which DuckDB does not limit."""
    kind = column.type
    name = quote(column.name)
    parts = [name, kind.duck()]
    if not column.nullable:
        parts.append("NOT NULL")
    if sequence:
        parts.append(f"DEFAULT nextval('{sequence}')")
    elif column.default is not None:
        parts.append(f"DEFAULT {column.default}")
    if kind.length > 0 and (kind.is_string or kind.is_binary):
        parts.append(f"CHECK ({'octet_length' if kind.is_binary else 'length'}({name}) <= {kind.length})")
    return " ".join(parts)


def create_table(session: Session, node: n.CreateTable) -> None:
    """CREATE TABLE and CTAS."""
    check_name(node.name, session.database.name, node.line)
    name = node.name[-1]
    temporary = name.startswith("#")
    schema = "" if temporary else session.catalogue.schema_sql(node.name, node.line)
    if (name.lower() in session.state.temporary) if temporary else session.catalogue.find(node.name) is not None:
        raise SqlError(2714, f"There is already an object named '{name}' in the database.", line=node.line)
    source, parameters = "", {}
    if node.query is not None:
        translator = session.translator()
        sql, outputs = translator.query_text(node.query, None)
        parameters = {translator.env.keys[v]: session.state.value(v) for v in translator.used}
        columns = ctas_columns(outputs, node.column_names, node.line)
        source = insert_text(sql, outputs, columns, translator)
        known = {c.name.lower() for c in columns}
        for hashed in node.options.distribution_columns:
            if hashed.lower() not in known:
                raise SqlError(207, f"Invalid column name '{hashed}'.", line=node.line)
    else:
        columns = [_stored(session, column) for column in node.columns]
    info = table_info(schema or "dbo", name, columns, "table")

    def work() -> None:
        sequences = {}
        for column, spec in zip(columns, node.columns, strict=False):
            if spec.identity is not None:
                sequence = f"{quote(schema or 'dbo')}.{quote(f'{name}__{column.name}')}"
                start, step = spec.identity
                session.run(
                    f"CREATE {'TEMP ' if temporary else ''}SEQUENCE {sequence if not temporary else quote(f'{name}__id')} START {start} INCREMENT {step}"
                )
                sequences[column.name] = sequence if not temporary else quote(f"{name}__id")
        body = ", ".join(column_sql(c, sequences.get(c.name, "")) for c in columns)
        session.run(f"CREATE {'TEMP ' if temporary else ''}TABLE {info.sql} ({body})", line=node.line)
        if source:
            session.run(f"INSERT INTO {info.sql} {source}", parameters, node.line)
        if not temporary:
            session.catalogue.add_object(session.cursor, schema, name, "U", columns, options=node.options)

    if temporary:
        work()
        session.state.temporary[name.lower()] = info
        session.state.temporary_version += 1
    else:
        change(session, work)


def _stored(session: Session, column: n.ColumnSpec) -> StoredColumn:
    kind = t.resolve(column.type)
    default = None
    if column.default is not None:
        from synapse_emulator.run.session import assigned

        default = assigned(session.translator().expression(column.default, Scope()), kind)
    return StoredColumn(column.name, kind, column.nullable, column.identity is not None, default)


def ctas_columns(outputs: list[OutputColumn], names: list[str] | None, line: int) -> list[StoredColumn]:
    """The columns that a query makes; each needs a name (1038), once (2705)."""
    found = []
    for i, (name, kind) in enumerate(outputs):
        shown = names[i] if names is not None and i < len(names) else name
        if not shown:
            raise SqlError(
                1038,
                "An object or column name is missing or empty. Each column of the SELECT needs a name.",
                severity=15,
                line=line,
            )
        if shown.lower() in [c.name.lower() for c in found]:
            raise SqlError(
                2705,
                f"Column names in each table must be unique. Column name '{shown}' is specified more than once.",
                line=line,
            )
        found.append(StoredColumn(shown, kind or t.INT))
    return found


def insert_text(sql: str, outputs: list[OutputColumn], columns: list[StoredColumn], translator: Translator) -> str:
    """The SELECT that fills a table made by a query."""
    return translator.assigned_query(sql, outputs, [(c.name, c.type) for c in columns])


def select_into(interpreter: Interpreter, node: n.Query, select: n.Select) -> None:
    """SELECT … INTO #t; the pool has it for temporary and permanent tables, round robin."""
    session = interpreter.session
    if session.state.in_transaction:
        raise SqlError(111212, "111212;Operation cannot be performed within a transaction.", line=node.line)
    name = select.into
    assert name is not None
    copy = n.Select(
        select.items,
        select.distinct,
        select.top,
        None,
        select.source,
        select.where,
        select.grouping,
        select.grouping_kind,
        select.having,
        line=select.line,
    )
    query = n.Query(copy, node.ctes, node.order, line=node.line)
    create_table(session, n.CreateTable(name, [], n.TableOptions(), query, line=node.line))
    info = session.table(name, node.line)
    interpreter.finish("SELECT", session.run(f"SELECT count(*) FROM {info.sql}")[0][0])


def _module(session: Session, node: n.Module) -> None:
    check_name(node.name, session.database.name, node.line)
    catalogue = session.catalogue
    schema = catalogue.schema_sql(node.name, node.line)
    name = node.name[-1]
    key = catalogue.key(node.name)
    exists = key in catalogue.procedures or key in catalogue.tables
    if exists and node.mode == "create":
        raise SqlError(2714, f"There is already an object named '{name}' in the database.", line=node.line)
    if not exists and node.mode == "alter":
        raise SqlError(208, f"Invalid object name '{'.'.join(node.name)}'.", line=node.line)
    columns: list[StoredColumn] = []
    view = ""
    text = node.text
    if node.kind == "VIEW":
        sql, outputs = session.translator().query_text(node.body, None)
        columns = ctas_columns(outputs, node.columns, node.line)
        listed = ", ".join(quote(c.name) for c in columns)
        view = f"CREATE OR REPLACE VIEW {quote(schema)}.{quote(name)}({listed}) AS {sql}"
        text = f"CREATE VIEW {schema}.{name} AS {node.text}"
    else:
        declared = ", ".join(
            f"{p[0]} {_spec_text(p[1])}{f' = {_default_text(p[2])}' if p[2] is not None else ''}{' OUTPUT' if p[3] else ''}"
            for p in node.parameters
        )
        text = f"CREATE PROCEDURE {quote(schema)}.{quote(name)} {declared} AS {node.text}"

    def work() -> None:
        if exists:
            catalogue.remove_object(session.cursor, node.name)
        if view:
            session.run(view, line=node.line)
        catalogue.add_object(session.cursor, schema, name, "V" if view else "P", columns, definition=text)

    change(session, work)


def _spec_text(spec: n.TypeSpec) -> str:
    return str(t.resolve(spec))


def _default_text(node: Any) -> str:  # noqa: ANN401
    if isinstance(node, n.Literal):
        return "N'" + node.text.replace("'", "''") + "'" if node.kind in ("str", "nstr") else node.text
    if isinstance(node, n.Unary):
        return node.op + _default_text(node.operand)
    raise SqlError(102, "The default of a parameter must be a constant.", severity=15)


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

        def work(name: n.Name = name, found: Any = found) -> None:  # noqa: ANN401
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
    session.state.temporary_version += 1


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
                "UPDATE tsql_meta.columns SET name = $n WHERE object_id = tsql_object_id($o, NULL) AND lower(name) = lower($c)",
                {"n": new, "o": f"{table.schema}.{table.name}", "c": old},
            )

    change(session, work)


def _alter_columns(session: Session, node: n.Command) -> None:
    from synapse_emulator.run.rebuild import alter_columns

    alter_columns(session, node)


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
    "ADD COLUMN": _alter_columns,
    "DROP COLUMN": _alter_columns,
    "ALTER COLUMN": _alter_columns,
    "CREATE PRINCIPAL": _principal,
    "DROP USER": _drop_principal,
    "DROP ROLE": _drop_principal,
    "DROP LOGIN": _drop_principal,
    "ALTER ROLE": _nothing,
}
