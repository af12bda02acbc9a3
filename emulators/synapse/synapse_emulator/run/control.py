"""Statements that even an aborted transaction takes: PRINT, THROW, SET options, BEGIN, COMMIT, ROLLBACK."""

from __future__ import annotations

from synapse_emulator.errors import SqlError
from synapse_emulator.run.session import Session
from synapse_emulator.translate import types as t
from synapse_emulator.tsql import nodes as n


class Break(Exception):
    """BREAK, on its way to the loop."""


def control(session: Session, node: n.Command) -> bool:
    """Statements that are allowed in an aborted transaction; False for any other."""
    verb = node.verb
    if verb == "BREAK":
        raise Break
    if verb == "PRINT":
        text = session.evaluate(node.args["value"], t.nvarchar(4000))
        session.output.message(0, "" if text is None else str(text), 0, 1, node.line)
    elif verb == "THROW":
        _throw(session, node)
    elif verb == "RAISERROR":
        _raiserror(session, node)
    elif verb == "BEGIN TRANSACTION":
        session.begin()
        session.output.done("BEGIN", None)
    elif verb == "COMMIT":
        session.commit()
        session.output.done("COMMIT", None)
    elif verb == "ROLLBACK":
        session.rollback()
        session.output.done("ROLLBACK", None)
    elif verb == "SET OPTION":
        _option(session, node)
        session.output.done("SET", None)
    elif verb == "USE":
        _use(session, node)
    else:
        return False
    return True


def _throw(session: Session, node: n.Command) -> None:
    if not node.args:
        if not session.state.caught:
            raise SqlError(
                10704,
                "To rethrow an error, a THROW statement must be used inside a CATCH block.",
                severity=15,
                line=node.line,
            )
        raise session.state.caught[-1]
    number, text, level = (session.evaluate(value) for value in node.args["values"])
    if not 50000 <= number <= 2147483647:
        raise SqlError(
            35100, f"Error number {number} in the THROW statement is outside the valid range.", line=node.line
        )
    raise SqlError(int(number), str(text), state=int(level), line=node.line)


def _raiserror(session: Session, node: n.Command) -> None:
    values = [session.evaluate(value) for value in node.args["values"]]
    text = str(values[0])
    for value in values[3:]:
        for mark in ("%s", "%d", "%i", "%u"):
            if mark in text:
                text = text.replace(mark, str(value), 1)
                break
    severity, level = int(values[1]), int(values[2])
    if severity <= 10:
        session.output.message(50000, text, severity, level, node.line)
        return
    raise SqlError(50000, text, severity=severity, state=level, line=node.line)


def _option(session: Session, node: n.Command) -> None:
    options = session.state.options
    on = node.args["value"] == "ON"
    for name in node.args["names"]:
        if name == "NOCOUNT":
            options.nocount = on
        elif name == "FMTONLY":
            options.fmtonly = on
        elif name == "IDENTITY_INSERT":
            table = session.table(node.args["table"], node.line)
            options.identity_insert = f"{table.schema}.{table.name}".lower() if on else ""
        elif name == "XACT_ABORT" and not on:
            raise SqlError(104467, "SET XACT_ABORT OFF is not supported in a dedicated SQL pool.", line=node.line)


def _use(session: Session, node: n.Command) -> None:
    name = node.args["name"]
    if name.lower() != session.database.name.lower():
        raise SqlError(
            40508,
            "USE statement is not supported to switch between databases. Use a new connection to connect "
            "to a different database.",
            line=node.line,
        )
    session.output.database(session.database.name)
