"""T-SQL expressions and conditions as DuckDB text, each with its T-SQL type."""

from __future__ import annotations

import re

from synapse_emulator.errors import SqlError
from synapse_emulator.translate import types as t
from synapse_emulator.translate.calls import CallTranslator
from synapse_emulator.translate.casts import cast
from synapse_emulator.translate.environment import Environment
from synapse_emulator.translate.functions import Value, convert, text
from synapse_emulator.translate.operators import align, arithmetic, both_text, like_to_regex, shift
from synapse_emulator.translate.scope import Scope, literal
from synapse_emulator.translate.types import SqlType
from synapse_emulator.tsql import nodes as n


class ExpressionTranslator(CallTranslator):
    """Expressions within a scope; `env` knows variables and session functions, `used` collects parameters."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.used: set[str] = set()

    def query_text(self, query: n.Query, scope: Scope) -> tuple[str, list[tuple[str, SqlType | None]]]:
        """A subquery; the translator of queries fills it in."""
        raise NotImplementedError

    # Conditions

    def condition(self, node: n.Expression, scope: Scope) -> str:
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

    def comparable(self, left: n.Expression, right: n.Expression, scope: Scope) -> tuple[str, str]:
        """Both sides of a comparison, the lower type converted to the higher."""
        a, b = self.expression(left, scope), self.expression(right, scope)
        return align(a, b), align(b, a)

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
            values = [align(self.expression(arg, scope), operand) for arg in node.args]
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

    def expression(self, node: n.Expression, scope: Scope) -> Value:
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
            hexadecimal = node.text[2:]
            hexadecimal = "0" * (len(hexadecimal) % 2) + hexadecimal
            return f"unhex('{hexadecimal}')", SqlType("varbinary", max(len(hexadecimal) // 2, 1))
        return "NULL", None

    def _column(self, node: n.Column, scope: Scope) -> Value:
        return scope.resolve(node.parts, node.line)

    def _variable(self, node: n.Variable, scope: Scope) -> Value:
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
        if node.op == "+" and both_text(a, b):
            length = t.MAX
            if a is not None and b is not None and t.MAX not in (a.length, b.length):
                length = min(a.length + b.length, 4000)
            wide = any(k is not None and k.name.startswith("n") for k in (a, b))
            joined = f"({left[0]} || {right[0]})"
            if a is None or b is None:
                return joined, a or b
            return joined, t.nvarchar(length) if wide else t.varchar(length)
        if a is not None and b is not None and (a.is_temporal or b.is_temporal):
            return shift(node, left, right)
        if a is not None and a.is_string and b is not None:
            left = (cast(left[0], a, b), b)
        if b is not None and b.is_string and a is not None:
            right = (cast(right[0], b, a), a)
        return arithmetic(node.op, left, right)

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

    def _style(self, node: n.Expression) -> int | None:
        if node is None:
            return None
        if isinstance(node, n.Literal) and node.kind == "int":
            return int(node.text)
        if isinstance(node, n.Variable):
            self.env.volatile = True
            value = self.env.value(node.name)
            return int(str(value)) if value is not None else None
        raise SqlError(8116, "The style of CONVERT must be a number or a variable here.", line=node.line)

    def _scalar(self, node: n.Scalar, scope: Scope) -> Value:
        sql, columns = self.query_text(node.query, scope)
        if len(columns) != 1:
            raise SqlError(
                116,
                "Only one expression can be specified in the select list when the subquery is not "
                "introduced with EXISTS.",
                line=node.line,
            )
        return f"({sql})", columns[0][1]

    def _star(self, node: n.Star, scope: Scope) -> Value:
        return "*", None

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
