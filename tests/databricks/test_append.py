"""Rows without a key, as in logs: all count, and a file that lands again replaces what it brought."""

import pytest
from landfall_jobs import tables

HEADER = "id,remark,price,paid,day,at\n"


@pytest.fixture
def log(orders):
    orders["identity"] = {"on_later_version": "append"}
    return orders


def counts(result):
    return tuple(result["totals"][k] for k in ("read", "loaded", "quarantined", "duplicates", "superseded"))


def silver(lake, spark):
    return sorted((r["id"], r["_file"], r["_line"]) for r in tables.read(spark, lake.silver("orders")).collect())


def test_equal_rows_all_count_within_a_file_and_across_files(lake, log, spark):
    lake.land("orders/a.csv", HEADER + "1,x,1,,,\n1,x,1,,,\n1,x,-1,,,\n")
    result, _ = lake.bring(log, 1, ["orders/a.csv"])
    assert counts(result) == (3, 2, 1, 0, 0)
    lake.land("orders/b.csv", HEADER + "1,x,1,,,\n")
    result, _ = lake.bring(log, 2, ["orders/b.csv"])
    assert counts(result) == (1, 1, 0, 0, 0)
    assert silver(lake, spark) == [(1, "orders/a.csv", 2), (1, "orders/a.csv", 3), (1, "orders/b.csv", 2)]


def test_a_new_version_of_a_file_replaces_the_rows_of_the_one_before(lake, log, spark):
    lake.land("orders/a.csv", HEADER + "1,x,1,,,\n2,x,1,,,\n")
    lake.bring(log, 1, ["orders/a.csv"])
    lake.land("orders/a.csv", HEADER + "3,x,1,,,\n")
    _, scored = lake.bring(log, 2, ["orders/a.csv"])
    assert scored["removed_files"] == ["orders/a.csv"]
    assert silver(lake, spark) == [(3, "orders/a.csv", 2)]


def test_a_batch_that_is_committed_twice_is_there_once(lake, log, spark):
    lake.land("orders/a.csv", HEADER + "1,x,1,,,\n1,x,1,,,\n")
    lake.bring(log, 1, ["orders/a.csv"])
    lake.published.clear()
    lake.run("score", log, 1, ["orders/a.csv"])
    assert len(silver(lake, spark)) == 2
