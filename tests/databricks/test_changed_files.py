"""Files that are overwritten or deleted while a batch runs; their eTags are given by hand here."""

import pytest
from landfall_jobs import storage, tables
from landfall_jobs.jobs import cleanse

HEADER = "id,remark,price,paid,day,at\n"


def announced(path, etag="0x1"):
    return {"path": path, "etag": etag, "landed_at": "2026-01-01T00:00:00Z"}


@pytest.fixture
def etags(monkeypatch, lake):
    """A store whose files have eTags; by default those that the context says."""
    etags = {}

    def etag(uri):
        storage.read_bytes(uri)
        return etags.get(uri.removeprefix(lake.landing + "/"), "0x1")

    monkeypatch.setattr(storage, "etag", etag)
    return etags


def left(spark, lake, result):
    """Paths whose rows are in bronze and in staging."""
    bronze = tables.read(spark, storage.join(lake.root, "bronze", "orders"))
    staged = spark.read.parquet(storage.join(result["staged"], ".."))
    return [sorted({r["_file"] for r in rows.select("_file").collect()}) for rows in (bronze, staged)]


def books(result):
    return {f["path"]: (f["read"], f["loaded"], f["quarantined"], f.get("changed", False)) for f in result["files"]}


@pytest.fixture
def two(lake):
    lake.land("orders/a.csv", HEADER + "1,a,1,,,\nbad\n")
    lake.land("orders/b.csv", HEADER + "2,b,1,,,\nbad\n")
    return [announced("orders/a.csv"), announced("orders/b.csv")]


def test_a_file_that_was_overwritten_before_it_is_read_is_left_out(lake, orders, two, etags, spark):
    etags["orders/a.csv"] = "0x2"
    result = lake.run("cleanse", orders, 1, two)
    assert books(result) == {"orders/a.csv": (0, 0, 0, True), "orders/b.csv": (2, 1, 1, False)}
    assert left(spark, lake, result) == [["orders/b.csv"]] * 2


@pytest.mark.parametrize("how", ["overwritten", "deleted"])
@pytest.mark.parametrize("moment", ["_write_bronze", "_quarantine"])
def test_a_file_that_changes_while_it_is_read_leaves_nothing_behind(
    lake, orders, two, etags, spark, monkeypatch, tmp_path, how, moment
):
    real = getattr(cleanse, moment)

    def meanwhile(*arguments):
        if how == "overwritten":
            lake.land("orders/a.csv", HEADER + "7,new,1,,,\n")
            etags["orders/a.csv"] = "0x2"
        else:
            (tmp_path / "landing/orders/a.csv").unlink(missing_ok=True)
        return real(*arguments)

    monkeypatch.setattr(cleanse, moment, meanwhile)
    result = lake.run("cleanse", orders, 1, two)
    assert books(result) == {"orders/a.csv": (0, 0, 0, True), "orders/b.csv": (2, 1, 1, False)}
    assert left(spark, lake, result) == [["orders/b.csv"]] * 2
    assert [reject["file"] for reject in lake.rejects(result)] == ["orders/b.csv"]


def test_rows_of_the_version_before_stay_until_the_new_version_is_read(lake, orders, etags, spark):
    lake.land("orders/a.csv", HEADER + "1,a,1,,,\n")
    lake.bring(orders, 1, [announced("orders/a.csv")])
    lake.land("orders/b.csv", HEADER + "2,b,1,,,\n")
    etags["orders/a.csv"] = "0x3"
    _, scored = lake.bring(orders, 2, [announced("orders/a.csv", "0x2"), announced("orders/b.csv")])
    assert scored["removed_files"] == []
    assert sorted(r["id"] for r in tables.read(spark, lake.silver("orders")).collect()) == [1, 2]


def test_a_batch_of_which_every_file_is_gone_goes_through_with_nothing(lake, orders, spark):
    cleansed, scored = lake.bring(orders, 1, ["orders/gone.csv"])
    assert books(cleansed) == {"orders/gone.csv": (0, 0, 0, True)}
    assert (scored["rows"], scored["silver_version"]) == (0, 0)
    lake.land("orders/gone.csv", HEADER + "1,a,1,,,\n")
    assert lake.bring(orders, 2, ["orders/gone.csv"])[1]["rows"] == 1


def test_a_fault_of_a_file_that_has_not_changed_still_fails_the_batch(lake, orders, two, etags, monkeypatch):
    monkeypatch.setattr(cleanse, "sort_out", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        lake.run("cleanse", orders, 1, two)
