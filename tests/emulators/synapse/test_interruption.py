"""A client that goes away in the middle of a definition leaves nothing that stops the next one."""

from __future__ import annotations

import random
import threading
from contextlib import suppress

import pytest
from session_client import Client
from synapse_emulator.engine.database import Database
from synapse_emulator.engine.failures import Cancelled

MAKE_ANEW = "IF OBJECT_ID('dbo.staged') IS NOT NULL DROP TABLE dbo.staged; CREATE TABLE dbo.staged (id INT NOT NULL)"
SEED = 20260101


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path, "landfall")
    yield opened
    opened.close()


def test_a_definition_may_be_interrupted_at_any_moment(database):
    draw = random.Random(SEED)
    interrupted = 0
    for _ in range(150):
        client = Client(database)
        canceller = threading.Timer(draw.random() * 0.02, client.session.cancel)
        canceller.start()
        with suppress(Cancelled):
            while canceller.is_alive():
                client.run(MAKE_ANEW)
            interrupted -= 1
        interrupted += 1
        canceller.join()
        client.session.close()
        other = Client(database)
        other.run(MAKE_ANEW)
        assert other.run("SELECT COUNT(*) FROM dbo.staged") == [(0,)]
        other.session.close()
    assert interrupted > 20
