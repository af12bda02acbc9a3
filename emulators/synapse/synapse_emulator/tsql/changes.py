"""The grammar of INSERT, UPDATE, DELETE, MERGE and COPY INTO."""

from __future__ import annotations

from synapse_emulator.errors import SqlError, unsupported
from synapse_emulator.tsql import nodes as n
from synapse_emulator.tsql.queries import QueryParser

_ASSIGN = ("=", "+=", "-=", "*=", "/=", "%=")


class ChangeParser(QueryParser):
    """Statements that change rows."""

    def execute(self) -> n.Execute:
        """EXEC; the grammar of statements fills it in."""
        raise NotImplementedError

    def insert(self, ctes: list[n.Expression]) -> n.Insert | n.InsertBulk:
        """INSERT [INTO] t [(columns)] query, VALUES, EXEC or DEFAULT VALUES; INSERT BULK."""
        line = self.line
        self.expect("INSERT")
        if self.take("BULK"):
            return self._insert_bulk(line)
        self.take("INTO")
        insert = n.Insert(self.name(), [], None, ctes, line=line)
        self.table_hints()
        if self.is_("(") and self.peek().key not in ("SELECT", "WITH"):
            insert.columns = self.names()
        if self.is_("OUTPUT"):
            raise unsupported("The OUTPUT clause", self.line)
        if self.take("DEFAULT", "VALUES"):
            return insert
        if self.take("VALUES"):
            insert.source = self._value_row()
            while self.azure_sql and self.take(","):
                insert.more.append(self._value_row())
            if self.is_(","):
                raise SqlError(
                    104467,
                    "INSERT with more than one row of VALUES is not supported in a dedicated SQL pool: use "
                    "INSERT … SELECT … UNION ALL.",
                    line=self.line,
                )
        elif self.one_of(("EXEC", "EXECUTE")):
            insert.source = self.execute()
        else:
            insert.source = self.query()
        if isinstance(insert.source, list):
            self.option()
        return insert

    def _insert_bulk(self, line: int) -> n.InsertBulk:
        bulk = n.InsertBulk(self.name(), [], line=line)
        self.expect("(")
        while True:
            bulk.columns.append(self.identifier())
            self.type_spec()
            if self.take("COLLATE"):
                self.identifier()
            if not self.take("NULL"):
                self.take("NOT", "NULL")
            if not self.take(","):
                break
        self.expect(")")
        if self.take("WITH"):
            self.skip_parentheses()
        return bulk

    def _value_row(self) -> list[n.Expression]:
        self.expect("(")
        row = [self._value()]
        while self.take(","):
            row.append(self._value())
        self.expect(")")
        return row

    def _value(self) -> n.Expression:
        if self.is_("DEFAULT"):
            return n.Literal("default", "DEFAULT", line=self.next().line)
        return self.expression()

    def update(self, ctes: list[n.Expression]) -> n.Update:
        """UPDATE target SET … [FROM …] [WHERE …]."""
        line = self.line
        self.expect("UPDATE")
        update = n.Update(self.name(), [], ctes=ctes, line=line)
        self.table_hints()
        self.expect("SET")
        while True:
            if self.token.kind == "var":
                raise unsupported("UPDATE … SET @variable", self.line)
            column = self.name()
            if not self.one_of(_ASSIGN):
                raise self.unexpected()
            op = self.next().key
            update.changes.append((column, op, self._value()))
            if not self.take(","):
                break
        self._rest(update)
        return update

    def delete(self, ctes: list[n.Expression]) -> n.Delete:
        """DELETE [FROM] target [FROM …] [WHERE …]."""
        line = self.line
        self.expect("DELETE")
        self.take("FROM")
        delete = n.Delete(self.name(), ctes=ctes, line=line)
        self.table_hints()
        self._rest(delete)
        return delete

    def _rest(self, change: n.Update | n.Delete) -> None:
        if self.is_("OUTPUT"):
            raise unsupported("The OUTPUT clause", self.line)
        if self.take("FROM"):
            change.source = self.from_()
        if self.take("WHERE"):
            if self.is_("CURRENT"):
                raise unsupported("WHERE CURRENT OF", self.line)
            change.where = self.condition()
        self.option()

    def merge(self, ctes: list[n.Expression]) -> n.Merge:
        """MERGE, up to the semicolon that it must end with (10713)."""
        line = self.line
        self.expect("MERGE")
        if self.is_("TOP"):
            raise unsupported("MERGE TOP", line)
        self.take("INTO")
        target = self.name()
        if self.is_("WITH", "("):
            raise unsupported("A table hint on the target of MERGE", self.line)
        alias = self.alias()
        self.expect("USING")
        source = self._table()
        self.expect("ON")
        merge = n.Merge(target, alias, source, self.condition(), [], ctes, line=line)
        while self.is_("WHEN"):
            merge.whens.append(self._when())
        if not merge.whens:
            raise self.unexpected()
        if self.is_("OUTPUT"):
            raise unsupported("MERGE … OUTPUT", self.line)
        self.option()
        if not self.is_(";"):
            raise SqlError(
                10713, "A MERGE statement must be terminated by a semi-colon (;).", severity=15, line=self.line
            )
        return merge

    def _when(self) -> n.MergeWhen:
        line = self.line
        self.expect("WHEN")
        negated = self.take("NOT")
        self.expect("MATCHED")
        on = "target" if negated else "matched"
        if negated and self.take("BY"):
            if self.take("SOURCE"):
                on = "source"
            else:
                self.expect("TARGET")
        condition = self.condition() if self.take("AND") else None
        self.expect("THEN")
        when = n.MergeWhen(on, condition, self.token.key.lower(), line=line)
        if self.take("DELETE"):
            pass
        elif self.take("UPDATE"):
            self.expect("SET")
            while True:
                when.columns.append(self.name()[-1])
                op = self.next()
                if op.key not in _ASSIGN:
                    raise self.unexpected()
                value = self._value()
                if op.key != "=":
                    value = n.Binary(op.key[0], n.Column((when.columns[-1],), line=line), value, line=line)
                when.values.append(value)
                if not self.take(","):
                    break
        elif self.take("INSERT"):
            if self.is_("("):
                when.columns = self.names()
            self.expect("VALUES")
            when.values = self._value_row()
        if (when.action == "insert") != (on == "target") or when.action not in ("insert", "update", "delete"):
            raise self.unexpected()
        return when

    def copy_into(self) -> n.CopyInto:
        """COPY INTO t [(c [DEFAULT v] [n], …)] FROM 'url'[, …] [WITH (…)]."""
        line = self.line
        self.expect("COPY", "INTO")
        copy = n.CopyInto(self.name(), [], [], {}, line=line)
        if self.take("("):
            copy.columns.append(self._copy_column())
            while self.take(","):
                copy.columns.append(self._copy_column())
            self.expect(")")
        self.expect("FROM")
        copy.locations.append(self.string())
        while self.take(","):
            copy.locations.append(self.string())
        if self.take("WITH"):
            self.expect("(")
            self._copy_option(copy)
            while self.take(","):
                self._copy_option(copy)
            self.expect(")")
        self.option()
        return copy

    def _copy_column(self) -> n.CopyColumn:
        column = n.CopyColumn(self.identifier(), line=self.line)
        if self.take("DEFAULT"):
            column.default = self.expression()
        if self.token.kind == "num":
            column.field_number = self.integer()
        return column

    def _copy_option(self, copy: n.CopyInto) -> None:
        name = self.next().value.upper()
        self.expect("=")
        if self.take("("):
            inner: dict[str, str] = {}
            while True:
                key = self.next().value.upper()
                self.expect("=")
                inner[key] = self.string()
                if not self.take(","):
                    break
            self.expect(")")
            copy.options[name] = inner
        else:
            token = self.next()
            if token.kind not in ("str", "nstr", "num", "word", "bin"):
                raise self.unexpected()
            copy.options[name] = token.value
