"""One definition as one DuckDB transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import duckdb

from synapse_emulator.run.session import Session


def change(session: Session, work: Callable[[], None]) -> None:
    """Run DuckDB definitions and catalogue rows as one transaction, then read the catalogue again.

    It is read also after a failure: an interruption may come when DuckDB has committed already.
    """
    with session.catalogue.lock:
        session.run("BEGIN TRANSACTION")
        try:
            work()
            session.run("COMMIT")
        except BaseException:
            with suppress(duckdb.TransactionException):  # it was committed, and there is nothing to roll back
                session.cursor.execute("ROLLBACK")
            raise
        finally:
            session.catalogue.load()
