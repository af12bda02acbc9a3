"""Where a session's results go."""

from __future__ import annotations

from typing import Protocol

import pyarrow as pa

from synapse_emulator.errors import SqlError
from synapse_emulator.translate.types import SqlType


class Output(Protocol):
    """The wire behind a running request."""

    def metadata(self, columns: list[tuple[str, SqlType]]) -> None:
        """A result set begins."""
        ...

    def rows(self, batch: pa.RecordBatch, kinds: list[SqlType]) -> None:
        """Some rows of it."""
        ...

    def done(self, command: str, count: int | None) -> None:
        """A statement ended; `count` when the client is to be told the number of rows."""
        ...

    def message(self, number: int, text: str, severity: int, state: int, line: int) -> None:
        """PRINT, or RAISERROR below severity 11."""
        ...

    def failed(self, error: SqlError) -> None:
        """An error that no TRY block caught."""
        ...

    def transaction(self, kind: int, descriptor: int) -> None:
        """A transaction began (8), was committed (9) or rolled back (10)."""
        ...

    def database(self, name: str) -> None:
        """USE."""
        ...


class Silent:
    """An output that keeps nothing, for statements whose results stay in the server."""

    def metadata(self, columns: list[tuple[str, SqlType]]) -> None:
        """Nothing."""

    def rows(self, batch: pa.RecordBatch, kinds: list[SqlType]) -> None:
        """Nothing."""

    def done(self, command: str, count: int | None) -> None:
        """Nothing."""

    def message(self, number: int, text: str, severity: int, state: int, line: int) -> None:
        """Nothing."""

    def failed(self, error: SqlError) -> None:
        """Nothing."""

    def transaction(self, kind: int, descriptor: int) -> None:
        """Nothing."""

    def database(self, name: str) -> None:
        """Nothing."""
