"""The grammar of the remaining statements: CREATE, ALTER, DROP, SET options, permissions, transactions."""

from __future__ import annotations

from synapse_emulator.errors import SqlError, syntax_error, unsupported
from synapse_emulator.tsql import nodes as n
from synapse_emulator.tsql.definitions import DefinitionParser
from synapse_emulator.tsql.refusals import check_type

_NOT_THERE = frozenset(
    [
        "TRIGGER",
        "SEQUENCE",
        "SYNONYM",
        "TYPE",
        "ASSEMBLY",
        "XML",
        "FULLTEXT",
        "RULE",
        "DEFAULT",
        "QUEUE",
        "SERVICE",
        "CERTIFICATE",
        "AGGREGATE",
    ]
)


class CommandParser(DefinitionParser):
    """Statements other than queries, changes and control of flow."""

    def batch(self) -> n.Block:
        """The rest of the text; the grammar of statements fills it in."""
        raise NotImplementedError

    def create(self) -> n.Expression:
        """CREATE …."""
        line = self.next().line
        mode = "create"
        if self.take("OR"):
            self.expect("ALTER")
            mode = "create or alter"
        if self.one_of(("VIEW", "PROC", "PROCEDURE")):
            return self.module(mode, line)
        if self.one_of(_NOT_THERE):
            raise unsupported(f"CREATE {self.token.key}", line)
        if self.take("TABLE"):
            return self.create_table()
        if self.take("SCHEMA"):
            command = n.Command("CREATE SCHEMA", {"name": self.identifier()}, line=line)
            if self.take("AUTHORIZATION"):
                self.identifier()
            return command
        if self.is_("STATISTICS"):
            return self.statistics("CREATE")
        if self.is_("UNIQUE"):
            raise unsupported("A unique index", line)
        if self.one_of(("INDEX", "CLUSTERED", "NONCLUSTERED")):
            return self._create_index(line)
        if self.one_of(("USER", "LOGIN", "ROLE")):
            kind = self.next().key
            name = self.identifier()
            while self.one_of(("WITH", "FOR", "FROM", "WITHOUT", "AUTHORIZATION")):
                self.next()
                self._skip_option()
            return n.Command("CREATE PRINCIPAL", {"kind": kind, "name": name}, line=line)
        if self.one_of(
            ("FUNCTION", "EXTERNAL", "MATERIALIZED", "SECURITY", "WORKLOAD", "DATABASE", "MASTER", "COLUMN")
        ):
            raise SqlError(
                104467, f"CREATE {self.token.key} is not supported by this emulator of a dedicated SQL pool.", line=line
            )
        raise self.unexpected()

    def _skip_option(self) -> None:
        self.next()
        if self.take("=") or self.token.key in ("PROVIDER",):
            self.next()

    def _create_index(self, line: int) -> n.Command:
        while not self.take("INDEX"):
            self.next()
        name = self.identifier()
        self.expect("ON")
        table = self.name()
        self.skip_parentheses()
        if self.take("WITH"):
            self.skip_parentheses()
        return n.Command("CREATE INDEX", {"name": name, "table": table}, line=line)

    def statistics(self, verb: str) -> n.Command:
        """CREATE, UPDATE, DROP STATISTICS."""
        line = self.line
        self.take("UPDATE")
        self.expect("STATISTICS")
        name = self.name()
        table = name if verb == "UPDATE" else ()
        if verb == "CREATE":
            self.expect("ON")
            table = self.name()
        if self.is_("("):
            self.skip_parentheses()
        if self.take("WHERE"):
            self.condition()
        if self.take("WITH"):
            self._statistics_option()
            while self.take(","):
                self._statistics_option()
        return n.Command(f"{verb} STATISTICS", {"name": name, "table": table}, line=line)

    def _statistics_option(self) -> None:
        if self.take("SAMPLE"):
            self.integer()
            if not (self.take("PERCENT") or self.take("ROWS")):
                raise self.unexpected()
        elif not self.one_of(("FULLSCAN", "RESAMPLE", "NORECOMPUTE")):
            raise self.unexpected()
        else:
            self.next()

    def module(self, mode: str, line: int) -> n.Module:
        """CREATE VIEW or PROCEDURE: the rest of the batch."""
        kind = "VIEW" if self.token.key == "VIEW" else "PROCEDURE"
        self.next()
        module = n.Module(kind, self.name(), mode, None, "", line=line)
        if kind == "VIEW":
            if self.is_("("):
                module.columns = self.names()
            if self.is_("WITH"):
                raise unsupported("WITH on a view", self.line)
            self.expect("AS")
            start = self.token.start
            module.body = self.query()
            module.text = self.text[start : self.token.start].rstrip().rstrip(";")
            self.take(";")
            if self.token.kind != "end":
                raise syntax_error(self.token.text, self.line)
            return module
        bracket = self.take("(")
        while self.token.kind == "var":
            name = self.next().text.lower()
            self.take("AS")
            at = self.line
            spec = self.type_spec()
            check_type(spec, at)
            default = self.expression() if self.take("=") else None
            output = self.take("OUTPUT") or self.take("OUT")
            module.parameters.append((name, spec, default, output))
            if not self.take(","):
                break
        if bracket:
            self.expect(")")
        self.expect("AS")
        module.text = self.text[self.token.start :]
        module.body = self.batch()
        return module

    def alter(self) -> n.Expression:
        """ALTER TABLE, VIEW, PROCEDURE, INDEX, ROLE, DATABASE, USER."""
        line = self.next().line
        if self.one_of(("VIEW", "PROC", "PROCEDURE")):
            return self.module("alter", line)
        if self.take("INDEX"):
            self.next()
            self.expect("ON")
            command = n.Command("ALTER INDEX", {"table": self.name()}, line=line)
            if not self.one_of(("REBUILD", "REORGANIZE", "DISABLE")):
                raise self.unexpected()
            self.next()
            if self.take("PARTITION"):
                self.expect("=")
                self.next()
            if self.take("WITH"):
                self.skip_parentheses()
            return command
        if self.take("ROLE"):
            name = self.identifier()
            action = self.next().key
            self.expect("MEMBER")
            return n.Command("ALTER ROLE", {"name": name, "action": action, "member": self.identifier()}, line=line)
        if self.take("SCHEMA"):
            schema = self.identifier()
            self.expect("TRANSFER")
            self.take("OBJECT", ":", ":") or self.take("OBJECT", "::")
            return n.Command("TRANSFER", {"schema": schema, "name": self.name()}, line=line)
        self.expect("TABLE")
        return self._alter_table(line)

    def _alter_table(self, line: int) -> n.Command:
        name = self.name()
        if self.take("ADD"):
            if self.one_of(("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK")):
                table = n.CreateTable(name, [], n.TableOptions(), line=line)
                if self.take("CONSTRAINT"):
                    self.identifier()
                self._key(table, None)
                return n.Command("ADD KEY", {"table": name, "keys": table.keys}, line=line)
            table = n.CreateTable(name, [], n.TableOptions(), line=line)
            self.column(table)
            while self.take(","):
                self.column(table)
            for column in table.columns:
                check_type(column.type, column.line)
            return n.Command("ADD COLUMN", {"table": name, "columns": table.columns}, line=line)
        if self.take("DROP"):
            what = "COLUMN" if self.take("COLUMN") else "CONSTRAINT"
            if what == "CONSTRAINT":
                self.take("CONSTRAINT")
            return n.Command(f"DROP {what}", {"table": name, "name": self.identifier()}, line=line)
        if self.take("ALTER", "COLUMN"):
            table = n.CreateTable(name, [], n.TableOptions(), line=line)
            column = self.column(table)
            check_type(column.type, line)
            return n.Command("ALTER COLUMN", {"table": name, "column": column}, line=line)
        if self.one_of(("SWITCH", "SPLIT", "MERGE", "REBUILD")):
            raise SqlError(104467, f"ALTER TABLE … {self.token.key} is not supported by this emulator.", line=line)
        raise self.unexpected()

    def drop(self) -> n.Command:
        """DROP TABLE, VIEW, PROCEDURE, SCHEMA, INDEX, STATISTICS, USER, ROLE."""
        line = self.next().line
        if self.is_("STATISTICS"):
            return self.statistics("DROP")
        kind = self.next().key
        kind = "PROCEDURE" if kind == "PROC" else kind
        if kind not in ("TABLE", "VIEW", "PROCEDURE", "SCHEMA", "INDEX", "USER", "ROLE", "LOGIN"):
            raise unsupported(f"DROP {kind}", line) if kind in _NOT_THERE else syntax_error(kind, line)
        if_exists = self.take("IF", "EXISTS")
        names = [self.name()]
        while self.take(","):
            names.append(self.name())
        if len(names) > 1 and kind in ("SCHEMA", "USER", "ROLE"):
            raise self.unexpected()
        if kind == "INDEX" and self.take("ON"):
            self.name()
        return n.Command(f"DROP {kind}", {"names": names, "if_exists": if_exists}, line=line)

    def truncate(self) -> n.Command:
        """TRUNCATE TABLE."""
        line = self.next().line
        self.expect("TABLE")
        return n.Command("TRUNCATE", {"table": self.name()}, line=line)

    def rename(self) -> n.Command:
        """RENAME OBJECT [::] a TO b; COLUMN a TO b."""
        line = self.next().line
        self.expect("OBJECT")
        self.take("::")
        name = self.name()
        column = self.identifier() if self.take("COLUMN") else None
        self.expect("TO")
        return n.Command("RENAME", {"name": name, "column": column, "to": self.identifier()}, line=line)

    def use(self) -> n.Command:
        """USE database."""
        line = self.next().line
        return n.Command("USE", {"name": self.identifier()}, line=line)

    def permission(self) -> n.Command:
        """GRANT, DENY, REVOKE: checked for form."""
        verb = self.next()
        while not self.one_of(("TO", "FROM")):
            if self.token.kind == "end" or self.is_(";"):
                raise self.unexpected()
            self.next()
        self.next()
        to = self.identifier()
        while self.take(","):
            self.identifier()
        if self.is_("WITH", "GRANT"):
            self.at += 3
        return n.Command("PERMISSION", {"verb": verb.key, "to": to}, line=verb.line)

    def dbcc(self) -> n.Command:
        """DBCC name [(…)]."""
        line = self.next().line
        name = self.identifier().upper()
        if self.is_("("):
            self.skip_parentheses()
        return n.Command("DBCC", {"name": name}, line=line)

    def transaction_end(self) -> n.Command:
        """COMMIT or ROLLBACK [TRAN | WORK] [name]."""
        token = self.next()
        if self.one_of(("TRAN", "TRANSACTION", "WORK")):
            self.next()
            if self.is_identifier() and self.token.key not in ("THROW", "COPY", "RENAME"):
                self.next()
        return n.Command(token.key, line=token.line)

    def set_option(self, line: int) -> n.Command:
        """SET OPTION[, OPTION] value; SET TRANSACTION ISOLATION LEVEL …."""
        if self.take("TRANSACTION"):
            self.expect("ISOLATION", "LEVEL")
            words = [self.next().key]
            if words[0] in ("READ", "REPEATABLE"):
                words.append(self.next().key)
            return n.Command("SET OPTION", {"names": ["ISOLATION"], "value": " ".join(words)}, line=line)
        if self.is_("IDENTITY_INSERT"):
            self.next()
            table = self.name()
            return n.Command(
                "SET OPTION", {"names": ["IDENTITY_INSERT"], "value": self.next().key, "table": table}, line=line
            )
        names = [self.next().key]
        if names[0] == "STATISTICS":
            names = [f"STATISTICS {self.next().key}"]
        while self.take(","):
            names.append(self.next().key)
        sign = "-" if self.take("-") else ""
        token = self.next()
        if token.kind not in ("word", "num", "str", "nstr", "var"):
            raise syntax_error(token.text, token.line)
        return n.Command("SET OPTION", {"names": names, "value": sign + token.value.upper()}, line=line)
