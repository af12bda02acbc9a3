"""Errors of statements, in the shape in which the service tells them."""

from __future__ import annotations

import re

# What Sail says, and the SQLSTATE under which Spark files it.
SQL_STATES = (
    (r"TABLE_OR_VIEW_NOT_FOUND", "42P01"),
    (r"cannot resolve attribute|missing from the schema", "42703"),
    (r"expected .*(statement|end of input)|invalid argument: (found|expected)", "42601"),
    (r"Cannot cast|Cast error", "22018"),
    (r"divide by zero", "22012"),
    (r"Placeholder .* was not provided", "42P02"),
    (r"necessary privileges|403 Forbidden", "42501"),
)


class StatementError(Exception):
    """A statement that is refused or cannot be answered."""

    error_code = "BAD_REQUEST"

    def __init__(self, message: str, sql_state: str | None = None) -> None:
        super().__init__(message)
        self.sql_state = sql_state


class BadRequestError(StatementError):
    """The statement is wrong."""


class PermissionDeniedError(StatementError):
    """The warehouse's principal may only read, and only tables."""

    error_code = "PERMISSION_DENIED"

    def __init__(self, message: str) -> None:
        super().__init__(f"[INSUFFICIENT_PERMISSIONS] Insufficient privileges: {message}", "42501")


def describe(error: Exception) -> dict[str, str]:
    """Give error code, message and, where it is known, the SQLSTATE."""
    if isinstance(error, StatementError):
        code, state = error.error_code, error.sql_state
    else:
        code = "BAD_REQUEST" if type(error).__module__.startswith("pyspark.errors") else "INTERNAL_ERROR"
        state = next((state for pattern, state in SQL_STATES if re.search(pattern, str(error))), None)
        code = "PERMISSION_DENIED" if state == "42501" else code
    message = str(error).strip() or type(error).__name__
    return {"error_code": code, "message": message[:5000], **({"sql_state": state} if state else {})}
