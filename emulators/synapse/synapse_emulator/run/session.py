"""A session: its DuckDB connection, its variables, and how it runs one DuckDB statement."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import duckdb
import pyarrow as pa

from synapse_emulator.engine.database import Database
from synapse_emulator.engine.failures import Cancelled, to_sql_error
from synapse_emulator.engine.storage import Lake
from synapse_emulator.errors import SqlError
from synapse_emulator.run.output import Output, Silent
from synapse_emulator.run.state import BulkTarget, ParseCache, State, Variable
from synapse_emulator.translate import types as t
from synapse_emulator.translate.casts import cast
from synapse_emulator.translate.changes import Translated, Translator
from synapse_emulator.translate.environment import Environment
from synapse_emulator.translate.functions import Value
from synapse_emulator.translate.scope import Scope, TableInfo
from synapse_emulator.translate.types import SqlType, SqlValue
from synapse_emulator.tsql import nodes as n
from synapse_emulator.tsql.nodes import Name
from synapse_emulator.tsql.refusals import check_name

_BATCH_ROWS = 8192
_PARSED: WeakKeyDictionary[Database, ParseCache] = WeakKeyDictionary()
_INFORMATION_SCHEMA = "information_schema"


class Session:
    """One client's connection to the database; not for use from two threads at once, save `cancel`."""

    def __init__(self, database: Database, lake: Lake, user: str, spid: int) -> None:
        self.database = database
        self.catalogue = database.catalogue
        self.lake = lake
        self.cursor = database.cursor()
        self.state = State(user, database.name, spid, database.azure_sql)
        self.parsed = _PARSED.setdefault(database, ParseCache(azure_sql=database.azure_sql))
        self.bulk: BulkTarget | None = None
        self.output: Output = Silent()
        self.cancelled = False

    # What the translator asks

    def variable_type(self, name: str) -> SqlType | None:
        """The type of a declared variable."""
        found = self.state.frames[-1].get(name)
        return found.kind if found else None

    def variable_value(self, name: str) -> SqlValue:
        """The value of a variable or of the session."""
        return self.state.value(name)

    def table(self, name: Name, line: int) -> TableInfo:
        """A table or view, or 208."""
        check_name(name, self.database.name, line)
        temporary = name[-1].startswith("#")
        found = self.state.temporary.get(name[-1].lower()) if temporary else self.catalogue.find(name)
        if found is None:
            raise SqlError(208, f"Invalid object name '{'.'.join(name)}'.", line=line)
        return found

    def temporary_id(self, name: str) -> int | None:
        """The object id of a temporary table."""
        names = list(self.state.temporary)
        return -names.index(name.lower()) - 1 if name.lower() in names else None

    # Running DuckDB

    def run(
        self, sql: str, parameters: dict[str, n.Expression] | None = None, line: int = 1
    ) -> list[tuple[n.Expression, ...]]:
        """Run DuckDB text and give all rows; errors as SqlError."""
        try:
            self.cursor.execute(sql, parameters) if parameters else self.cursor.execute(sql)
            return self.cursor.fetchall()
        except duckdb.InterruptException:
            raise Cancelled from None
        except duckdb.Error as failure:
            raise self._failed(failure, line) from failure

    def _failed(self, failure: Exception, line: int) -> SqlError:
        """DuckDB gives up the whole transaction at any error, as the pool does."""
        self.state.aborted = self.state.in_transaction
        return to_sql_error(failure, line)

    def stream(self, statement: Translated, line: int) -> int:
        """Run a query and send its rows; gives their number."""
        values = self.values(statement)
        try:
            relation = self.cursor.sql(statement.sql, params=values) if values else self.cursor.sql(statement.sql)
            reader = relation.to_arrow_reader(_BATCH_ROWS)
            kinds = [
                result_type(column[1], field.type)
                for column, field in zip(statement.columns, reader.schema, strict=True)
            ]
            self.output.metadata([(column[0], kind) for column, kind in zip(statement.columns, kinds, strict=True)])
            count = 0
            if self.state.options.fmtonly:
                return 0
            for batch in reader:
                if self.cancelled:
                    raise Cancelled
                count += batch.num_rows
                self.output.rows(batch, kinds)
            return count
        except duckdb.InterruptException:
            raise Cancelled from None
        except duckdb.Error as failure:
            raise self._failed(failure, line) from failure
        except pa.ArrowException as failure:
            if self.cancelled:
                raise Cancelled from None
            raise self._failed(failure, line) from failure

    def values(self, statement: Translated) -> dict[str, n.Expression]:
        """The parameters of a statement."""
        return {key: self.state.value(name) for name, key in statement.parameters.items()}

    # Values

    def translator(self) -> Translator:
        """A translator that sees this session."""
        return Translator(Environment(self))

    def evaluate(self, node: n.Expression, target: SqlType | None = None, *, condition: bool = False) -> SqlValue:
        """The value of an expression or condition outside a query; on a side connection in an aborted transaction."""
        translator = self.translator()
        if condition:
            sql = translator.condition(node, Scope())
        else:
            value = translator.expression(node, Scope())
            sql = value[0] if target is None else assigned(value, target)
        parameters = {translator.env.keys[name]: self.state.value(name) for name in translator.used}
        line = getattr(node, "line", 1)
        if not self.state.aborted:
            return self.run(f"SELECT {sql}", parameters, line)[0][0]
        side = self.database.cursor()
        try:
            return side.execute(f"SELECT {sql}", parameters).fetchall()[0][0]
        except duckdb.Error as failure:
            raise to_sql_error(failure, line) from failure
        finally:
            side.close()

    def declare(self, name: str, kind: SqlType, value: SqlValue = None) -> None:
        """Declare a variable, or 134 when it exists."""
        frame = self.state.frames[-1]
        if name in frame:
            raise SqlError(134, f"The variable name '{name}' has already been declared.", severity=15)
        frame[name] = Variable(kind, value)

    def cancel(self) -> None:
        """Stop what runs; from any thread."""
        self.cancelled = True
        self.cursor.interrupt()

    # Transactions

    def begin(self) -> None:
        """BEGIN TRANSACTION."""
        if self.state.in_transaction:
            raise SqlError(
                111212,
                "111212;Operation cannot be performed within a transaction. Nested transactions are not supported.",
            )
        self.run("BEGIN TRANSACTION")
        self.state.in_transaction = True
        self.state.descriptor += 1
        self.output.transaction(8, self.state.descriptor)

    def commit(self) -> None:
        """COMMIT; 3902 outside a transaction, 111233 in an aborted one."""
        if not self.state.in_transaction:
            raise SqlError(3902, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.")
        if self.state.aborted:
            raise aborted_error()
        try:
            self.run("COMMIT")
        except SqlError:
            self._after_transaction(10)
            raise
        self._after_transaction(9)

    def rollback(self) -> None:
        """ROLLBACK; 3903 outside a transaction."""
        if not self.state.in_transaction:
            raise SqlError(3903, "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.")
        self.run("ROLLBACK")
        self._after_transaction(10)

    def _after_transaction(self, kind: int) -> None:
        self.state.in_transaction = self.state.aborted = False
        self.output.transaction(kind, self.state.descriptor)

    def reset(self) -> None:
        """A fresh session on the same connection, as a pool asks for."""
        if self.state.in_transaction:
            self.rollback()
        for table in self.state.temporary.values():
            self.run(f"DROP TABLE IF EXISTS {table.sql}")
        old = self.state
        self.state = State(old.user, old.database, old.spid, old.azure_sql, old.host, old.application)
        self.bulk = None

    def close(self) -> None:
        """Roll back and let go of the connection."""
        try:
            if self.state.in_transaction:
                self.cursor.execute("ROLLBACK")
        except duckdb.Error:
            pass
        finally:
            self.cursor.close()


def aborted_error() -> SqlError:
    """111233, which every statement but ROLLBACK gets in an aborted transaction."""
    return SqlError(
        111233,
        "111233;The current transaction has aborted, and any pending changes have been rolled back. Cause: "
        "a statement in it "
        "failed. Explicitly rollback this transaction before executing any more statements.",
    )


def assigned(value: Value, target: SqlType) -> str:
    """A value as assigned to a variable: converted, strings cut to length."""
    sql, kind = value
    if kind is None:
        return f"CAST({sql} AS {target.duck()})"
    constant = sql[1:-1].replace("''", "'") if sql.startswith("'") and sql.endswith("'") and kind.is_string else None
    return cast(sql, kind, target, constant=constant)


def result_type(kind: SqlType | None, arrow: pa.DataType) -> SqlType:
    """The type to send: the inferred one, or the Arrow type's when nothing was inferred or the families differ."""
    actual = _from_arrow(arrow)
    if kind is None or pa.types.is_null(arrow):
        return kind or t.INT
    if kind.name == "uniqueidentifier" and actual.is_string:  # how DuckDB hands UUIDs out
        return kind
    if (
        kind.is_string != actual.is_string
        or kind.is_number != actual.is_number
        or kind.is_temporal != actual.is_temporal
    ):
        return actual
    return kind


def _from_arrow(arrow: pa.DataType) -> SqlType:
    if isinstance(arrow, pa.BaseExtensionType):
        arrow = arrow.storage_type
    simple = {
        pa.bool_(): "bit", pa.uint8(): "tinyint", pa.int8(): "smallint", pa.int16(): "smallint", pa.uint16(): "int",
        pa.int32(): "int", pa.uint32(): "bigint", pa.int64(): "bigint", pa.float64(): "float", pa.float32(): "real",
        pa.date32(): "date",
    }  # fmt: skip
    if arrow in simple:
        return SqlType(simple[arrow])
    if pa.types.is_decimal(arrow):
        return SqlType("decimal", precision=arrow.precision, scale=arrow.scale)
    if pa.types.is_timestamp(arrow):
        return SqlType("datetimeoffset" if arrow.tz else "datetime2", scale=7)
    if pa.types.is_time(arrow):
        return SqlType("time", scale=7)
    if pa.types.is_binary(arrow) or pa.types.is_large_binary(arrow):
        return SqlType("varbinary", t.MAX)
    if pa.types.is_fixed_size_binary(arrow):
        return SqlType("uniqueidentifier")
    return t.nvarchar(4000)
