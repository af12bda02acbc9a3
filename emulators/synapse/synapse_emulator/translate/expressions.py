"""T-SQL expressions and conditions as DuckDB text, each with its T-SQL type."""

from __future__ import annotations

import re
from typing import Any

from synapse_emulator.errors import SqlError
from synapse_emulator.translate import types as t
from synapse_emulator.translate.casts import cast, normalize_date_text
from synapse_emulator.translate.environment import Environment
from synapse_emulator.translate.functions import Value, aggregate_type, build, convert, text
from synapse_emulator.translate.scope import Scope, literal
from synapse_emulator.translate.types import SqlType
from synapse_emulator.tsql import nodes as n
from synapse_emulator.tsql.refusals import refuse_variable

_AGGREGATES = {
    "SUM": "sum", "AVG": "avg", "MIN": "min", "MAX": "max", "STDEV": "stddev_samp", "STDEVP": "stddev_pop",
    "VAR": "var_samp", "VARP": "var_pop",
}  # fmt: skip
_RANKING = {"ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE", "PERCENT_RANK", "CUME_DIST"}
_OFFSETS = {"LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE"}


class ExpressionTranslator:
    """Expressions within a scope; `env` knows variables and session functions, `used` collects parameters."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.used: set[str] = set()

    def query_text(self, query: n.Query, scope: Scope) -> tuple[str, list[tuple[str, SqlType | None]]]:
        """A subquery; the translator of queries fills it in."""
        raise NotImplementedError

    # Conditions

    def condition(self, node: Any, scope: Scope) -> str:
        """A search condition."""
        if isinstance(node, n.Binary):
            if node.op in ("AND", "OR"):
                return f"({self.condition(node.left, scope)} {node.op} {self.condition(node.right, scope)})"
            if node.op in ("=", "<>", "<", "<=", ">", ">="):
                left, right = self.comparable(node.left, node.right, scope)
                return f"({left} {node.op} {right})"
        if isinstance(node, n.Unary) and node.op == "NOT":
            return f"(NOT {self.condition(node.operand, scope)})"
        if isinstance(node, n.Exists):
            return f"EXISTS ({self.query_text(node.query, scope)[0]})"
        if isinstance(node, n.Test):
            return self._test(node, scope)
        if isinstance(node, n.Quantified):
            inner = self.query_text(node.query, scope)[0]
            return f"({self.expression(node.left, scope)[0]} {node.op} {node.quantifier} ({inner}))"
        raise SqlError(
            4145,
            "An expression of non-boolean type specified in a context where a condition is expected.",
            severity=15,
            line=getattr(node, "line", 1),
        )

    def comparable(self, left: Any, right: Any, scope: Scope) -> tuple[str, str]:
        """Both sides of a comparison, the lower type converted to the higher."""
        a, b = self.expression(left, scope), self.expression(right, scope)
        return _align(a, b), _align(b, a)

    def _test(self, node: n.Test, scope: Scope) -> str:
        negation = "NOT " if node.negated else ""
        if node.kind == "NULL":
            return f"({self.expression(node.operand, scope)[0]} IS {negation}NULL)"
        if node.kind == "BETWEEN":
            low = self.comparable(node.operand, node.args[0], scope)
            high = self.comparable(node.operand, node.args[1], scope)
            if low[0] == high[0]:
                return f"({low[0]} {negation}BETWEEN {low[1]} AND {high[1]})"
            return f"({negation}({low[0]} >= {low[1]} AND {high[0]} <= {high[1]}))"
        operand = self.expression(node.operand, scope)
        if node.kind == "IN":
            values = [_align(self.expression(arg, scope), operand) for arg in node.args]
            return f"({operand[0]} {negation}IN ({', '.join(values)}))"
        if node.kind == "IN QUERY":
            return f"({operand[0]} {negation}IN ({self.query_text(node.args[0], scope)[0]}))"
        return self._like(node, operand, negation, scope)

    def _like(self, node: n.Test, operand: Value, negation: str, scope: Scope) -> str:
        pattern = node.args[0]
        escape = node.args[1] if len(node.args) > 1 else None
        subject = text(operand)
        if isinstance(pattern, n.Literal) and "[" in pattern.text and escape is None:
            return f"({negation}regexp_full_match({subject}, {literal(like_to_regex(pattern.text))}, 'is'))"
        sql = text(self.expression(pattern, scope))
        tail = f" ESCAPE {self.expression(escape, scope)[0]}" if escape is not None else ""
        if not isinstance(pattern, n.Literal) and escape is None:
            return f"({negation}tsql_like({subject}, {sql}))"
        return f"({subject} {negation}ILIKE {sql}{tail})"

    # Values

    def expression(self, node: Any, scope: Scope) -> Value:
        """A value and its type (None when nothing can be said)."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise SqlError(
                102, "Incorrect syntax near a condition used as a value.", severity=15, line=getattr(node, "line", 1)
            )
        return method(node, scope)

    def _literal(self, node: n.Literal, scope: Scope) -> Value:
        if node.kind == "str":
            return literal(node.text), t.varchar(max(len(node.text), 1))
        if node.kind == "nstr":
            return literal(node.text), t.nvarchar(max(len(node.text), 1))
        if node.kind == "int":
            value = int(node.text)
            return str(value), t.INT if value < 2**31 else t.decimal(len(str(value)), 0)
        if node.kind == "dec":
            whole, _, fraction = node.text.partition(".")
            whole = whole.lstrip("0")
            digits = max(len(whole) + len(fraction), 1)
            if digits > 38:
                raise SqlError(
                    1007, f"The number '{node.text}' is out of the range for numeric representation.", severity=15
                )
            return f"CAST({literal(node.text)} AS DECIMAL({digits},{len(fraction)}))", t.decimal(digits, len(fraction))
        if node.kind == "float":
            return f"CAST({literal(node.text)} AS DOUBLE)", t.FLOAT
        if node.kind == "bin":
            digits = node.text[2:]
            digits = "0" * (len(digits) % 2) + digits
            return f"unhex('{digits}')", SqlType("varbinary", max(len(digits) // 2, 1))
        return "NULL", None

    def _column(self, node: n.Column, scope: Scope) -> Value:
        return scope.resolve(node.parts, node.line)

    def _variable(self, node: n.Variable, scope: Scope) -> Value:
        refuse_variable(node.name, node.line)
        kind = self.env.variable(node.name, node.line)
        return self._parameter(node.name, kind)

    def _parameter(self, name: str, kind: SqlType) -> Value:
        key = "p_" + re.sub(r"\W", lambda m: f"_{ord(m[0]):x}_", name)
        self.used.add(name)
        self.env.keys[name] = key
        return f"CAST(${key} AS {kind.duck()})", kind

    def _collate(self, node: n.Collate, scope: Scope) -> Value:
        sql, kind = self.expression(node.operand, scope)
        upper = node.collation.upper()
        exact = "_CS" in upper or "_BIN" in upper
        return (f"({sql} COLLATE {'C' if exact else 'NOCASE'})", kind)

    def _unary(self, node: n.Unary, scope: Scope) -> Value:
        if node.op == "NOT":
            raise SqlError(156, "Incorrect syntax near the keyword 'NOT'.", severity=15, line=node.line)
        sql, kind = self.expression(node.operand, scope)
        if node.op == "+":
            return sql, kind
        if kind is not None and kind.name in ("bit", "tinyint"):
            sql, kind = f"CAST({sql} AS INTEGER)", t.INT
        return f"({node.op}{sql})", kind

    def _binary(self, node: n.Binary, scope: Scope) -> Value:
        left, right = self.expression(node.left, scope), self.expression(node.right, scope)
        a, b = left[1], right[1]
        if node.op == "+" and _both_text(a, b):
            length = t.MAX
            if a is not None and b is not None and t.MAX not in (a.length, b.length):
                length = min(a.length + b.length, 4000)
            wide = any(k is None or k.name.startswith("n") for k in (a, b))
            return f"({left[0]} || {right[0]})", t.nvarchar(length) if wide else t.varchar(length)
        if a is not None and b is not None and (a.is_temporal or b.is_temporal):
            return _shift(node, left, right)
        if a is not None and a.is_string and b is not None:
            left, a = (cast(left[0], a, b), b)
        if b is not None and b.is_string and a is not None:
            right, b = (cast(right[0], b, a), a)
        left = (left[0] if isinstance(left, tuple) else left, a)
        right = (right[0] if isinstance(right, tuple) else right, b)
        return _arithmetic(node.op, left, right)

    def _case(self, node: n.Case, scope: Scope) -> Value:
        values = [self.expression(value, scope) for _, value in node.whens]
        if node.default is not None:
            values.append(self.expression(node.default, scope))
        kind: SqlType | None = None
        for value in values:
            kind = t.unify(kind, value[1])
        parts = ["CASE"]
        for i, (test, _) in enumerate(node.whens):
            if node.operand is not None:
                left, right = self.comparable(node.operand, test, scope)
                condition = f"{left} = {right}"
            else:
                condition = self.condition(test, scope)
            parts.append(f"WHEN {condition} THEN {convert(values[i], kind)}")
        if node.default is not None:
            parts.append(f"ELSE {convert(values[-1], kind)}")
        return " ".join([*parts, "END"]), kind

    def _cast(self, node: n.Cast, scope: Scope) -> Value:
        target = t.resolve(node.type, cast=True)
        sql, kind = self.expression(node.operand, scope)
        style = self._style(node.style)
        constant = (
            node.operand.text if isinstance(node.operand, n.Literal) and node.operand.kind in ("str", "nstr") else None
        )
        out = cast(sql, kind, target, attempt=node.attempt, style=style, constant=constant, line=node.line)
        return out, target

    def _style(self, node: Any) -> int | None:
        if node is None:
            return None
        if isinstance(node, n.Literal) and node.kind == "int":
            return int(node.text)
        if isinstance(node, n.Variable):
            value = self.env.value(node.name)
            return int(str(value)) if value is not None else None
        raise SqlError(8116, "The style of CONVERT must be a number or a variable here.", line=node.line)

    def _scalar(self, node: n.Scalar, scope: Scope) -> Value:
        sql, columns = self.query_text(node.query, scope)
        if len(columns) != 1:
            raise SqlError(
                116,
                "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.",
                line=node.line,
            )
        return f"({sql})", columns[0][1]

    def _star(self, node: n.Star, scope: Scope) -> Value:
        return "*", None

    def _call(self, node: n.Call, scope: Scope) -> Value:
        if node.name in ("COUNT", "COUNT_BIG", "APPROX_COUNT_DISTINCT"):
            return self._count(node, scope)
        if node.name in _AGGREGATES:
            value = self.expression(node.args[0], scope)
            kind = aggregate_type(node.name, value[1])
            if value[1] is not None and value[1].name == "bit" and node.name in ("SUM", "AVG"):
                raise SqlError(
                    8117, f"Operand data type bit is invalid for {node.name.lower()} operator.", line=node.line
                )
            if value[1] is not None and value[1].is_string and node.name in ("SUM", "AVG"):
                raise SqlError(
                    8117,
                    f"Operand data type {value[1].name} is invalid for {node.name.lower()} operator.",
                    line=node.line,
                )
            sql = f"{_AGGREGATES[node.name]}({'DISTINCT ' if node.distinct else ''}{value[0]})" + self._over(
                node, scope
            )
            return _fit_aggregate(node.name, sql, kind)
        if node.name in _RANKING:
            args = ", ".join(self.expression(a, scope)[0] for a in node.args)
            kind = t.FLOAT if node.name in ("PERCENT_RANK", "CUME_DIST") else t.BIGINT
            return f"{node.name.lower()}({args}){self._over(node, scope)}", kind
        if node.name in _OFFSETS:
            values = [self.expression(a, scope) for a in node.args]
            return f"{node.name.lower()}({', '.join(v[0] for v in values)}){self._over(node, scope)}", values[0][1]
        if node.name == "STRING_AGG":
            return self._string_agg(node, scope)
        if node.name == "IIF":
            return self._case(n.Case(None, [(node.args[0], node.args[1])], node.args[2], line=node.line), scope)
        if node.name in ("GROUPING",):
            return f"CAST(grouping({self.expression(node.args[0], scope)[0]}) AS UTINYINT)", SqlType("tinyint")
        constant = self.env.session_function(
            node.name, [a.text if isinstance(a, n.Literal) else None for a in node.args]
        )
        if constant is not None:
            return self._parameter(*constant)
        catalogue = self.env.catalogue_function(node.name, [self.expression(a, scope)[0] for a in node.args])
        if catalogue is not None:
            return catalogue
        args = [
            (a.text, None) if isinstance(a, n.Literal) and a.kind == "word" else self.expression(a, scope)
            for a in node.args
        ]
        return build(node.name, args, node.line)

    def _count(self, node: n.Call, scope: Scope) -> Value:
        args = ", ".join(self.expression(a, scope)[0] for a in node.args)
        name = "approx_count_distinct" if node.name == "APPROX_COUNT_DISTINCT" else "count"
        sql = f"{name}({'DISTINCT ' if node.distinct else ''}{args}){self._over(node, scope)}"
        return sql, t.INT if node.name == "COUNT" else t.BIGINT

    def _string_agg(self, node: n.Call, scope: Scope) -> Value:
        value, separator = (text(self.expression(a, scope)) for a in node.args)
        order = f" ORDER BY {self.order_text(node.within, scope)}" if node.within else ""
        return f"string_agg({value}, {separator}{order})", t.nvarchar(4000)

    def _over(self, node: n.Call, scope: Scope) -> str:
        if node.over is None:
            if node.name in _RANKING or node.name in _OFFSETS:
                raise SqlError(
                    10753, f"The function '{node.name}' must have an OVER clause.", severity=15, line=node.line
                )
            return ""
        parts = []
        if node.over.partition:
            parts.append("PARTITION BY " + ", ".join(self.expression(e, scope)[0] for e in node.over.partition))
        order = self.order_text(node.over.order, scope)
        if order:
            parts.append("ORDER BY " + order)
        if node.over.frame:
            parts.append(node.over.frame)
        return f" OVER ({' '.join(parts)})"

    def order_text(self, items: list[n.Order], scope: Scope) -> str:
        """ORDER BY items of a window; NULL sorts lowest, and `(SELECT NULL)` means no order."""
        found = []
        for item in items:
            if isinstance(item.expression, (n.Scalar, n.Literal)):
                continue
            found.append(
                self.expression(item.expression, scope)[0]
                + (" DESC NULLS LAST" if item.descending else " ASC NULLS FIRST")
            )
        return ", ".join(found)


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


def _both_text(a: SqlType | None, b: SqlType | None) -> bool:
    if a is None or b is None:
        return (a is not None and a.is_string) or (b is not None and b.is_string)
    return a.is_string and b.is_string


def _align(value: Value, other: Value) -> str:
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


def _shift(node: n.Binary, left: Value, right: Value) -> Value:
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
        f"The data types {left[1]} and {right[1]} are incompatible in the {'add' if node.op == '+' else 'subtract'} operator.",
        line=node.line,
    )


def _arithmetic(op: str, left: Value, right: Value) -> Value:
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


def _fit_aggregate(name: str, sql: str, kind: SqlType | None) -> Value:
    if name in ("MIN", "MAX") or kind is None or kind.is_float:
        return sql, kind
    if kind.is_int:
        return f"CAST({f'trunc({sql})' if name == 'AVG' else sql} AS {kind.duck()})", kind
    return f"CAST({sql} AS {kind.duck()})", kind
