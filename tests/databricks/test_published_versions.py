"""What a failed batch leaves behind is not built upon; references are read as they are published."""

import deltalake
import pytest
from landfall_jobs import tables
from landfall_jobs.errors import JobError

HEADER = "id,remark,price,paid,day,at\n"


@pytest.fixture
def land(lake, orders):
    """Lands one file, and runs the steps of a batch of it: a published one, or one that fails after its commit."""

    def land(number, lines, fails=False):
        path = f"orders/{number}.csv"
        lake.land(path, HEADER + lines)
        before = dict(lake.published)
        cleansed, scored = lake.bring(orders, number, [path])
        if fails:
            lake.published = before
        return cleansed, scored

    return land


def notes(spark, lake):
    rows = tables.read(spark, lake.silver("orders")).collect()
    return sorted((r["id"], r["note"], r["_batch"][-1]) for r in rows)


def test_rows_of_a_failed_batch_are_gone_when_the_next_one_begins(lake, land, spark):
    land(1, "1,a,1,,,\n2,b,1,,,\n")
    published = notes(spark, lake)
    land(2, "2,lost,1,,,\n3,lost,1,,,\n", fails=True)
    assert notes(spark, lake) != published
    left = tables.version(lake.silver("orders"))
    cleansed, scored = land(3, "2,c,1,,,\n3,lost,1,,,\n")
    assert cleansed["restored_from"] == left
    assert cleansed["totals"]["loaded"] == 2, "what the failed batch brought makes no duplicate"
    assert notes(spark, lake) == [(1, "a", "1"), (2, "c", "3"), (3, "lost", "3")]
    assert scored["silver_version"] == tables.version(lake.silver("orders"))


def test_when_no_batch_was_ever_published_the_next_one_begins_with_an_empty_table(lake, land, spark):
    land(1, "1,a,1,,,\n", fails=True)
    cleansed, _ = land(2, "1,a,1,,,\n")
    assert cleansed["restored_from"] == 0
    assert notes(spark, lake) == [(1, "a", "2")]


def test_a_published_table_is_left_as_it_is(lake, land):
    assert land(1, "1,a,1,,,\n")[0]["restored_from"] is None
    before = tables.version(lake.silver("orders"))
    lake.land("orders/2.csv", HEADER + "2,b,1,,,\n")
    return_value = land(2, "2,b,1,,,\n")[0]
    assert return_value["restored_from"] is None
    assert tables.version(lake.silver("orders")) == before + 1


def test_restoring_twice_gives_the_same_rows(lake, land, orders, spark):
    land(1, "1,a,1,,,\n2,b,1,,,\n")
    published = notes(spark, lake)
    land(2, "3,lost,1,,,\n", fails=True)
    lake.land("orders/3.csv", HEADER + "4,d,1,,,\n")
    for _ in range(2):
        lake.run("cleanse", orders, 3, ["orders/3.csv"])
        assert notes(spark, lake) == published


def test_the_version_that_a_batch_left_is_told_when_it_wrote_nothing_and_when_it_runs_again(lake, land, orders):
    first = land(1, "1,a,1,,,\n")[1]
    assert first["silver_version"] == 0
    same = land(2, "1,a,1,,,\n")[1]
    assert (same["rows"], same["silver_version"]) == (0, 1), "what was kept back belongs to a version of its own"
    lake.land("orders/3.csv", HEADER + "1,c,1,,,\n")
    lake.run("cleanse", orders, 3, ["orders/3.csv"])
    versions = [lake.run("score", orders, 3, ["orders/3.csv"])["silver_version"] for _ in range(2)]
    assert versions == [tables.version(lake.silver("orders"))] * 2


def test_nothing_is_a_version_of_its_own_where_the_engine_makes_none_of_it(lake, land, spark, monkeypatch):
    land(1, "1,a,1,,,\n")
    uri = lake.silver("orders")
    monkeypatch.setattr(tables, "append", lambda *_: None)
    for number, batch in enumerate(("orders-00000002", "orders-00000003"), 1):
        tables.append_nothing(spark, tables.read(spark, uri).where("false"), uri, batch)
        assert (tables.version(uri), notes(spark, lake)) == (number, [(1, "a", "1")])


def test_a_published_version_that_the_table_does_not_have_stops_the_batch(lake, land, orders):
    land(1, "1,a,1,,,\n")
    lake.published["orders"] = 9
    with pytest.raises(JobError, match=r"Version 9 of .* is published, yet the table ends before"):
        land(2, "2,b,1,,,\n")


def test_a_table_that_was_only_compacted_is_not_put_back(lake, land, spark):
    for number in (1, 2):
        land(number, f"{number},a,1,,,\n")
    published = tables.version(lake.silver("orders"))
    deltalake.DeltaTable(lake.silver("orders")).optimize.compact()
    assert tables.version(lake.silver("orders")) == published + 1
    assert land(3, "3,c,1,,,\n")[0]["restored_from"] is None
    assert len(notes(spark, lake)) == 3


@pytest.mark.parametrize(("version", "weights"), [(0, [1.0]), (1, [7.0]), (None, [None])])
def test_a_reference_is_read_as_of_its_published_version(lake, orders, spark, version, weights):
    remarks = lake.silver("remarks")
    for weight in (1.0, 7.0):
        tables.overwrite(
            spark.createDataFrame([("pen", "x", weight)], "word string, kind string, weight double"), remarks
        )
    lake.published["remarks"] = version
    orders["combine"] = [{"dataset": "remarks", "on": {"note": "word"}, "columns": {"weight": "weight"}}]
    orders["insights"] = [{"name": "weights", "key": ["id"], "statement": "SELECT id, weight FROM orders"}]
    lake.land("orders/a.csv", HEADER + "1,pen,1,,,\n")
    lake.bring(orders, 1, ["orders/a.csv"])
    result = lake.run("insights", orders, 1, ["orders/a.csv"])
    gold = tables.read(spark, f"{lake.root}/gold/orders/weights").collect()
    assert [row["weight"] for row in gold] == weights
    assert [warning["rule"] for warning in result["warnings"]] == (["reference-missing"] if version is None else [])


def test_versions_before_a_checkpoint_of_the_log_are_read_too(spark, tmp_path):
    uri = str(tmp_path / "table")
    for number in range(25):
        columns = "a int" if number < 4 else "a int, b string"
        tables.append(spark.createDataFrame([(number, "x")[: 1 if number < 4 else 2]], columns), uri)
        if number == 2:
            tables.delete(spark, uri, "a = 1")
    assert tables.version(uri) == 25
    found = {
        version: sorted(row["a"] for row in tables.read(spark, uri, version).collect()) for version in (0, 2, 3, 12, 25)
    }
    assert found == {0: [0], 2: [0, 1, 2], 3: [0, 2], 12: [0, *range(2, 12)], 25: [0, *range(2, 25)]}
    assert [row["b"] for row in tables.read(spark, uri, 6).orderBy("a").collect()] == [None, None, None, "x", "x"]
