"""The grammar of CREATE TABLE, CTAS, and their options."""

from __future__ import annotations

from synapse_emulator.errors import SqlError, unsupported
from synapse_emulator.tsql import nodes as n
from synapse_emulator.tsql.changes import ChangeParser
from synapse_emulator.tsql.refusals import check_create_table


class DefinitionParser(ChangeParser):
    """Table definitions."""

    def create_table(self) -> n.CreateTable:
        """The rest of CREATE TABLE after those words."""
        table = n.CreateTable(self.name(), [], n.TableOptions(), line=self.line)
        if self.is_("("):
            if self._is_name_list():
                table.column_names = self.names()
            else:
                self._elements(table)
        explicit = False
        if self.take("WITH"):
            table.options, explicit = self._options()
        if table.name[-1].startswith("#") and "index" not in self._given:
            table.options.index = "HEAP" if not explicit else table.options.index
        if self.take("AS"):
            if not self._given & {"distribution"}:
                raise SqlError(
                    104467,
                    "CREATE TABLE AS SELECT needs a DISTRIBUTION in its WITH clause.",
                    line=table.line,
                )
            table.query = self.query()
        elif not table.columns:
            raise self.unexpected()
        check_create_table(table)
        return table

    _given: frozenset[str] | set[str] = frozenset()

    def _is_name_list(self) -> bool:
        return self.peek(2).key in (",", ")") and self.peek().kind in ("word", "quoted")

    def _elements(self, table: n.CreateTable) -> None:
        self._given = set()
        self.expect("(")
        while True:
            if self.one_of(("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK")):
                name = self.identifier() if self.take("CONSTRAINT") else None
                del name
                if not self._key(table, None):
                    raise self.unexpected()
            else:
                self.column(table)
            if not self.take(","):
                break
        self.expect(")")

    def column(self, table: n.CreateTable) -> n.ColumnSpec:
        """One column with its options, appended to the table."""
        line = self.line
        name = self.identifier()
        if self.is_("AS"):
            raise unsupported("A computed column", line)
        column = n.ColumnSpec(name, self.type_spec(), line=line)
        table.columns.append(column)
        while True:
            if self.take("NOT", "NULL"):
                column.nullable = False
            elif self.take("NULL"):
                column.nullable = True
            elif self.take("COLLATE"):
                self.identifier()
            elif self.take("IDENTITY"):
                column.identity = (1, 1)
                column.nullable = False
                if self.take("("):
                    seed = self.integer()
                    self.expect(",")
                    column.identity = (seed, self.integer())
                    self.expect(")")
            elif self.take("CONSTRAINT"):
                self.identifier()
            elif self.take("DEFAULT"):
                column.default = self.expression()
                if not _is_constant(column.default):
                    raise unsupported("A DEFAULT that is not a constant", line)
            elif self.is_("MASKED"):
                self.next()
                self.expect("WITH")
                self.skip_parentheses()
            elif self.one_of(("SPARSE", "ROWGUIDCOL")):
                raise unsupported(self.token.key, self.line)
            elif self._key(table, name):
                pass
            else:
                return column

    def _key(self, table: n.CreateTable, column: str | None) -> bool:
        line = self.line
        if self.one_of(("FOREIGN", "REFERENCES")):
            raise SqlError(104467, "FOREIGN KEY constraints are not supported in a dedicated SQL pool.", line=line)
        if self.is_("CHECK"):
            raise unsupported("A CHECK constraint", line)
        if self.take("PRIMARY"):
            self.expect("KEY")
            kind = "PRIMARY KEY"
        elif self.take("UNIQUE"):
            kind = "UNIQUE"
        else:
            return False
        nonclustered = self.take("NONCLUSTERED")
        if not nonclustered:
            self.take("CLUSTERED")
        columns = [column] if column is not None else []
        if self.is_("("):
            self.expect("(")
            columns = [self.identifier()]
            self.take("ASC")
            while self.take(","):
                columns.append(self.identifier())
                self.take("ASC")
            self.expect(")")
        if kind == "PRIMARY KEY" and not nonclustered:
            raise SqlError(
                104467,
                "PRIMARY KEY is only supported when NONCLUSTERED and NOT ENFORCED are both used in a "
                "dedicated SQL pool.",
                line=line,
            )
        if not self.take("NOT", "ENFORCED"):
            raise SqlError(
                104467,
                f"Enforced {kind.lower()} constraints are not supported. To create an unenforced {kind.lower()} "
                "constraint you must include the NOT ENFORCED syntax as part of your statement.",
                line=line,
            )
        table.keys.append((kind, [name for name in columns if name]))
        return True

    def _options(self) -> tuple[n.TableOptions, bool]:
        options = n.TableOptions(line=self.line)
        given: set[str] = set()
        self._given = given
        self.expect("(")
        while True:
            if self.take("DISTRIBUTION"):
                given.add("distribution")
                self.expect("=")
                self._distribution(options)
            elif self.take("HEAP"):
                given.add("index")
                options.index = "HEAP"
            elif self.is_("CLUSTERED"):
                given.add("index")
                self._index(options)
            elif self.take("PARTITION"):
                self._partition(options)
            elif self.is_("LOCATION") or self.is_("USER_DB"):
                self.next()
                self.expect("=")
                self.next()
            else:
                raise self.unexpected()
            if not self.take(","):
                break
        self.expect(")")
        return options, bool(given)

    def _distribution(self, options: n.TableOptions) -> None:
        if self.take("HASH"):
            options.distribution, options.distribution_columns = "HASH", self.names()
        elif self.one_of(("ROUND_ROBIN", "REPLICATE")):
            options.distribution = self.next().key
        else:
            raise self.unexpected()

    def _index(self, options: n.TableOptions) -> None:
        self.expect("CLUSTERED")
        if self.take("COLUMNSTORE"):
            self.expect("INDEX")
            options.index = "CLUSTERED COLUMNSTORE INDEX"
            if self.take("ORDER"):
                self.names()
            return
        self.expect("INDEX", "(")
        columns = [self.identifier()]
        _ = self.take("ASC") or self.take("DESC")
        while self.take(","):
            columns.append(self.identifier())
            _ = self.take("ASC") or self.take("DESC")
        self.expect(")")
        options.index = f"CLUSTERED INDEX ({', '.join(columns)})"

    def _partition(self, options: n.TableOptions) -> None:
        self.expect("(")
        options.partition = self.identifier()
        self.expect("RANGE")
        _ = self.take("LEFT") or self.take("RIGHT")
        self.expect("FOR", "VALUES", "(")
        if not self.is_(")"):
            options.boundaries.append(self.expression())
            while self.take(","):
                options.boundaries.append(self.expression())
        self.expect(")", ")")


def _is_constant(node: n.Expression) -> bool:
    return isinstance(node, n.Literal) or (isinstance(node, n.Unary) and isinstance(node.operand, n.Literal))
