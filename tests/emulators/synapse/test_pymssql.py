"""The emulator as pymssql (FreeTDS) sees it: another vendor's driver, unchanged."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pymssql
import pytest

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "Local-pass-1"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a pool and an Azure SQL database, in a process of its own."""
    options = ["--port", "0", "--data", str(tmp_path_factory.mktemp("synapse"))]
    process = subprocess.Popen(
        [sys.executable, "-m", "synapse_emulator", *options, "--database", "landfall", "--sql-database", "operations"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "emulators" / "synapse"), "SYNAPSE_PASSWORD": PASSWORD},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line.startswith("listening on ")
    yield line.rpartition(":")[2]
    process.terminate()
    assert process.wait(10) == 0


def connect(port: str, database: str = "landfall", password: str = PASSWORD, **options: object) -> pymssql.Connection:
    return pymssql.connect(
        server="127.0.0.1",
        port=port,
        user="landfall",
        password=password,
        database=database,
        encryption="off",
        **options,
    )


@pytest.fixture
def db(port: str) -> Iterator[pymssql.Connection]:
    connection = connect(port, autocommit=True)
    yield connection
    connection.close()


def rows(connection: pymssql.Connection, text: str, parameters: object = ()) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        return cursor.fetchall()


def test_login_chooses_the_database_and_a_wrong_one_is_refused(port: str):
    for name in ("landfall", "operations"):
        connection = connect(port, name)
        assert rows(connection, "SELECT DB_NAME(), SUSER_SNAME()") == [(name, "landfall")]
        connection.close()
    with pytest.raises(pymssql.OperationalError, match="Login failed for user 'landfall'"):
        connect(port, password="wrong")
    with pytest.raises(pymssql.OperationalError):
        connect(port, "nowhere")


def test_values_come_back_with_their_types(db: pymssql.Connection):
    (row,) = rows(
        db,
        """SELECT CAST(1 AS BIT), 255, CAST(9007199254740993 AS BIGINT), CAST(1.5 AS FLOAT),
                  CAST(12.340 AS DECIMAL(9, 3)), N'é', CAST(NULL AS INT), CAST('2026-01-31' AS DATE),
                  CAST('2026-01-31T12:34:56.789' AS DATETIME2(3)), CAST(0x00FF AS VARBINARY(4)),
                  CAST('b6c0a3e1-5a3b-4a0e-9e66-0f6c1b0e4f11' AS UNIQUEIDENTIFIER)""",
    )
    assert row == (
        True,
        255,
        9007199254740993,
        1.5,
        Decimal("12.340"),
        "é",
        None,
        dt.date(2026, 1, 31),
        dt.datetime(2026, 1, 31, 12, 34, 56, 789000),
        b"\x00\xff",
        uuid.UUID("b6c0a3e1-5a3b-4a0e-9e66-0f6c1b0e4f11"),
    )


def test_parameters_keep_their_text_whatever_is_in_it(db: pymssql.Connection):
    text = "O'Hare; DROP TABLE x -- é"
    assert rows(db, "SELECT %s, %d, %s", (text, 7, None)) == [(text, 7, None)]


def test_a_transaction_is_seen_by_others_once_it_is_committed(port: str, db: pymssql.Connection):
    with db.cursor() as cursor:
        cursor.execute("CREATE TABLE dbo.trips (id INT NOT NULL, note NVARCHAR(20)) WITH (HEAP)")
    writer = connect(port)
    count = "SELECT COUNT(*) FROM dbo.trips"
    with writer.cursor() as cursor:
        cursor.execute("INSERT INTO dbo.trips VALUES (%d, %s)", (1, "one"))
        assert rows(db, count) == [(0,)]
        writer.rollback()
        cursor.execute("INSERT INTO dbo.trips VALUES (%d, %s)", (2, "two"))
        assert cursor.rowcount == 1
        writer.commit()
    assert rows(db, "SELECT id, note FROM dbo.trips") == [(2, "two")]
    writer.close()


def test_errors_carry_the_servers_number_and_the_connection_goes_on(db: pymssql.Connection):
    for text, number in (("SELECT * FROM dbo.nowhere", 208), ("SELECT 1 +", 102), ("SELECT 1 / 0", 8134)):
        with pytest.raises(pymssql.Error) as caught:
            rows(db, text)
        assert caught.value.args[0] == number, text
    assert rows(db, "SELECT 1") == [(1,)]


def test_many_rows_are_loaded_in_bulk_and_by_lists_of_values(port: str):
    connection = connect(port, "operations", autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE dbo.planes (tailnum NVARCHAR(8) NOT NULL, seats INT, speed FLOAT)")
    connection.bulk_copy("dbo.planes", [(f"N{n}", n, n / 4) for n in range(500)] + [("N-", None, None)])
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO dbo.planes VALUES (%s, %d, NULL)", [("X1", 1), ("X2", 2)])
        cursor.execute("INSERT INTO dbo.planes VALUES ('Y1', 1, 1), ('Y2', 2, 2)")
    assert rows(connection, "SELECT COUNT(*), SUM(seats), MAX(speed) FROM dbo.planes") == [(505, 124_756, 124.75)]
    assert rows(connection, "SELECT seats, speed FROM dbo.planes WHERE tailnum = %s", ("N-",)) == [(None, None)]
    connection.close()


def test_procedures_give_output_parameters(db: pymssql.Connection):
    with db.cursor() as cursor:
        cursor.execute("CREATE PROCEDURE dbo.twice @n INT, @double INT OUTPUT AS SET @double = @n * 2")
        answer = cursor.callproc("dbo.twice", (21, pymssql.output(int)))
    assert answer == (21, 42)
