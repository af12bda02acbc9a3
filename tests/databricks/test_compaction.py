import json

import pytest
from landfall_jobs import delta_log, storage, tables

HEADER = "id,remark,price,paid,day,at\n"
BATCHES = 7


@pytest.fixture
def filled(lake, orders):
    """As many small batches as bring a compaction; the last one replaces a row."""
    for number in range(1, BATCHES + 1):
        lake.land(f"orders/{number}.csv", HEADER + f"{number},pen,{number},,,\n")
        lake.bring(orders, number, [f"orders/{number}.csv"])
    return lake


def files(uri):
    """The files of a table as it is now."""
    live = {}
    log = storage.join(uri, "_delta_log")
    for number in range(tables.version(uri) + 1):
        for line in storage.read_bytes(storage.join(log, f"{number:020}.json")).splitlines():
            delta_log._apply(json.loads(line), live)
    return list(live)


def ids(spark, lake, version=None):
    rows = tables.read(spark, lake.silver("orders"), version).collect()
    return sorted(row["id"] for row in rows)


def test_small_files_of_batches_become_one_and_no_row_changes(filled, spark):
    assert len(files(filled.silver("orders"))) < BATCHES
    assert ids(spark, filled) == list(range(1, BATCHES + 1))


def test_the_published_version_is_the_one_after_the_compaction_and_earlier_ones_can_be_read(filled, spark):
    assert filled.published["orders"] == tables.version(filled.silver("orders"))
    assert ids(spark, filled, 2) == [1, 2, 3]


def test_a_compaction_is_no_change_that_is_put_back(filled, orders, spark):
    before = filled.published["orders"]
    filled.land("orders/8.csv", HEADER + "8,pen,1,,,\n")
    filled.bring(orders, 8, ["orders/8.csv"])
    filled.published["orders"] = before  # The batch failed after its commit.
    filled.land("orders/9.csv", HEADER + "9,pen,1,,,\n")
    filled.bring(orders, 9, ["orders/9.csv"])
    assert ids(spark, filled) == [*range(1, BATCHES + 1), 9]


def test_what_lost_to_later_rows_is_compacted_too(lake, orders, spark):
    for number in range(1, BATCHES + 2):
        lake.land(f"orders/{number}.csv", HEADER + f"1,pen,{number},,,\n")
        lake.bring(orders, number, [f"orders/{number}.csv"])
    uri = storage.join(lake.root, "reserve", "orders")
    assert sorted(row["price"] for row in tables.read(spark, uri).collect()) == list(range(1, BATCHES + 1))
    assert len(files(uri)) < BATCHES
