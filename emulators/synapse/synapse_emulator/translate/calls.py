"""Function calls: aggregates, windows, functions of the session, and all others."""

from __future__ import annotations

from synapse_emulator.errors import SqlError
from synapse_emulator.translate import types as t
from synapse_emulator.translate.environment import Environment
from synapse_emulator.translate.functions import Value, aggregate_type, build, text
from synapse_emulator.translate.operators import fit_aggregate
from synapse_emulator.translate.scope import Scope
from synapse_emulator.translate.types import SqlType
from synapse_emulator.tsql import nodes as n

_AGGREGATES = {
    "SUM": "sum", "AVG": "avg", "MIN": "min", "MAX": "max", "STDEV": "stddev_samp", "STDEVP": "stddev_pop",
    "VAR": "var_samp", "VARP": "var_pop",
}  # fmt: skip
_RANKING = {"ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE", "PERCENT_RANK", "CUME_DIST"}
_OFFSETS = {"LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE"}


class CallTranslator:
    """Calls within a scope; the rest of the translator is its subclass."""

    env: Environment

    def expression(self, node: n.Expression, scope: Scope) -> Value:
        """A value; the translator of expressions fills it in."""
        raise NotImplementedError

    def order_text(self, items: list[n.Order], scope: Scope) -> str:
        """ORDER BY items; the translator of expressions fills it in."""
        raise NotImplementedError

    def _case(self, node: n.Case, scope: Scope) -> Value:
        raise NotImplementedError

    def _parameter(self, name: str, kind: SqlType) -> Value:
        raise NotImplementedError

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
            return fit_aggregate(node.name, sql, kind)
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
        values = [
            (a.text, None) if isinstance(a, n.Literal) and a.kind == "word" else self.expression(a, scope)
            for a in node.args
        ]
        catalogue = self.env.catalogue_function(node.name, [value[0] for value in values])
        return catalogue if catalogue is not None else build(node.name, values, node.line)

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
