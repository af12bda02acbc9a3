"""One definition as one DuckDB transaction."""

from __future__ import annotations

from collections.abc import Callable

from synapse_emulator.run.session import Session


def change(session: Session, work: Callable[[], None]) -> None:
    """Run DuckDB definitions and catalogue rows as one transaction, then read the catalogue again."""
    with session.catalogue.lock:
        session.run("BEGIN TRANSACTION")
        try:
            work()
            session.run("COMMIT")
        except BaseException:
            session.cursor.execute("ROLLBACK")
            raise
        session.catalogue.load(session.cursor)
