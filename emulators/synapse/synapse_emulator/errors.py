"""Errors as SQL Server reports them: number, class (severity), state, text, line."""

from __future__ import annotations


class SqlError(Exception):
    """An error that goes to the client as an ERROR token."""

    def __init__(self, number: int, message: str, *, severity: int = 16, state: int = 1, line: int = 1) -> None:
        super().__init__(message)
        self.number = number
        self.message = message
        self.severity = severity
        self.state = state
        self.line = line
        self.procedure = ""


def syntax_error(near: str, line: int) -> SqlError:
    """102, as the parser of SQL Server words it."""
    return SqlError(102, f"Incorrect syntax near '{near}'.", severity=15, line=line)


def unsupported(what: str, line: int) -> SqlError:
    """104467, by which the dedicated pool turns down T-SQL that only other editions have."""
    return SqlError(104467, f"{what} is not supported in a dedicated SQL pool.", line=line)
