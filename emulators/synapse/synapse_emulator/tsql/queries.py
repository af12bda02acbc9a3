"""The grammar of queries: CTEs, SELECT, set operations, FROM."""

from __future__ import annotations

from synapse_emulator.errors import SqlError, unsupported
from synapse_emulator.tsql import nodes as n
from synapse_emulator.tsql.cursor import RESERVED
from synapse_emulator.tsql.expressions import ExpressionParser

_JOIN_WORDS = frozenset({"JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "OUTER"})
_ALIAS_STOP = RESERVED | {"WITHIN", "LABEL", "COPY", "RENAME", "THROW", "OUTPUT", "OFFSET", "USING", "LEFT", "RIGHT"}


class QueryParser(ExpressionParser):
    """Queries."""

    def query(self) -> n.Query:
        """[WITH …] body [ORDER BY …] [OPTION (…)]."""
        query = n.Query(None, line=self.line)
        if self.take("WITH"):
            query.ctes = self.ctes()
        query.body = self._set_operations()
        self.query_tail(query)
        return query

    def query_tail(self, query: n.Query) -> None:
        """ORDER BY and OPTION; refuses what the pool lacks."""
        if self.take("ORDER"):
            self.expect("BY")
            query.order = self.order_items()
            if self.is_("OFFSET"):
                raise unsupported("OFFSET/FETCH", self.line)
        if self.is_("FOR") and self.peek().key in ("JSON", "XML", "BROWSE"):
            raise unsupported(f"FOR {self.peek().key}", self.line)
        query.label = self.option()

    def option(self) -> str | None:
        """OPTION (LABEL = '…', hints): gives the label."""
        if not self.take("OPTION"):
            return None
        self.expect("(")
        label, depth = None, 1
        while depth:
            if self.is_("LABEL", "="):
                self.at += 2
                label = self.string()
                continue
            token = self.next()
            if token.kind == "end":
                raise self.unexpected()
            depth += (token.key == "(") - (token.key == ")")
        return label

    def ctes(self) -> list[tuple[str, list[str] | None, n.Expression]]:
        """The common table expressions after WITH."""
        found = []
        while True:
            line = self.line
            name = self.identifier()
            columns = self.names() if self.is_("(") else None
            self.expect("AS", "(")
            query = self.query()
            self.expect(")")
            if _mentions(query, name):
                raise SqlError(
                    104467,
                    f"Recursive common table expression '{name}' is not supported in a dedicated SQL pool.",
                    line=line,
                )
            found.append((name, columns, query))
            if not self.take(","):
                return found

    def _set_operations(self) -> n.Expression:
        left = self._intersections()
        while self.one_of(("UNION", "EXCEPT")):
            token = self.next()
            op = "UNION ALL" if token.key == "UNION" and self.take("ALL") else token.key
            left = n.SetOperation(op, left, self._intersections(), line=token.line)
        return left

    def _intersections(self) -> n.Expression:
        left = self._query_term()
        while self.is_("INTERSECT"):
            line = self.next().line
            left = n.SetOperation("INTERSECT", left, self._query_term(), line=line)
        return left

    def _query_term(self) -> n.Expression:
        if self.take("("):
            inner = self.query()
            self.expect(")")
            return inner
        if self.is_("VALUES"):
            raise unsupported("The table value constructor (VALUES as a table)", self.line)
        return self._select()

    def _select(self) -> n.Select:
        line = self.line
        self.expect("SELECT")
        select = n.Select([], line=line)
        select.distinct = self.take("DISTINCT")
        if not select.distinct:
            self.take("ALL")
        if self.take("TOP"):
            select.top = self._top()
        select.items.append(self._item())
        while self.take(","):
            select.items.append(self._item())
        if self.take("INTO"):
            select.into = self.name()
        if self.take("FROM"):
            select.source = self.from_()
        if self.take("WHERE"):
            select.where = self.condition()
        if self.take("GROUP"):
            self.expect("BY")
            self._grouping(select)
        if self.take("HAVING"):
            select.having = self.condition()
        return select

    def _top(self) -> n.Top:
        line = self.line
        if self.take("("):
            count = self.expression()
            self.expect(")")
        else:
            count = n.Literal("int", str(self.integer()), line=line)
        top = n.Top(count, line=line)
        top.percent = self.take("PERCENT")
        top.ties = self.is_("WITH", "TIES") and self.take("WITH", "TIES")
        return top

    def _item(self) -> n.Item:
        line = self.line
        if self.take("*"):
            return n.Item(n.Star(line=line), line=line)
        if self.token.kind == "var" and self.peek().key in ("=", "+=", "-=", "*=", "/="):
            target = self.next().text.lower()
            op = self.next().key
            value = self.expression()
            if op != "=":
                value = n.Binary(op[0], n.Variable(target, line=line), value, line=line)
            return n.Item(value, target=target, line=line)
        if self.is_identifier() and self.peek().key == "=":
            alias = self.identifier()
            self.expect("=")
            return n.Item(self.expression(), alias, line=line)
        value = self.expression()
        if self.one_of(("=", "<>", "<", ">", "LIKE", "IN")):
            raise self.unexpected()
        return n.Item(value, self.alias(), line=line)

    def alias(self) -> str | None:
        """[AS] alias, if one follows."""
        if self.take("AS"):
            if self.token.kind in ("str", "nstr"):
                return self.next().value
            return self.identifier()
        if self.token.kind == "quoted" or (self.token.kind == "word" and self.token.key not in _ALIAS_STOP):
            return self.next().value
        if self.token.kind in ("str", "nstr"):
            return self.next().value
        return None

    def _grouping(self, select: n.Select) -> None:
        if self.one_of(("ROLLUP", "CUBE")) and self.peek().key == "(":
            kind = self.next().key
            if kind == "CUBE":
                raise unsupported("GROUP BY CUBE", self.line)
            select.grouping_kind = kind
            select.grouping = self._arguments()
        elif self.is_("GROUPING", "SETS"):
            raise unsupported("GROUP BY GROUPING SETS", self.line)
        else:
            select.grouping.append(self.expression())
            while self.take(","):
                select.grouping.append(self.expression())
            if self.is_("WITH", "ROLLUP"):
                self.at += 2
                select.grouping_kind = "ROLLUP"

    def from_(self) -> n.Expression:
        """The tables after FROM."""
        source = self._joins()
        while self.take(","):
            source = n.Join("CROSS", source, self._joins(), line=self.line)
        return source

    def _joins(self) -> n.Expression:
        left = self._table()
        while self.one_of(_JOIN_WORDS):
            line = self.line
            kind = self._join_kind()
            right = self._table()
            on = None
            if kind in ("INNER", "LEFT", "RIGHT", "FULL"):
                self.expect("ON")
                on = self.condition()
            left = n.Join(kind, left, right, on, line=line)
        return left

    def _join_kind(self) -> str:
        word = self.next().key
        if word == "JOIN":
            return "INNER"
        if word == "CROSS" or word == "OUTER":
            if self.take("APPLY"):
                return f"{word} APPLY"
            if word == "OUTER":
                raise self.unexpected()
        elif word != "INNER":
            self.take("OUTER")
        if self.one_of(("HASH", "LOOP", "MERGE", "REDUCE", "REPLICATE", "REDISTRIBUTE")):
            self.next()
        self.expect("JOIN")
        return word

    def _table(self) -> n.Expression:
        line = self.line
        if self.take("("):
            if self.is_("VALUES"):
                raise unsupported("The table value constructor (VALUES as a table)", line)
            if self.one_of(("SELECT", "WITH")) or self.is_("("):
                mark = self.at
                try:
                    query = self.query()
                    self.expect(")")
                    alias = self.alias()
                    if alias is None:
                        raise self.unexpected()
                    return n.Derived(query, alias, self.names() if self.is_("(") else None, line=line)
                except SqlError:
                    if self.tokens[mark].key != "(":
                        raise
                    self.at = mark
            source = self._joins()
            self.expect(")")
            return source
        if self.one_of(("OPENROWSET", "OPENQUERY", "OPENXML")):
            raise unsupported(self.token.key, line)
        parts = self.name()
        if self.is_("(") and self.peek().key not in ("NOLOCK",):
            call = self._call(parts, line)
            return n.TableCall(call, self.alias(), line=line)
        table = n.TableName(parts, self.alias(), line=line)
        self.table_hints()
        if self.one_of(("PIVOT", "UNPIVOT")):
            raise unsupported(f"{self.token.key} in this emulator", line)
        return table

    def table_hints(self) -> None:
        """WITH (NOLOCK) and the old (NOLOCK)."""
        if self.is_("WITH", "("):
            self.next()
            self.skip_parentheses()
        elif self.is_("(", "NOLOCK", ")"):
            self.at += 3


def _mentions(query: n.Query, name: str) -> bool:
    """Whether a query reads a one-part table `name`, which for a CTE is recursion."""
    if any(cte[0].lower() == name.lower() for cte in query.ctes):
        return False
    return _body_mentions(query.body, name) or any(_mentions(cte[2], name) for cte in query.ctes)


def _body_mentions(body: n.Expression, name: str) -> bool:
    if isinstance(body, n.Query):
        return _mentions(body, name)
    if isinstance(body, n.SetOperation):
        return _body_mentions(body.left, name) or _body_mentions(body.right, name)
    return isinstance(body, n.Select) and _source_mentions(body.source, name)


def _source_mentions(source: n.Expression, name: str) -> bool:
    if isinstance(source, n.Join):
        return _source_mentions(source.left, name) or _source_mentions(source.right, name)
    if isinstance(source, n.Derived):
        return _mentions(source.query, name)
    return isinstance(source, n.TableName) and len(source.parts) == 1 and source.parts[0].lower() == name.lower()
