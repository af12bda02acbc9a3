"""What a session remembers between requests."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from synapse_emulator.errors import SqlError
from synapse_emulator.translate.scope import TableInfo
from synapse_emulator.translate.types import SqlType, SqlValue
from synapse_emulator.tsql import nodes as n
from synapse_emulator.tsql.parser import parse


@dataclass(slots=True)
class Variable:
    """A declared variable."""

    kind: SqlType
    value: Any = None


@dataclass(slots=True)
class Unit:
    """A parsed text and the DuckDB text of its statements, by the node's identity."""

    block: n.Block
    translations: dict[int, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Options:
    """SET options that matter here."""

    nocount: bool = False
    fmtonly: bool = False
    noexec: bool = False
    implicit_transactions: bool = False
    rowcount: int = 0
    identity_insert: str = ""


@dataclass(slots=True)
class BulkTarget:
    """Where the rows of the next bulk message go: a table, and its columns in the order of the rows."""

    table: TableInfo
    columns: list[tuple[str, SqlType]]


@dataclass(slots=True)
class State:
    """Values of one session."""

    user: str
    database: str
    spid: int
    azure_sql: bool = False
    host: str = ""
    application: str = ""
    options: Options = field(default_factory=Options)
    frames: list[dict[str, Variable]] = field(default_factory=lambda: [{}])
    rowcount: int = 0
    error: int = 0
    caught: list[SqlError] = field(default_factory=list)
    in_transaction: bool = False
    aborted: bool = False
    descriptor: int = 0
    nesting: int = 0
    temporary: dict[str, TableInfo] = field(default_factory=dict)
    prepared: dict[int, tuple[str, str]] = field(default_factory=dict)
    next_handle: int = 1

    def value(self, name: str) -> SqlValue:
        """The value of a variable, an @@ value or a function of the session."""
        for frame in (self.frames[-1],):
            if name in frame:
                return frame[name].value
        if name.startswith("identity_insert:"):
            return self.options.identity_insert == name.partition(":")[2]
        caught = self.caught[-1] if self.caught else None
        values: dict[str, Any] = {
            "@@rowcount": self.rowcount,
            "@@trancount": 1 if self.in_transaction else 0,
            "@@error": self.error,
            "@@spid": self.spid,
            "@@version": f"Microsoft {'SQL Azure' if self.azure_sql else 'Azure SQL Data Warehouse'} - "
            f"{'12' if self.azure_sql else '10'}.0.2000.0 (emulator on DuckDB)",
            "ENGINE_EDITION": 5 if self.azure_sql else 6,
            "@@servername": "synapse",
            "@@servicename": "synapse",
            "@@datefirst": 7,
            "@@language": "us_english",
            "@@lock_timeout": -1,
            "@@max_precision": 38,
            "@@nestlevel": self.nesting,
            "@@options": 5432,
            "@@textsize": 2147483647,
            "@@procid": 0,
            "@@fetch_status": -1,
            "@@dbts": bytes(8),
            "ERROR_NUMBER": caught.number if caught else None,
            "ERROR_MESSAGE": caught.message if caught else None,
            "ERROR_SEVERITY": caught.severity if caught else None,
            "ERROR_STATE": caught.state if caught else None,
            "ERROR_PROCEDURE": caught.procedure or None if caught else None,
            "XACT_STATE": -2 if self.aborted else 1 if self.in_transaction else 0,
            "DB_NAME": self.database,
            "DB_ID": 5,
            "APP_NAME": self.application,
            "HOST_NAME": self.host,
            "SESSION_ID": f"SID{self.spid}",
            "USER_NAME": "dbo",
            "CURRENT_USER": "dbo",
            "SESSION_USER": "dbo",
            "USER": "dbo",
        }
        return values.get(name, self.user)


class ParseCache:
    """Recently parsed texts, shared by all sessions of a database."""

    def __init__(self, size: int = 512, *, azure_sql: bool = False) -> None:
        self._size = size
        self._azure_sql = azure_sql
        self._units: OrderedDict[str, Unit] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str) -> Unit:
        """The unit of a text, parsed if need be; each session translates into a unit of its own."""
        with self._lock:
            unit = self._units.get(text)
            if unit is not None:
                self._units.move_to_end(text)
                return unit
        unit = Unit(parse(text, azure_sql=self._azure_sql))
        with self._lock:
            self._units[text] = unit
            if len(self._units) > self._size:
                self._units.popitem(last=False)
        return unit
