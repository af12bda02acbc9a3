"""The grammar of statements and batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from synapse_emulator.errors import SqlError, unsupported
from synapse_emulator.tsql import nodes as n
from synapse_emulator.tsql.commands import CommandParser
from synapse_emulator.tsql.refusals import check_type

_REFUSED = {
    "CONTINUE": "CONTINUE",
    "GOTO": "GOTO",
    "RETURN": "RETURN",
    "WAITFOR": "WAITFOR",
    "OPEN": "A cursor",
    "FETCH": "A cursor",
    "DEALLOCATE": "A cursor",
    "SAVE": "A savepoint (SAVE TRANSACTION)",
    "BACKUP": "BACKUP",
    "RECONFIGURE": "RECONFIGURE",
}


class Parser(CommandParser):
    """A whole batch."""

    def __init__(self, text: str, first_line: int = 1, *, azure_sql: bool = False) -> None:
        super().__init__(text, first_line, azure_sql=azure_sql)
        self.declared: set[str] = set()

    def batch(self) -> n.Block:
        """All statements to the end of the text."""
        block = n.Block([], line=self.line)
        while self.token.kind != "end":
            if self.take(";"):
                continue
            block.statements.append(self.statement(first=not block.statements))
        return block

    def statement(self, *, first: bool = False) -> n.Expression:
        """One statement; a name alone is a procedure call, only as the first of a batch."""
        line = self.line
        handler = self._handlers().get(self.token.key)
        if handler is not None:
            return handler()
        if self.token.key in _REFUSED:
            raise unsupported(_REFUSED[self.token.key], line)
        if first and self.is_identifier():
            return self._call_procedure(line)
        raise self.unexpected()

    def _handlers(self) -> dict[str, Callable[[], n.Expression]]:
        return {
            "SELECT": self.query,
            "(": self.query,
            "WITH": self._with,
            "INSERT": lambda: self.insert([]),
            "UPDATE": self._update_or_statistics,
            "DELETE": lambda: self.delete([]),
            "MERGE": lambda: self.merge([]),
            "COPY": self.copy_into,
            "IF": self._if,
            "WHILE": self._while,
            "BEGIN": self._begin,
            "BREAK": lambda: n.Command("BREAK", line=self.next().line),
            "DECLARE": self._declare,
            "SET": self._set,
            "PRINT": self._print,
            "THROW": self._throw,
            "RAISERROR": self._raiserror,
            "EXEC": self.execute,
            "EXECUTE": self.execute,
            "COMMIT": self.transaction_end,
            "ROLLBACK": self.transaction_end,
            "CREATE": self.create,
            "ALTER": self.alter,
            "DROP": self.drop,
            "TRUNCATE": self.truncate,
            "RENAME": self.rename,
            "USE": self.use,
            "GRANT": self.permission,
            "DENY": self.permission,
            "REVOKE": self.permission,
            "DBCC": self.dbcc,
        }

    def _with(self) -> n.Expression:
        line = self.line
        self.expect("WITH")
        ctes = self.ctes()
        if self.is_("INSERT"):
            raise unsupported("WITH before INSERT", line)
        if self.is_("UPDATE"):
            return self.update(ctes)
        if self.is_("DELETE"):
            return self.delete(ctes)
        if self.is_("MERGE"):
            return self.merge(ctes)
        query = n.Query(None, ctes, line=line)
        query.body = self._set_operations()
        self.query_tail(query)
        return query

    def _update_or_statistics(self) -> n.Expression:
        if self.is_("UPDATE", "STATISTICS"):
            return self.statistics("UPDATE")
        return self.update([])

    def _if(self) -> n.If:
        line = self.next().line
        condition = self.condition()
        then = self._body()
        mark = self.at
        while self.take(";"):
            pass
        if self.take("ELSE"):
            return n.If(condition, then, self._body(), line=line)
        self.at = mark
        return n.If(condition, then, line=line)

    def _while(self) -> n.While:
        line = self.next().line
        return n.While(self.condition(), self._body(), line=line)

    def _body(self) -> n.Expression:
        return self.statement()

    def _begin(self) -> n.Expression:
        line = self.next().line
        if self.one_of(("TRAN", "TRANSACTION")):
            self.next()
            if self.is_identifier() or self.token.kind == "var":
                self.next()
            return n.Command("BEGIN TRANSACTION", line=line)
        if self.is_("DISTRIBUTED"):
            raise unsupported("A distributed transaction", line)
        if self.take("TRY"):
            body = self._until("TRY", line)
            while self.take(";"):
                pass
            self.expect("BEGIN", "CATCH")
            return n.Try(body, self._until("CATCH", line), line=line)
        block = self._until("", line)
        return block

    def _until(self, word: str, line: int) -> n.Block:
        block = n.Block([], line=line)
        while True:
            if self.take(";"):
                continue
            if self.is_("END") and (not word or self.peek().key == word):
                self.at += 2 if word else 1
                if not block.statements and not word:
                    raise self.unexpected()
                return block
            if self.token.kind == "end":
                raise self.unexpected()
            block.statements.append(self.statement())

    def _declare(self) -> n.Declare:
        declare = n.Declare([], line=self.next().line)
        while True:
            if self.token.kind != "var":
                if self.peek().key in ("CURSOR", "INSENSITIVE", "SCROLL"):
                    raise unsupported("A cursor", self.line)
                raise self.unexpected()
            name = self.next().text.lower()
            if name in self.declared:
                raise SqlError(
                    134, f"The variable name '{name}' has already been declared.", severity=15, line=self.line
                )
            self.declared.add(name)
            self.take("AS")
            if self.is_("TABLE"):
                raise unsupported("A table variable", self.line)
            if self.is_("CURSOR"):
                raise unsupported("A cursor", self.line)
            line = self.line
            kind = self.type_spec()
            check_type(kind, line)
            value = self.expression() if self.take("=") else None
            declare.variables.append((name, kind, value))
            if not self.take(","):
                return declare

    def _set(self) -> n.Expression:
        line = self.next().line
        if self.token.kind == "var":
            name = self.next().text.lower()
            if not self.one_of(("=", "+=", "-=", "*=", "/=", "%=")):
                raise self.unexpected()
            return n.SetVariable(name, self.next().key, self.expression(), line=line)
        return self.set_option(line)

    def _print(self) -> n.Command:
        line = self.next().line
        return n.Command("PRINT", {"value": self.expression()}, line=line)

    def _throw(self) -> n.Command:
        line = self.next().line
        if self.token.kind not in ("num", "var"):
            return n.Command("THROW", line=line)
        values = [self.expression()]
        for _ in range(2):
            self.expect(",")
            values.append(self.expression())
        number = values[0]
        if isinstance(number, n.Literal) and 100000 <= int(number.text) <= 150000:
            raise unsupported("THROW with a number from 100000 to 150000", line)
        return n.Command("THROW", {"values": values}, line=line)

    def _raiserror(self) -> n.Command:
        line = self.next().line
        self.expect("(")
        values = [self.expression()]
        while self.take(","):
            values.append(self.expression())
        self.expect(")")
        if self.take("WITH"):
            self.next()
        if len(values) < 3:
            raise SqlError(102, "Incorrect syntax near ')'.", severity=15, line=line)
        return n.Command("RAISERROR", {"values": values}, line=line)

    def execute(self) -> n.Execute:
        """EXEC [@r =] procedure arguments, or EXEC ('text')."""
        line = self.next().line
        if self.take("("):
            text = self.expression()
            self.expect(")")
            return n.Execute(None, [], text, line=line)
        result = None
        if self.token.kind == "var" and self.peek().key == "=":
            result = self.next().text.lower()
            self.next()
        return self._call_procedure(line, result)

    def _call_procedure(self, line: int, result: str | None = None) -> n.Execute:
        call = n.Execute(self.name(), [], result=result, line=line)
        if self.token.kind == "end" or self.is_(";") or not self._starts_argument():
            return call
        while True:
            name = None
            if self.token.kind == "var" and self.peek().key == "=":
                name = self.next().text.lower()
                self.next()
            if self.is_("DEFAULT"):
                self.next()
                value: Any = None
            elif self.is_identifier() and self.peek().key not in ("(", "."):
                value = n.Literal("nstr", self.next().value, line=line)
            else:
                value = self.expression()
            output = self.take("OUTPUT") or self.take("OUT")
            call.args.append((name, value, output))
            if not self.take(","):
                return call

    def _starts_argument(self) -> bool:
        token = self.token
        return (
            token.kind in ("str", "nstr", "num", "bin", "var")
            or token.key in ("-", "NULL", "DEFAULT")
            or (self.is_identifier() and token.key not in self._handlers() and token.key not in _REFUSED)
        )


def parse(text: str, first_line: int = 1, *, azure_sql: bool = False) -> n.Block:
    """The tree of a batch; raises SqlError for anything outside the pool's T-SQL, or Azure SQL's."""
    return Parser(text, first_line, azure_sql=azure_sql).batch()
