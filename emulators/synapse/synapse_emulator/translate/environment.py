"""What a statement's text can draw on besides tables: variables, @@ values and functions of the session."""

from __future__ import annotations

from typing import Protocol

from synapse_emulator.errors import SqlError
from synapse_emulator.translate import types as t
from synapse_emulator.translate.scope import TableInfo
from synapse_emulator.translate.types import SqlType, SqlValue
from synapse_emulator.tsql.nodes import Name

SYSTEM_VARIABLES: dict[str, SqlType] = {
    "@@rowcount": t.INT,
    "@@trancount": t.INT,
    "@@error": t.INT,
    "@@spid": SqlType("smallint"),
    "@@version": t.nvarchar(300),
    "@@servername": t.nvarchar(128),
    "@@datefirst": SqlType("tinyint"),
    "@@language": t.nvarchar(128),
    "@@lock_timeout": t.INT,
    "@@max_precision": SqlType("tinyint"),
    "@@nestlevel": t.INT,
    "@@options": t.INT,
    "@@textsize": t.INT,
    "@@procid": t.INT,
    "@@fetch_status": t.INT,
    "@@dbts": SqlType("varbinary", 8),
    "@@servicename": t.nvarchar(128),
}
SESSION_FUNCTIONS: dict[str, SqlType] = {
    "ERROR_NUMBER": t.INT,
    "ERROR_MESSAGE": t.nvarchar(4000),
    "ERROR_SEVERITY": t.INT,
    "ERROR_STATE": t.INT,
    "ERROR_PROCEDURE": t.nvarchar(128),
    "XACT_STATE": SqlType("smallint"),
    "DB_NAME": t.nvarchar(128),
    "DB_ID": SqlType("smallint"),
    "SUSER_SNAME": t.nvarchar(128),
    "SUSER_NAME": t.nvarchar(128),
    "SYSTEM_USER": t.nvarchar(128),
    "ORIGINAL_LOGIN": t.nvarchar(128),
    "USER_NAME": t.nvarchar(128),
    "CURRENT_USER": t.nvarchar(128),
    "SESSION_USER": t.nvarchar(128),
    "USER": t.nvarchar(128),
    "APP_NAME": t.nvarchar(128),
    "HOST_NAME": t.nvarchar(128),
    "SESSION_ID": t.nvarchar(32),
}
_PROPERTIES: dict[str, tuple[str | None, SqlType]] = {
    "edition": ("SQL Azure", t.nvarchar(128)),
    "productversion": ("12.0.2000.8", t.nvarchar(128)),
    "productlevel": ("RTM", t.nvarchar(128)),
    "servername": ("synapse", t.nvarchar(128)),
    "collation": ("SQL_Latin1_General_CP1_CI_AS", t.nvarchar(128)),
    "productmajorversion": ("12", t.nvarchar(128)),
}


class SessionValues(Protocol):
    """The session behind an environment."""

    def variable_type(self, name: str) -> SqlType | None:
        """The type of a declared variable, or None."""
        ...

    def variable_value(self, name: str) -> SqlValue:
        """The value of a variable or of the session."""
        ...

    def table(self, name: Name, line: int) -> TableInfo:
        """A table or view, or 208."""
        ...

    def temporary_id(self, name: str) -> int | None:
        """The object id of a temporary table, or None."""
        ...


class Environment:
    """Names to types; `keys` maps each used name to its parameter; `volatile` text depends on a present value."""

    def __init__(self, session: SessionValues) -> None:
        self.session = session
        self.keys: dict[str, str] = {}
        self.volatile = False

    def table(self, name: Name, line: int) -> TableInfo:
        """A table or view, or 208."""
        return self.session.table(name, line)

    def variable(self, name: str, line: int) -> SqlType:
        """The type of a variable, or 137."""
        kind = SYSTEM_VARIABLES.get(name) if name.startswith("@@") else self.session.variable_type(name)
        if kind is None:
            raise SqlError(137, f'Must declare the scalar variable "{name}".', severity=15, line=line)
        return kind

    def value(self, name: str) -> SqlValue:
        """The present value of a variable."""
        return self.session.variable_value(name)

    def session_function(self, name: str, args: list[str | None]) -> tuple[str, SqlType] | None:
        """The parameter and type of a function of the session, or None."""
        if name in SESSION_FUNCTIONS:
            return name, SESSION_FUNCTIONS[name]
        return None

    def catalogue_function(self, name: str, args: list[str]) -> tuple[str, SqlType | None] | None:
        """DuckDB text of a metadata function, or None."""
        if name == "OBJECT_ID" and args:
            bare = args[0].strip("'").replace("[", "").replace("]", "")
            if args[0].startswith("'") and bare.split(".")[-1].startswith("#"):
                found = self.session.temporary_id(bare.split(".")[-1])
                return ("NULL" if found is None else str(found)), t.INT
            kind = f", {args[1]}" if len(args) > 1 else ", NULL"
            return f"tsql_object_id({args[0]}{kind})", t.INT
        if name == "OBJECT_NAME":
            return f"(SELECT o.name FROM sys.objects o WHERE o.object_id = {args[0]})", t.nvarchar(128)
        if name == "OBJECT_SCHEMA_NAME":
            return (
                f"(SELECT s.name FROM sys.objects o JOIN sys.schemas s USING (schema_id) WHERE o.object_id "
                f"= {args[0]})",
                t.nvarchar(128),
            )
        if name == "SCHEMA_ID":
            text = args[0] if args else "'dbo'"
            return f"(SELECT s.schema_id FROM sys.schemas s WHERE s.name = {text})", t.INT
        if name == "SCHEMA_NAME":
            if not args:
                return "'dbo'", t.nvarchar(128)
            return f"(SELECT s.name FROM sys.schemas s WHERE s.schema_id = {args[0]})", t.nvarchar(128)
        if name == "TYPE_NAME":
            return f"(SELECT y.name FROM sys.types y WHERE y.user_type_id = {args[0]})", t.nvarchar(128)
        if name == "COL_LENGTH":
            column = (
                f"(SELECT c.max_length FROM sys.columns c WHERE c.object_id = "
                f"tsql_object_id({args[0]}, NULL) AND c.name = {args[1]})"
            )
            return column, SqlType("smallint")
        if name in ("SERVERPROPERTY", "DATABASEPROPERTYEX"):
            wanted = args[-1].strip("'").lower()
            if wanted == "engineedition":
                return str(self.value("ENGINE_EDITION")), t.INT
            value, property_type = _PROPERTIES.get(wanted, (None, t.nvarchar(128)))
            return ("NULL" if value is None else value if property_type is t.INT else f"'{value}'"), property_type
        return None
