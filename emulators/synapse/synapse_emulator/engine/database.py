"""The DuckDB file behind the server."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import duckdb

from synapse_emulator.engine import macros, views
from synapse_emulator.engine.catalogue import Catalogue


class Database:
    """One open file, a pool or an Azure SQL database; `cursor()` gives each session a connection of its own."""

    def __init__(self, directory: Path, name: str, *, azure_sql: bool = False) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        os.environ["TZ"] = "UTC"
        time.tzset()
        self.name = name
        self.azure_sql = azure_sql
        self.connection = duckdb.connect(
            str(directory / f"{name}.duckdb"),
            config={
                "default_collation": "nocase",
                "threads": str(max(2, os.cpu_count() or 2)),
                "preserve_insertion_order": "false",
            },
        )
        macros.install_functions(self.connection)
        views.install(self.connection)
        macros.install(self.connection)
        self.connection.execute("CREATE SCHEMA IF NOT EXISTS dbo")
        self.catalogue = Catalogue(self.connection, name)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A new connection to the same file."""
        return self.connection.cursor()

    def close(self) -> None:
        """Write the WAL into the file and close it."""
        with suppress(duckdb.Error):  # the WAL holds all that is committed; a checkpoint only shortens the next start
            self.connection.execute("CHECKPOINT")
        self.connection.close()
