"""CREATE TABLE, CTAS and SELECT INTO."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_emulator.engine.catalogue import StoredColumn, table_info
from synapse_emulator.errors import SqlError
from synapse_emulator.run.changing import change
from synapse_emulator.run.session import Session, assigned
from synapse_emulator.translate import types as t
from synapse_emulator.translate.changes import Translator
from synapse_emulator.translate.scope import OutputColumn, Scope, quote
from synapse_emulator.tsql import nodes as n
from synapse_emulator.tsql.refusals import check_name

if TYPE_CHECKING:
    from synapse_emulator.run.interpreter import Interpreter


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
        columns = [stored_column(session, column) for column in node.columns]
    info = table_info(schema or "dbo", name, columns, "table")

    def work() -> None:
        sequences = {}
        for column, spec in zip(columns, node.columns, strict=False):
            if spec.identity is not None:
                sequence = quote(f"{name}__id") if temporary else sequence_name(schema, name, column)
                start, step = spec.identity
                kind = "TEMP SEQUENCE" if temporary else "SEQUENCE"
                session.run(f"CREATE {kind} {sequence} START {start} INCREMENT {step}")
                sequences[column.name] = sequence
        body = ", ".join(column_sql(c, sequences.get(c.name, "")) for c in columns)
        session.run(f"CREATE {'TEMP ' if temporary else ''}TABLE {info.sql} ({body})", line=node.line)
        if source:
            session.run(f"INSERT INTO {info.sql} {source}", parameters, node.line)
        if not temporary:
            session.catalogue.add_object(session.cursor, schema, name, "U", columns, options=node.options)

    if temporary:
        work()
        session.state.temporary[name.lower()] = info
    else:
        change(session, work)


def sequence_name(schema: str, table: str, column: StoredColumn) -> str:
    """The DuckDB sequence behind an identity column."""
    return f"{quote(schema)}.{quote(f'{table}__{column.name}')}"


def stored_column(session: Session, column: n.ColumnSpec) -> StoredColumn:
    """A column as written, resolved for the catalogue."""
    kind = t.resolve(column.type)
    default = None
    if column.default is not None:
        default = assigned(session.translator().expression(column.default, Scope()), kind)
    return StoredColumn(column.name, kind, column.nullable, column.identity is not None, default)


def ctas_columns(outputs: list[OutputColumn], names: list[str] | None, line: int) -> list[StoredColumn]:
    """The columns that a query makes; each needs a name (1038), once (2705)."""
    found: list[StoredColumn] = []
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
