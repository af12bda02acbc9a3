"""Statements in a session: transactions, temporary tables, definitions, changes."""

from __future__ import annotations

import pytest


@pytest.fixture
def schema(client, request):
    name = f"s{abs(hash(request.node.name)) % 10**9}"
    client.run(f"CREATE SCHEMA {name}")
    return name


def test_condition_that_fails_in_a_transaction_aborts_it_until_rollback(client, schema):
    client.run(f"CREATE TABLE {schema}.t (a INT) WITH (HEAP); BEGIN TRAN; INSERT INTO {schema}.t VALUES (1)")
    rows = client.run(
        "BEGIN TRY IF 1 / 0 = 1 SELECT 1 END TRY BEGIN CATCH DECLARE @x INT = XACT_STATE(), @n INT = "
        "ERROR_NUMBER(); ROLLBACK; SELECT @x x, @n n END CATCH"
    )
    assert rows == [(-2, 8134)]
    assert client.run(f"SELECT a FROM {schema}.t") == []
    assert client.last.transactions == []


def test_temporary_tables_belong_to_one_session(client, other):
    client.run("CREATE TABLE #t (a INT, b NVARCHAR(3)); INSERT INTO #t SELECT 1, 'x'")
    other.run("CREATE TABLE #t (z DATE)")
    assert client.run("SELECT * FROM #t") == [(1, "x")]
    assert other.run("SELECT * FROM #t") == []
    assert other.last.columns == [["z date"]]
    assert client.run("IF OBJECT_ID('tempdb..#t') IS NOT NULL DROP TABLE #t; SELECT OBJECT_ID('tempdb..#t') o") == [
        (None,)
    ]
    client.session.reset()
    assert client.error("SELECT * FROM #t").number == 208


def test_one_batch_text_means_the_tables_of_each_session(client, other):
    text = "SELECT * INTO #same FROM (SELECT 1 a) q; SELECT * FROM #same"
    assert client.run(text) == [(1,)]
    other.run("CREATE TABLE #same (b NVARCHAR(5)); INSERT INTO #same VALUES ('y')")
    assert other.error(text).number == 2714
    assert other.run("SELECT * FROM #same") == [("y",)]
    assert client.run("SELECT * FROM #same") == [(1,)]


def test_reader_keeps_its_snapshot_for_the_whole_transaction(client, other, schema):
    client.run(f"CREATE TABLE {schema}.t (a INT) WITH (HEAP); INSERT INTO {schema}.t VALUES (1)")
    other.run(f"BEGIN TRAN; SELECT * FROM {schema}.t")
    client.run(f"INSERT INTO {schema}.t VALUES (2)")
    assert other.run(f"SELECT COUNT(*) n FROM {schema}.t") == [(1,)]
    assert other.run(f"COMMIT; SELECT COUNT(*) n FROM {schema}.t") == [(2,)]
    assert client.session.state.in_transaction is False


def test_same_table_name_in_two_schemas_is_told_apart_in_a_subquery(client, schema):
    client.run(
        f"CREATE SCHEMA {schema}b; CREATE TABLE {schema}.f (k INT) WITH (HEAP); CREATE TABLE {schema}b.f "
        f"(k INT) WITH (HEAP)"
    )
    client.run(f"INSERT INTO {schema}.f SELECT 1 UNION ALL SELECT 2; INSERT INTO {schema}b.f SELECT 2")
    client.run(f"DELETE FROM {schema}.f WHERE EXISTS (SELECT 1 FROM {schema}b.f WHERE {schema}b.f.k = {schema}.f.k)")
    assert client.run(f"SELECT k FROM {schema}.f") == [(1,)]


def test_columns_can_be_added_changed_and_dropped(client, schema):
    client.run(
        f"CREATE TABLE {schema}.t (id INT IDENTITY(5, 5), k NVARCHAR(3)) WITH (DISTRIBUTION = HASH(k)); "
        f"INSERT INTO {schema}.t (k) VALUES ('a')"
    )
    client.run(
        f"ALTER TABLE {schema}.t ADD note NVARCHAR(9) NULL, n INT NOT NULL DEFAULT 7; ALTER TABLE "
        f"{schema}.t ALTER COLUMN k NVARCHAR(20) NOT NULL"
    )
    client.run(f"INSERT INTO {schema}.t (k, note) VALUES ('longer', 'x'); ALTER TABLE {schema}.t DROP COLUMN note")
    assert client.run(f"SELECT * FROM {schema}.t ORDER BY id") == [(5, "a", 7), (10, "longer", 7)]


def test_views_follow_their_tables(client, schema):
    client.run(
        f"CREATE TABLE {schema}.t (k NVARCHAR(4), v DECIMAL(9,2)) WITH (HEAP); INSERT INTO {schema}.t "
        f"SELECT 'a', 1.5 UNION ALL SELECT 'A', 2"
    )
    client.run(f"CREATE VIEW {schema}.v AS SELECT k, SUM(v) AS total FROM {schema}.t GROUP BY k")
    assert [float(row[0]) for row in client.run(f"SELECT total FROM {schema}.v")] == [3.5]
    assert client.run(f"SELECT name, type FROM sys.objects WHERE object_id = OBJECT_ID('{schema}.v')") == [("v", "V")]


def test_procedures_call_each_other_up_to_the_limit(client, schema):
    client.run(f"CREATE PROCEDURE {schema}.deep @n INT AS BEGIN SET @n = @n + 1; EXEC {schema}.deep @n END")
    assert client.error(f"EXEC {schema}.deep 1").number == 217
    assert len(client.session.state.frames) == 1


def test_select_assigns_the_last_row_and_counts(client):
    rows = client.run(
        "DECLARE @a INT = 5, @n INT; SELECT @a = x FROM (SELECT TOP 3 x FROM (SELECT 1 x UNION ALL SELECT "
        "2 UNION ALL SELECT 3) q ORDER BY x) r WHERE x > 9; SET @n = @@ROWCOUNT; SELECT @a a, @n n"
    )
    assert rows == [(5, 0)]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (109, "INSERT INTO {s}.t (a, b) VALUES (1)"),
        (110, "INSERT INTO {s}.t (a) VALUES (1, 2)"),
        (120, "INSERT INTO {s}.t (a, b) SELECT 1"),
        (213, "INSERT INTO {s}.t SELECT 1"),
        (134, "DECLARE @a INT, @a INT"),
        (205, "SELECT 1 UNION ALL SELECT 1, 2"),
        (206, "SELECT CAST('2013-01-01' AS DATE) * 2"),
        (209, "SELECT a FROM {s}.t x, {s}.t y"),
        (512, "SELECT (SELECT 1 UNION ALL SELECT 2)"),
        (1033, "SELECT * FROM (SELECT a FROM {s}.t ORDER BY a) q"),
        (2714, "CREATE TABLE {s}.t (a INT)"),
        (2760, "CREATE TABLE nowhere.t (a INT)"),
        (4104, "SELECT z.a FROM {s}.t"),
        (8120, "SELECT a, COUNT(*) FROM {s}.t"),
        (8155, "SELECT * FROM (SELECT a + 1 FROM {s}.t) q"),
        (8156, "SELECT * FROM (SELECT a, a FROM {s}.t) q"),
    ],
)
def test_mistake_has_the_number_of_sql_server(client, schema, number, text):
    client.run(f"CREATE TABLE {schema}.t (a INT, b INT) WITH (HEAP)")
    assert client.error(text.format(s=schema)).number == number
