"""Queries as DuckDB text."""

from __future__ import annotations

from synapse_emulator.errors import SqlError
from synapse_emulator.translate import types as t
from synapse_emulator.translate.expressions import ExpressionTranslator
from synapse_emulator.translate.functions import convert
from synapse_emulator.translate.scope import OutputColumn, Scope, Source, quote
from synapse_emulator.tsql import nodes as n


class QueryTranslator(ExpressionTranslator):
    """SELECT and everything in it."""

    def query_text(self, query: n.Query, scope: Scope | None) -> tuple[str, list[OutputColumn]]:
        """DuckDB text and result columns of a query inside `scope`."""
        inner = Scope(scope)
        prefix = self.ctes_text(query.ctes, inner)
        body = query.body
        while isinstance(body, n.Query) and not body.ctes and not body.order:
            body = body.body
        if isinstance(body, n.Select):
            sql, columns = self.select_text(body, inner, query.order)
            return prefix + sql, columns
        sql, columns = self._body_text(body, inner)
        if query.order:
            sql += " ORDER BY " + self._set_order(query.order, columns)
        return prefix + sql, columns

    def ctes_text(self, ctes: list[tuple[str, list[str] | None, n.Expression]], scope: Scope) -> str:
        """WITH …, each CTE known to those after it and to the body."""
        parts = []
        for name, names, query in ctes:
            if name.lower() in scope.ctes:
                raise SqlError(239, f"Duplicate common table expression name '{name}' was specified.", line=query.line)
            sql, columns = self.query_text(query, scope)
            columns = self._named(columns, names, name, query)
            alias_list = ", ".join(quote(c[0]) for c in columns)
            parts.append(f"{quote(name)}({alias_list}) AS ({sql})")
            scope.ctes[name.lower()] = (quote(name), columns)
        return f"WITH {', '.join(parts)} " if parts else ""

    def _named(
        self, columns: list[OutputColumn], names: list[str] | None, table: str, query: n.Query
    ) -> list[OutputColumn]:
        has_top = isinstance(query.body, n.Select) and query.body.top is not None
        if query.order and not has_top:
            raise SqlError(
                1033,
                "The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, "
                "and common table "
                "expressions, unless TOP, OFFSET or FOR XML is also specified.",
                severity=15,
                line=query.line,
            )
        if names is not None:
            if len(names) != len(columns):
                more = "more" if len(names) < len(columns) else "fewer"
                raise SqlError(
                    8158 if more == "more" else 8159,
                    f"'{table}' has {more} columns than were specified in the column list.",
                    line=query.line,
                )
            columns = [(new, old[1]) for new, old in zip(names, columns, strict=True)]
        seen: set[str] = set()
        for i, (name, _) in enumerate(columns):
            if not name:
                raise SqlError(8155, f"No column name was specified for column {i + 1} of '{table}'.", line=query.line)
            if name.lower() in seen:
                raise SqlError(
                    8156, f"The column '{name}' was specified multiple times for '{table}'.", line=query.line
                )
            seen.add(name.lower())
        return columns

    def _body_text(self, body: n.Expression, scope: Scope) -> tuple[str, list[OutputColumn]]:
        if isinstance(body, n.Query):
            sql, columns = self.query_text(body, scope)
            return f"({sql})", columns
        if isinstance(body, n.Select):
            sql, columns = self.select_text(body, Scope(scope), [])
            return (f"({sql})" if body.top is not None else sql), columns
        left, a = self._body_text(body.left, scope)
        right, b = self._body_text(body.right, scope)
        if len(a) != len(b):
            raise SqlError(
                205,
                "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal "
                "number of expressions in their target lists.",
                line=body.line,
            )
        left, right = (
            f"({s})" if isinstance(x, n.SetOperation) and x is body.right else s
            for s, x in ((left, body.left), (right, body.right))
        )
        columns = [(x[0], t.unify(x[1], y[1])) for x, y in zip(a, b, strict=True)]
        left, right = _fit(left, a, columns), _fit(right, b, columns)
        return f"{left} {body.op} {right}", columns

    def _set_order(self, order: list[n.Order], columns: list[OutputColumn]) -> str:
        found = []
        for item in order:
            node = item.expression
            if isinstance(node, n.Literal) and node.kind == "int":
                key = node.text
            else:
                names = [c[0].lower() for c in columns]
                if not isinstance(node, n.Column) or node.parts[-1].lower() not in names:
                    raise SqlError(
                        104,
                        "ORDER BY items must appear in the select list if the statement contains a UNION, "
                        "INTERSECT or EXCEPT operator.",
                        line=item.line,
                    )
                key = str(names.index(node.parts[-1].lower()) + 1)
            found.append(key + (" DESC NULLS LAST" if item.descending else " ASC NULLS FIRST"))
        return ", ".join(found)

    def select_text(self, select: n.Select, scope: Scope, order: list[n.Order]) -> tuple[str, list[OutputColumn]]:
        """One SELECT with its own order."""
        source = self.source_text(select.source, scope) if select.source is not None else ""
        where = self.condition(select.where, scope) if select.where is not None else ""
        grouping = [self.expression(e, scope)[0] for e in select.grouping]
        items: list[str] = []
        columns: list[OutputColumn] = []
        by_alias: dict[str, str] = {}
        for item in select.items:
            if isinstance(item.expression, n.Star):
                for origin, column in scope.expand(item.expression.qualifier, item.line):
                    items.append(f"{quote(origin.emitted)}.{quote(column[0])}")
                    columns.append(column)
                continue
            sql, kind = self.expression(item.expression, scope)
            name = item.alias or (item.expression.parts[-1] if isinstance(item.expression, n.Column) else "")
            if item.alias:
                by_alias[item.alias.lower()] = sql
            items.append(f"{sql} AS {quote(name)}" if name else sql)
            columns.append((name, kind))
        parts = ["SELECT DISTINCT" if select.distinct else "SELECT", ", ".join(items)]
        if source:
            parts.append("FROM " + source)
        if where:
            parts.append("WHERE " + where)
        if grouping:
            listed = ", ".join(grouping)
            parts.append(f"GROUP BY {'ROLLUP (' + listed + ')' if select.grouping_kind else listed}")
        if select.having is not None:
            parts.append("HAVING " + self.condition(select.having, scope))
        ordering = self._order(order, scope, columns, by_alias, select)
        self._limit(select, parts, ordering, scope)
        return " ".join(parts), columns

    def _order(
        self,
        order: list[n.Order],
        scope: Scope,
        columns: list[OutputColumn],
        by_alias: dict[str, str],
        select: n.Select,
    ) -> str:
        found = []
        for item in order:
            node = item.expression
            if isinstance(node, n.Literal) and node.kind == "int":
                position = int(node.text)
                if not 1 <= position <= len(columns):
                    raise SqlError(
                        108,
                        f"The ORDER BY position number {position} is out of range of the number of items "
                        f"in the select list.",
                        line=item.line,
                    )
                key = node.text
            elif isinstance(node, n.Column) and len(node.parts) == 1 and node.parts[0].lower() in by_alias:
                names = [c[0].lower() for c in columns]
                key = str(names.index(node.parts[0].lower()) + 1)
            elif isinstance(node, (n.Scalar, n.Literal)):
                continue
            else:
                key = self.expression(node, scope)[0]
            found.append(key + (" DESC NULLS LAST" if item.descending else " ASC NULLS FIRST"))
        return ", ".join(found)

    def _limit(self, select: n.Select, parts: list[str], ordering: str, scope: Scope) -> None:
        top = select.top
        if top is not None and top.ties:
            if not ordering:
                raise SqlError(
                    1062,
                    "The TOP N WITH TIES clause is not allowed without a corresponding ORDER BY clause.",
                    severity=15,
                    line=top.line,
                )
            parts.append(f"QUALIFY rank() OVER (ORDER BY {ordering}) <= {self.expression(top.count, scope)[0]}")
        if ordering:
            parts.append("ORDER BY " + ordering)
        if top is not None and not top.ties:
            count = self.expression(top.count, scope)[0]
            if top.percent:
                parts.append(f"LIMIT {count}%" if count.replace(".", "").isdigit() else f"LIMIT ({count})%")
            else:
                parts.append(f"LIMIT {count}")

    # FROM

    def source_text(self, node: n.Expression, scope: Scope) -> str:
        """A table, derived table, function or join; its sources join the scope."""
        if isinstance(node, n.Join):
            return self._join_text(node, scope)
        if isinstance(node, n.TableName):
            return self._table_text(node, scope)
        if isinstance(node, n.Derived):
            return self._derived_text(node, scope, lateral=False)
        return self._function_text(node, scope)

    def _table_text(self, node: n.TableName, scope: Scope) -> str:
        cte = scope.cte(node.parts[0]) if len(node.parts) == 1 else None
        if cte is not None:
            source = scope.add(Source(node.alias or node.parts[-1], node.alias or node.parts[-1], cte[1], aliased=True))
            return f"{cte[0]} AS {quote(source.emitted)}"
        table = self.env.table(node.parts, node.line)
        alias = node.alias or table.name
        source = scope.add(Source(alias, alias, table.columns, table, aliased=node.alias is not None))
        return f"{table.sql} AS {quote(source.emitted)}"

    def _derived_text(self, node: n.Derived, scope: Scope, *, lateral: bool) -> str:
        outer = scope if lateral else scope.parent
        holder = Scope(outer, ctes=scope.ctes)
        sql, columns = self.query_text(node.query, holder)
        columns = self._named(columns, node.columns, node.alias, node.query)
        source = scope.add(Source(node.alias, node.alias, columns, aliased=True))
        names = ", ".join(quote(c[0]) for c in columns)
        return f"{'LATERAL ' if lateral else ''}({sql}) AS {quote(source.emitted)}({names})"

    def _join_text(self, node: n.Join, scope: Scope) -> str:
        left = self.source_text(node.left, scope)
        if node.kind.endswith("APPLY"):
            if isinstance(node.right, n.Derived):
                right = self._derived_text(node.right, scope, lateral=True)
            else:
                right = self.source_text(node.right, scope)
            return f"{left} {'LEFT' if node.kind == 'OUTER APPLY' else 'INNER'} JOIN {right} ON true"
        right = self.source_text(node.right, scope)
        if isinstance(node.right, n.Join):
            right = f"({right})"
        if node.kind == "CROSS":
            return f"{left} CROSS JOIN {right}"
        return f"{left} {node.kind} JOIN {right} ON {self.condition(node.on, scope)}"

    def _function_text(self, node: n.TableCall, scope: Scope) -> str:
        call = node.call
        if call.name != "STRING_SPLIT":
            raise SqlError(208, f"Invalid object name '{'.'.join(call.path)}'.", line=node.line)
        value, separator = (self.expression(a, scope)[0] for a in call.args)
        alias = node.alias or "string_split"
        source = scope.add(Source(alias, alias, [("value", t.nvarchar(4000))], aliased=True))
        return f"LATERAL (SELECT unnest(string_split({value}, {separator})) AS value) AS {quote(source.emitted)}"


def _fit(sql: str, have: list[OutputColumn], want: list[OutputColumn]) -> str:
    """An arm of a UNION with the columns converted that are of another family."""
    if all(convert(("x", h[1]), w[1]) == "x" for h, w in zip(have, want, strict=True)):
        return sql
    names = [f"c{i}" for i in range(len(have))]
    items = ", ".join(convert((f"q.{name}", h[1]), w[1]) for name, h, w in zip(names, have, want, strict=True))
    return f"SELECT {items} FROM ({sql}) AS q({', '.join(names)})"
