"""A session of the emulator without its wire, and the results that it gives."""

from __future__ import annotations

from typing import Any

import pytest
from synapse_emulator.engine.database import Database
from synapse_emulator.engine.storage import Lake
from synapse_emulator.errors import SqlError
from synapse_emulator.run.interpreter import Interpreter
from synapse_emulator.run.session import Session


class Recorder:
    """Keeps what a session sends."""

    def __init__(self) -> None:
        self.columns: list[list[str]] = []
        self.sets: list[list[tuple[Any, ...]]] = []
        self.counts: list[int] = []
        self.messages: list[str] = []
        self.transactions: list[int] = []

    def metadata(self, columns):
        self.columns.append([f"{name} {kind}" for name, kind in columns])
        self.sets.append([])

    def rows(self, batch, kinds):
        self.sets[-1] += zip(*(column.to_pylist() for column in batch.columns), strict=True)

    def done(self, command, count):
        if count is not None:
            self.counts.append(count)

    def message(self, number, text, severity, state, line):
        self.messages.append(text)

    def failed(self, error):
        raise AssertionError("a session raises its errors")

    def transaction(self, kind, descriptor):
        self.transactions.append(kind)

    def database(self, name):
        self.messages.append(name)


class Client:
    """Runs batches in one session."""

    def __init__(self, database: Database) -> None:
        self.session = Session(database, Lake(), "landfall", 51)
        self.interpreter = Interpreter(self.session)
        self.last = Recorder()

    def run(self, text: str) -> list[tuple[Any, ...]]:
        """Run a batch; gives the rows of its last result."""
        self.last = self.session.output = Recorder()
        self.interpreter.run_text(text)
        return self.last.sets[-1] if self.last.sets else []

    def error(self, text: str) -> SqlError:
        """Run a batch that must fail; a transaction that it leaves open is rolled back."""
        with pytest.raises(SqlError) as caught:
            self.run(text)
        if self.session.state.in_transaction:
            self.session.rollback()
        return caught.value
