"""Operators: text or number, conversion between operands, result types."""

from __future__ import annotations

import re

from synapse_emulator.errors import SqlError
from synapse_emulator.translate import types as t
from synapse_emulator.translate.casts import cast, normalize_date_text
from synapse_emulator.translate.functions import Value
from synapse_emulator.translate.types import SqlType
from synapse_emulator.tsql import nodes as n


def like_to_regex(pattern: str) -> str:
    """A LIKE pattern with character classes as a regular expression."""
    out, i = [], 0
    while i < len(pattern):
        c = pattern[i]
        if c == "%":
            out.append(".*")
        elif c == "_":
            out.append(".")
        elif c == "[" and "]" in pattern[i + 1 :]:
            end = pattern.index("]", i + 1)
            inner = pattern[i + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            out.append(f"[{inner}]")
            i = end
        else:
            out.append(re.escape(c))
        i += 1
    return "".join(out)


def both_text(a: SqlType | None, b: SqlType | None) -> bool:
    """Whether + of these means concatenation."""
    if a is None or b is None:
        return (a is not None and a.is_string) or (b is not None and b.is_string)
    return a.is_string and b.is_string


def align(value: Value, other: Value) -> str:
    """`value` converted for a comparison with `other`, when `other` has the higher type."""
    sql, kind = value
    target = other[1]
    if kind is None or target is None or kind.is_string == target.is_string:
        return sql
    if not kind.is_string:
        return sql
    if target.name == "bit":
        return cast(sql, kind, target)
    constant = sql[1:-1].replace("''", "'") if sql.startswith("'") else None
    if target.is_temporal and constant is not None:
        constant = normalize_date_text(constant)
        if target.name == "date" and ":" in constant:
            target = t.DATETIME2
    if t.higher(kind, target) is not kind:
        return cast(sql, kind, target, constant=constant)
    return sql


def shift(node: n.Binary, left: Value, right: Value) -> Value:
    """Plus and minus where a date is involved: days are added to datetime only."""
    for one, other in ((left, right), (right, left)):
        kind, number = one[1], other[1]
        if (
            kind is not None
            and kind.name in ("datetime", "smalldatetime")
            and number is not None
            and number.is_number
            and node.op in "+-"
        ):
            return (
                f"CAST({one[0]} {node.op} to_microseconds(CAST({other[0]} * 86400000000 AS BIGINT)) AS {kind.duck()})",
                kind,
            )
    if left[1] is not None and right[1] is not None and left[1].name == right[1].name == "datetime" and node.op == "-":
        return f"(TIMESTAMP '1900-01-01' + ({left[0]} - {right[0]}))", t.DATETIME
    raise SqlError(
        206 if node.op not in "+-" else 402,
        f"The data types {left[1]} and {right[1]} are incompatible in the "
        f"{'add' if node.op == '+' else 'subtract'} operator.",
        line=node.line,
    )


def arithmetic(op: str, left: Value, right: Value) -> Value:
    """Numbers combined, with the result type of T-SQL."""
    a, b = left[1], right[1]
    x, y = left[0], right[0]
    if a is not None and a.name == "bit":
        x = f"CAST({x} AS INTEGER)"
    if b is not None and b.name == "bit":
        y = f"CAST({y} AS INTEGER)"
    if op in ("&", "|", "^"):
        return (f"xor({x}, {y})" if op == "^" else f"({x} {op} {y})"), a or b
    kind = t.arithmetic(op, a, b) if a is not None and b is not None and a.is_number and b.is_number else (a or b)
    if op == "/":
        divided = f"({x} // tsql_divisor({y}))"
        if kind is not None and kind.name == "decimal":
            return f"CAST({divided} AS {kind.duck()})", kind
        return divided, kind
    if op == "%":
        return f"({x} % tsql_divisor({y}))", kind
    if kind is not None and kind.name == "decimal" and op == "*":
        return (
            f"CAST({x} * {y} AS {kind.duck()})"
            if kind.precision < 38
            else f"CAST(CAST({x} AS DOUBLE) * {y} AS {kind.duck()})",
            kind,
        )
    if kind is not None and kind.is_int:
        return f"({x} {op} {y})", kind
    return f"({x} {op} {y})", kind


def fit_aggregate(name: str, sql: str, kind: SqlType | None) -> Value:
    """An aggregate cast to T-SQL's result type."""
    if name in ("MIN", "MAX") or kind is None or kind.is_float:
        return sql, kind
    if kind.is_int:
        return f"CAST({f'trunc({sql})' if name == 'AVG' else sql} AS {kind.duck()})", kind
    return f"CAST({sql} AS {kind.duck()})", kind
