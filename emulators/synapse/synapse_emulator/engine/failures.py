"""DuckDB's errors as SQL Server's."""

from __future__ import annotations

import re

import duckdb

from synapse_emulator.errors import SqlError


class Cancelled(Exception):
    """The client sent an attention."""


def to_sql_error(failure: Exception, line: int = 1) -> SqlError:
    """The SqlError that the pool would have raised; 50000-class text is kept when nothing fits."""
    text = str(failure).split("\nLINE ")[0].strip()
    bare = re.sub(r"^[A-Za-z ]+ Error: ", "", text).strip()
    number, message, severity = _match(failure, bare)
    return SqlError(number, message, severity=severity, line=line)


def _match(failure: Exception, text: str) -> tuple[int, str, int]:
    low = text.lower()
    if "divide by zero" in low:
        return 8134, "Divide by zero error encountered.", 16
    if "invalid length parameter" in low:
        return 537, text, 16
    if isinstance(failure, duckdb.ConstraintException):
        if found := re.search(r"NOT NULL constraint failed: ([\w#]+)\.(\w+)", text):
            return (
                515,
                f"Cannot insert the value NULL into column '{found[2]}', table '{found[1]}'; column does "
                f"not allow nulls. The statement fails.",
                16,
            )
        if found := re.search(
            r'CHECK constraint failed on table "?([^" ]+)"? with expression '
            r'CHECK\(\(+(?:length|octet_length)\("?([^")]+)',
            text,
        ):
            return 2628, f"String or binary data would be truncated in table '{found[1]}', column '{found[2]}'.", 16
        return 2627, text, 14
    if isinstance(failure, duckdb.ConversionException):
        if "out of range" in low or ("could not cast value" in low and "to decimal" in low):
            return 8115, f"Arithmetic overflow error converting expression to data type. {text}", 16
        if "date" in low or "timestamp" in low or "parse string" in low:
            return 241, "Conversion failed when converting date and/or time from character string.", 16
        if found := re.search(r"Could not convert string '(.*)' to (\w+)", text, re.DOTALL):
            if found[2].startswith(("INT", "UINT")):
                return 245, f"Conversion failed when converting the varchar value '{found[1]}' to data type int.", 16
            return 8114, f"Error converting data type varchar to {_family(found[2])}.", 16
        return 8114, f"Error converting data type. {text}", 16
    if isinstance(failure, duckdb.OutOfRangeException):
        return 8115, f"Arithmetic overflow error converting expression to data type. {text}", 16
    if isinstance(failure, duckdb.TransactionException) and "conflict" in low:
        return (
            1205,
            "Transaction was deadlocked on lock resources with another process and has been chosen as the "
            "deadlock victim. Rerun the transaction.",
            13,
        )
    if isinstance(failure, duckdb.InvalidInputException) and "could not parse string" in low:
        return 241, "Conversion failed when converting date and/or time from character string.", 16
    if isinstance(failure, duckdb.BinderException):
        return _binder(text)
    if isinstance(failure, duckdb.InvalidInputException) and "more than one row returned by a subquery" in low:
        return (
            512,
            "Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, "
            "<, <= , >, >= or when the subquery is used as an expression.",
            16,
        )
    return 110802, f"110802;An internal error occurred while executing the statement: {text}", 16


def _binder(text: str) -> tuple[int, str, int]:
    if found := re.search(r'column "?([\w. ]+)"? must appear in the GROUP BY clause', text):
        return (
            8120,
            f"Column '{found[1]}' is invalid in the select list because it is not contained in either an "
            f"aggregate function or the GROUP BY clause.",
            16,
        )
    if "aggregate" in text.lower() and "where clause" in text.lower():
        return (
            147,
            "An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a "
            "HAVING clause or a select list.",
            15,
        )
    if (
        "cannot mix values of type" in text.lower()
        or "cannot compare values of type" in text.lower()
        or "no function matches" in text.lower()
    ):
        return 206, f"Operand type clash: {text}", 16
    return 102, text, 15


def _family(duck: str) -> str:
    return {"DOUBLE": "float", "FLOAT": "real", "BOOL": "bit", "UUID": "uniqueidentifier"}.get(duck, "numeric")
