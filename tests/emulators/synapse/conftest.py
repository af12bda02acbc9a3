"""Sessions of the emulator without its wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from session_client import Client
from synapse_emulator.engine.database import Database


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database(Path(tmp_path_factory.mktemp("pool")), "landfall")
    yield opened
    opened.close()


@pytest.fixture
def client(database: Database) -> Iterator[Client]:
    made = Client(database)
    yield made
    made.session.close()


@pytest.fixture
def other(database: Database) -> Iterator[Client]:
    made = Client(database)
    yield made
    made.session.close()
