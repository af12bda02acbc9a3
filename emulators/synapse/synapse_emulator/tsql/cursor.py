"""Walking over tokens: the base of every part of the grammar."""

from __future__ import annotations

from synapse_emulator.errors import SqlError, syntax_error
from synapse_emulator.tsql.lexer import Token, tokenize
from synapse_emulator.tsql.nodes import Name, TypeSpec

_WORDS = """
    ADD ALL ALTER AND ANY AS ASC AUTHORIZATION BEGIN BETWEEN BREAK BROWSE BULK BY CASCADE CASE CHECK CHECKPOINT
    CLOSE CLUSTERED COALESCE COLLATE COLUMN COMMIT COMPUTE CONSTRAINT CONTAINS CONTINUE CONVERT CREATE CROSS
    CURRENT CURRENT_DATE CURRENT_TIMESTAMP CURRENT_USER CURSOR DATABASE DBCC DEALLOCATE DECLARE DEFAULT DELETE
    DENY DESC DISTINCT DOUBLE DROP ELSE END ESCAPE EXCEPT EXEC EXECUTE EXISTS EXIT FETCH FOR FOREIGN FROM FULL
    FUNCTION GOTO GRANT GROUP HAVING HOLDLOCK IDENTITY IDENTITY_INSERT IF IN INDEX INNER INSERT INTERSECT INTO
    IS JOIN KEY KILL LEFT LIKE MERGE NOCHECK NONCLUSTERED NOT NULL NULLIF OF OFF ON OPEN OPENQUERY OPENROWSET
    OPENXML OPTION OR ORDER OUTER OVER PERCENT PIVOT PRIMARY PRINT PROC PROCEDURE PUBLIC RAISERROR REFERENCES
    RETURN REVERT REVOKE RIGHT ROLLBACK ROWCOUNT SAVE SCHEMA SELECT SESSION_USER SET SOME STATISTICS SYSTEM_USER
    TABLE TABLESAMPLE THEN TO TOP TRAN TRANSACTION TRIGGER TRUNCATE TRY_CONVERT UNION UNIQUE UNPIVOT UPDATE USE
    USER VALUES VARYING VIEW WAITFOR WHEN WHERE WHILE WITH
    """
RESERVED = frozenset(_WORDS.split())


class TokenCursor:
    """A position in the tokens of one text."""

    def __init__(self, text: str, first_line: int = 1, *, azure_sql: bool = False) -> None:
        self.text = text
        self.azure_sql = azure_sql
        self.tokens: list[Token] = tokenize(text, first_line)
        self.at = 0

    @property
    def token(self) -> Token:
        """The current token."""
        return self.tokens[self.at]

    @property
    def line(self) -> int:
        """The line of the current token."""
        return self.token.line

    def peek(self, ahead: int = 1) -> Token:
        """A later token, or the end."""
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def is_(self, *keys: str) -> bool:
        """Whether the next tokens are these words or operators."""
        return all(self.peek(i).key == key for i, key in enumerate(keys))

    def one_of(self, keys: frozenset[str] | set[str] | tuple[str, ...]) -> bool:
        """Whether the current token is one of these."""
        return self.token.key in keys and self.token.key != ""

    def take(self, *keys: str) -> bool:
        """Step over these tokens if they are next."""
        if self.is_(*keys):
            self.at += len(keys)
            return True
        return False

    def expect(self, *keys: str) -> None:
        """Step over these tokens or raise 102."""
        for key in keys:
            if not self.take(key):
                raise self.unexpected()

    def next(self) -> Token:
        """The current token, stepping over it."""
        token = self.token
        if token.kind != "end":
            self.at += 1
        return token

    def unexpected(self) -> SqlError:
        """156 near a keyword, else 102."""
        token = self.token
        if token.kind == "end":
            last = self.tokens[-2].text if len(self.tokens) > 1 else ""
            return syntax_error(last, token.line)
        if token.kind == "word" and token.key in RESERVED:
            return SqlError(156, f"Incorrect syntax near the keyword '{token.text}'.", severity=15, line=token.line)
        return syntax_error(token.text, token.line)

    def is_identifier(self) -> bool:
        """Whether the current token can name something."""
        token = self.token
        return token.kind == "quoted" or (token.kind == "word" and token.key not in RESERVED)

    def identifier(self) -> str:
        """A name, or 102."""
        if not self.is_identifier():
            raise self.unexpected()
        return self.next().value

    def name(self) -> Name:
        """A dotted name of up to four parts; empty middle parts (`tempdb..#t`) are kept as ''."""
        parts = [self.identifier()]
        while self.take("."):
            if self.is_("."):
                parts.append("")
            else:
                parts.append(self.identifier_after_dot())
        return tuple(parts)

    def identifier_after_dot(self) -> str:
        """After a dot keywords are names too."""
        if self.token.kind in ("word", "quoted"):
            return self.next().value
        raise self.unexpected()

    def names(self) -> list[str]:
        """A parenthesised list of names."""
        self.expect("(")
        found = [self.identifier()]
        while self.take(","):
            found.append(self.identifier())
        self.expect(")")
        return found

    def string(self) -> str:
        """A string literal, or 102."""
        if self.token.kind not in ("str", "nstr"):
            raise self.unexpected()
        return self.next().value

    def integer(self) -> int:
        """An integer literal with an optional sign."""
        sign = -1 if self.take("-") else 1
        if self.token.kind != "num" or not self.token.text.isdigit():
            raise self.unexpected()
        return sign * int(self.next().text)

    def skip_parentheses(self) -> None:
        """Step over a balanced group."""
        self.expect("(")
        depth = 1
        while depth:
            token = self.next()
            if token.kind == "end":
                raise self.unexpected()
            depth += (token.key == "(") - (token.key == ")")

    def type_spec(self) -> TypeSpec:
        """A data type as written."""
        name = self.name()[-1].lower() if not self.is_("DOUBLE") else self._double()
        if name == "national":
            name = "n" + self.identifier().lower()
        if name in ("char", "nchar", "character") and self.token.key == "VARYING":
            self.next()
            name = "nvarchar" if name == "nchar" else "varchar"
        length: int | None = None
        scale: int | None = None
        if self.take("("):
            if self.token.key == "MAX":
                self.next()
                length = -1
            else:
                length = self.integer()
                if self.take(","):
                    scale = self.integer()
            self.expect(")")
        return TypeSpec(name, length, scale)

    def _double(self) -> str:
        self.expect("DOUBLE", "PRECISION")
        return "float"
