"""The catalogue: schemas, tables, views and procedures with their T-SQL types, kept in DuckDB and cached here."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import duckdb

from synapse_emulator.engine.views import VIEWS, split_columns
from synapse_emulator.errors import SqlError
from synapse_emulator.translate.scope import TableInfo, quote
from synapse_emulator.translate.types import SqlType, from_text
from synapse_emulator.tsql.nodes import Name, TableOptions


@dataclass(slots=True)
class StoredColumn:
    """A column as the catalogue keeps it."""

    name: str
    type: SqlType
    nullable: bool = True
    identity: bool = False
    default: str | None = None


@dataclass(slots=True)
class Procedure:
    """A stored procedure: its CREATE text."""

    schema: str
    name: str
    text: str


class Catalogue:
    """All sessions share one; every change is made under `lock` in one DuckDB transaction and raises `version`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, database: str) -> None:
        self.database = database
        self._connection = connection.cursor()  # of its own: what interrupts a session must not interrupt this
        self.lock = threading.RLock()
        self.version = 0
        self.schemas: dict[str, str] = {}
        self.tables: dict[tuple[str, str], TableInfo] = {}
        self.columns: dict[tuple[str, str], list[StoredColumn]] = {}
        self.procedures: dict[tuple[str, str], Procedure] = {}
        self._system: dict[tuple[str, str], TableInfo] = {}
        for name, (columns, _) in VIEWS.items():
            schema, view = name.split(".")
            typed = [(c.split(" ")[0], from_text(c.split(" ")[1])) for c in split_columns(columns)]
            shown = "information_schema" if schema == "tsql_info" else schema
            self._system[(shown, view.lower())] = TableInfo(name, shown, view, list(typed), "view")
        self.load()

    def load(self) -> None:
        """Read everything again from DuckDB."""
        connection = self._connection
        with self.lock:
            self.version += 1
            ids = dict(connection.execute("SELECT schema_id, name FROM tsql_meta.schemas").fetchall())
            self.schemas = {name.lower(): name for name in ids.values()}
            columns: dict[int, list[StoredColumn]] = {}
            rows = connection.execute(
                "SELECT object_id, name, type, is_nullable, is_identity, default_text FROM "
                "tsql_meta.columns ORDER BY object_id, column_id"
            ).fetchall()
            for object_id, name, kind, nullable, identity, default in rows:
                columns.setdefault(object_id, []).append(
                    StoredColumn(name, from_text(kind), nullable, identity, default)
                )
            self.tables, self.columns, self.procedures = {}, {}, {}
            objects = connection.execute(
                "SELECT object_id, schema_id, name, type, definition, distribution FROM tsql_meta.objects"
            ).fetchall()
            for object_id, schema_id, name, kind, definition, distribution in objects:
                schema = ids[schema_id]
                key = (schema.lower(), name.lower())
                if kind == "P":
                    self.procedures[key] = Procedure(schema, name, definition)
                    continue
                self.columns[key] = columns.get(object_id, [])
                self.tables[key] = table_info(schema, name, self.columns[key], "table" if kind == "U" else "view")
                self.tables[key].distribution = distribution

    def key(self, name: Name) -> tuple[str, str]:
        """Schema and name in lower case; dbo when no schema is given."""
        schema = name[-2] if len(name) > 1 and name[-2] else "dbo"
        return schema.lower(), name[-1].lower()

    def find(self, name: Name) -> TableInfo | None:
        """A table or view, the system's included."""
        key = self.key(name)
        return self.tables.get(key) or self._system.get(key)

    def schema_sql(self, name: Name, line: int) -> str:
        """The schema of a new object as it was created, or 2760."""
        schema = self.schemas.get(self.key(name)[0])
        if schema is None:
            raise SqlError(
                2760,
                f'The specified schema name "{name[-2]}" either does not exist or you do not have '
                f"permission to use it.",
                line=line,
            )
        return schema

    def add_object(
        self,
        connection: duckdb.DuckDBPyConnection,
        schema: str,
        name: str,
        kind: str,
        columns: list[StoredColumn],
        *,
        definition: str | None = None,
        options: TableOptions | None = None,
    ) -> None:
        """Write an object and its columns, inside the caller's transaction."""
        object_id = connection.execute("SELECT nextval('tsql_meta.ids')").fetchall()[0][0]
        connection.execute(
            "INSERT INTO tsql_meta.objects SELECT $1, (SELECT schema_id FROM tsql_meta.schemas WHERE "
"lower(name) = lower($2)), $3, $4,"
            " tsql_now(), $5, $6, CAST($7 AS VARCHAR[]), $8, $9",
            [
                object_id, schema, name, kind, definition,
                options.distribution if options else None,
                options.distribution_columns if options else None,
                options.index if options else None,
                options.partition if options else None,
            ],
        )  # fmt: skip
        for i, column in enumerate(columns):
            connection.execute(
                "INSERT INTO tsql_meta.columns VALUES ($1, $2, $3, $4, $5, $6, $7)",
                [object_id, i + 1, column.name, str(column.type), column.nullable, column.identity, column.default],
            )

    def remove_object(self, connection: duckdb.DuckDBPyConnection, name: Name) -> None:
        """Delete an object's rows, inside the caller's transaction."""
        schema, bare = self.key(name)
        row = connection.execute(
            "SELECT object_id FROM tsql_meta.objects o JOIN tsql_meta.schemas s USING (schema_id)"
            " WHERE lower(s.name) = $1 AND lower(o.name) = $2",
            [schema, bare],
        ).fetchall()
        for (object_id,) in row:
            connection.execute("DELETE FROM tsql_meta.columns WHERE object_id = $1", [object_id])
            connection.execute("DELETE FROM tsql_meta.objects WHERE object_id = $1", [object_id])


def table_info(schema: str, name: str, columns: list[StoredColumn], kind: str) -> TableInfo:
    """What the translator needs of a table."""
    identity = next((c.name for c in columns if c.identity), None)
    sql = f"temp.{quote(name)}" if name.startswith("#") else f"{quote(schema)}.{quote(name)}"
    return TableInfo(sql, schema, name, [(c.name, c.type) for c in columns], kind, identity)
