"""The grammar of T-SQL expressions and search conditions."""

from __future__ import annotations

from synapse_emulator.errors import unsupported
from synapse_emulator.tsql import nodes as n
from synapse_emulator.tsql.cursor import TokenCursor
from synapse_emulator.tsql.refusals import refuse_function, refuse_variable

COMPARISONS = frozenset({"=", "<>", "!=", "<", "<=", ">", ">=", "!<", "!>"})
_NORMAL = {"!=": "<>", "!<": ">=", "!>": "<="}
_KEYWORD_FUNCTIONS = frozenset({"LEFT", "RIGHT", "COALESCE", "NULLIF", "UPDATE"})
_NILADIC = frozenset({"CURRENT_TIMESTAMP", "CURRENT_USER", "SESSION_USER", "SYSTEM_USER", "USER", "CURRENT_DATE"})
_DATEPART_FUNCTIONS = frozenset({"DATEADD", "DATEDIFF", "DATEDIFF_BIG", "DATEPART", "DATENAME", "DATETRUNC"})


class ExpressionParser(TokenCursor):
    """Expressions, by precedence."""

    def query(self) -> n.Query:
        """A query; the grammar of queries fills it in."""
        raise NotImplementedError

    def condition(self) -> n.Expression:
        """A search condition: OR of ANDs."""
        left = self._and()
        while self.is_("OR"):
            line = self.next().line
            left = n.Binary("OR", left, self._and(), line=line)
        return left

    def _and(self) -> n.Expression:
        left = self._not()
        while self.is_("AND"):
            line = self.next().line
            left = n.Binary("AND", left, self._not(), line=line)
        return left

    def _not(self) -> n.Expression:
        if self.is_("NOT"):
            line = self.next().line
            return n.Unary("NOT", self._not(), line=line)
        if self.is_("("):
            mark = self.at
            if self.peek().key not in ("SELECT", "WITH"):
                self.next()
                try:
                    inner = self.condition()
                    self.expect(")")
                    if _is_condition(inner):
                        return inner
                except Exception:
                    self.at = mark
                    return self._predicate()
                self.at = mark
        return self._predicate()

    def _predicate(self) -> n.Expression:
        line = self.line
        if self.is_("EXISTS") and self.peek().key == "(":
            self.next()
            return n.Exists(self._bracketed_query(), line=line)
        left = self.expression()
        if self.one_of(COMPARISONS):
            op = self.next().key
            op = _NORMAL.get(op, op)
            if self.one_of(("ANY", "SOME", "ALL")) and self.peek().key == "(":
                quantifier = "ALL" if self.next().key == "ALL" else "ANY"
                return n.Quantified(op, left, quantifier, self._bracketed_query(), line=line)
            return n.Binary(op, left, self.expression(), line=line)
        negated = self.is_("NOT") and self.peek().key in ("BETWEEN", "IN", "LIKE") and self.take("NOT")
        if self.take("IS"):
            negated = self.take("NOT")
            self.expect("NULL")
            return n.Test("NULL", left, [], negated, line=line)
        if self.take("BETWEEN"):
            low = self.expression()
            self.expect("AND")
            return n.Test("BETWEEN", left, [low, self.expression()], negated, line=line)
        if self.take("LIKE"):
            args = [self.expression()]
            if self.take("ESCAPE"):
                args.append(self.expression())
            return n.Test("LIKE", left, args, negated, line=line)
        if self.take("IN"):
            if self.peek().key in ("SELECT", "WITH"):
                return n.Test("IN QUERY", left, [self._bracketed_query()], negated, line=line)
            return n.Test("IN", left, self._arguments(), negated, line=line)
        return left

    def expression(self) -> n.Expression:
        """A value: + - & | ^ of * / %."""
        left = self._term()
        while self.one_of(("+", "-", "&", "|", "^")):
            op = self.next()
            left = n.Binary(op.key, left, self._term(), line=op.line)
        return left

    def _term(self) -> n.Expression:
        left = self._unary()
        while self.one_of(("*", "/", "%")):
            op = self.next()
            left = n.Binary(op.key, left, self._unary(), line=op.line)
        return left

    def _unary(self) -> n.Expression:
        if self.one_of(("-", "+", "~")):
            op = self.next()
            return n.Unary(op.key, self._unary(), line=op.line)
        value = self._primary()
        while self.take("COLLATE"):
            value = n.Collate(value, self.identifier(), line=self.line)
        return value

    def _primary(self) -> n.Expression:
        token = self.token
        line = token.line
        if token.kind in ("str", "nstr", "bin"):
            self.next()
            return n.Literal(token.kind, token.value, line=line)
        if token.kind == "num":
            self.next()
            kind = "float" if "e" in token.text.lower() else "dec" if "." in token.text else "int"
            return n.Literal(kind, token.text, line=line)
        if token.kind == "var":
            self.next()
            refuse_variable(token.text.lower(), line)
            return n.Variable(token.text.lower(), line=line)
        if token.key == "NULL":
            self.next()
            return n.Literal("null", "NULL", line=line)
        if token.key == "CASE":
            return self._case()
        if token.key == "(":
            if self.peek().key in ("SELECT", "WITH") or self._nested_query():
                return n.Scalar(self._bracketed_query(), line=line)
            self.next()
            value = self.expression()
            self.expect(")")
            return value
        if token.key in ("CAST", "TRY_CAST", "CONVERT", "TRY_CONVERT", "PARSE", "TRY_PARSE") and self.peek().key == "(":
            return self._cast()
        if token.key in _NILADIC and self.peek().key != "(":
            self.next()
            return n.Call(token.key, [], (token.text,), line=line)
        if token.key in _KEYWORD_FUNCTIONS and self.peek().key == "(":
            self.next()
            return self._call((token.text,), line)
        if self.is_identifier():
            return self._named(line)
        raise self.unexpected()

    def _nested_query(self) -> bool:
        ahead = 1
        while self.peek(ahead).key == "(":
            ahead += 1
        return ahead > 1 and self.peek(ahead).key in ("SELECT", "WITH")

    def _named(self, line: int) -> n.Expression:
        parts = [self.identifier()]
        while self.take("."):
            if self.take("*"):
                return n.Star(tuple(parts), line=line)
            parts.append("" if self.is_(".") else self.identifier_after_dot())
        if self.is_("("):
            return self._call(tuple(parts), line)
        return n.Column(tuple(parts), line=line)

    def _call(self, path: n.Name, line: int) -> n.Call:
        name = path[-1].upper()
        refuse_function(name, line)
        call = n.Call(name, [], path, line=line)
        self.expect("(")
        if name in _DATEPART_FUNCTIONS:
            call.args.append(n.Literal("word", self.next().value.lower(), line=self.line))
            while self.take(","):
                call.args.append(self.expression())
        elif self.take("*"):
            call.args.append(n.Star(line=line))
        elif name == "IIF":
            call.args.append(self.condition())
            while self.take(","):
                call.args.append(self.expression())
        elif not self.is_(")"):
            call.distinct = self.take("DISTINCT")
            if not call.distinct:
                self.take("ALL")
            call.args.append(self.expression())
            while self.take(","):
                call.args.append(self.expression())
            if name == "TRIM" and self.take("FROM"):
                call.args.append(self.expression())
        self.expect(")")
        if self.is_("WITHIN", "GROUP"):
            self.at += 2
            self.expect("(", "ORDER", "BY")
            call.within = self.order_items()
            self.expect(")")
        if self.take("OVER"):
            call.over = self._over()
        return call

    def _over(self) -> n.Over:
        over = n.Over([], [], line=self.line)
        self.expect("(")
        if self.take("PARTITION"):
            self.expect("BY")
            over.partition.append(self.expression())
            while self.take(","):
                over.partition.append(self.expression())
        if self.take("ORDER"):
            self.expect("BY")
            over.order = self.order_items()
        if self.one_of(("ROWS", "RANGE")):
            start = self.token.start
            while not self.is_(")"):
                self.next()
            over.frame = self.text[start : self.token.start].strip()
        self.expect(")")
        return over

    def order_items(self) -> list[n.Order]:
        """The items after ORDER BY."""
        items = []
        while True:
            line = self.line
            value = self.expression()
            descending = self.take("DESC")
            if not descending:
                self.take("ASC")
            items.append(n.Order(value, descending, line=line))
            if not self.take(","):
                return items

    def _case(self) -> n.Case:
        line = self.next().line
        operand = None if self.is_("WHEN") else self.expression()
        whens = []
        while self.take("WHEN"):
            test = self.expression() if operand is not None else self.condition()
            self.expect("THEN")
            whens.append((test, self.expression()))
        default = self.expression() if self.take("ELSE") else None
        if not whens:
            raise self.unexpected()
        self.expect("END")
        return n.Case(operand, whens, default, line=line)

    def _cast(self) -> n.Cast:
        token = self.next()
        if token.key in ("PARSE", "TRY_PARSE"):
            raise unsupported(token.key, token.line)
        self.expect("(")
        attempt = token.key.startswith("TRY_")
        if token.key.endswith("CAST"):
            operand = self.expression()
            self.expect("AS")
            cast = n.Cast(operand, self.type_spec(), attempt, line=token.line)
        else:
            kind = self.type_spec()
            self.expect(",")
            cast = n.Cast(self.expression(), kind, attempt, line=token.line)
            if self.take(","):
                cast.style = self.expression()
        self.expect(")")
        return cast

    def _arguments(self) -> list[n.Expression]:
        self.expect("(")
        found = [self.expression()]
        while self.take(","):
            found.append(self.expression())
        self.expect(")")
        return found

    def _bracketed_query(self) -> n.Query:
        self.expect("(")
        found = self.query()
        self.expect(")")
        return found


def _is_condition(node: n.Expression) -> bool:
    if isinstance(node, n.Binary):
        return node.op in COMPARISONS or node.op in ("AND", "OR")
    if isinstance(node, n.Unary):
        return node.op == "NOT"
    return isinstance(node, (n.Test, n.Exists, n.Quantified))
