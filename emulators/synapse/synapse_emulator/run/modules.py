"""CREATE and ALTER of views and procedures."""

from __future__ import annotations

from synapse_emulator.engine.catalogue import StoredColumn
from synapse_emulator.errors import SqlError
from synapse_emulator.run.changing import change
from synapse_emulator.run.session import Session
from synapse_emulator.run.tables import ctas_columns
from synapse_emulator.translate import types as t
from synapse_emulator.translate.scope import quote
from synapse_emulator.tsql import nodes as n
from synapse_emulator.tsql.refusals import check_name


def create_module(session: Session, node: n.Module) -> None:
    """CREATE, ALTER, CREATE OR ALTER; the body of a procedure is kept as text."""
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
            f"{p[0]} "
            f"{_spec_text(p[1])}{f' = {_default_text(p[2])}' if p[2] is not None else ''}{' OUTPUT' if p[3] else ''}"
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


def _default_text(node: n.Expression) -> str:
    if isinstance(node, n.Literal):
        return "N'" + node.text.replace("'", "''") + "'" if node.kind in ("str", "nstr") else node.text
    if isinstance(node, n.Unary):
        return node.op + _default_text(node.operand)
    raise SqlError(102, "The default of a parameter must be a constant.", severity=15)
