import pytest
from landfall_jobs import silver, storage, tables

HEADER = "id,remark,price,paid,day,at\n"


def state(spark, lake):
    """Every row of bronze and silver, in a comparable form."""
    return {
        table: sorted(map(str, tables.read(spark, storage.join(lake.root, table, "orders")).collect()))
        for table in ("bronze", "silver")
    }


@pytest.fixture
def committed(lake, orders):
    """Two files in silver; the second replaces a row of the first."""
    lake.land("orders/a.csv", HEADER + "1,a,1,,,\n2,b,1,,,\n")
    lake.bring(orders, 1, ["orders/a.csv"])
    lake.land("orders/b.csv", HEADER + "2,c,1,,,\n3,d,1,,,\nbad\n")
    return lake


def test_a_step_that_has_succeeded_gives_its_result_again_and_does_nothing(committed, orders, spark):
    first = committed.run("cleanse", orders, 2, ["orders/b.csv"])
    before = state(spark, committed)
    committed._attempts.clear()
    committed.land("orders/b.csv", "nonsense")
    assert committed.run("cleanse", orders, 2, ["orders/b.csv"]) == first
    assert state(spark, committed) == before


def test_running_every_step_twice_leaves_the_tables_of_running_them_once(committed, orders, spark):
    results = committed.bring(orders, 2, ["orders/b.csv"])
    before = state(spark, committed)
    again = committed.bring(orders, 2, ["orders/b.csv"])
    assert state(spark, committed) == before
    for one, two in zip(results, again, strict=True):
        assert {k: v for k, v in one.items() if k != "seconds"} == {k: v for k, v in two.items() if k != "seconds"}
    assert len(committed.rejects(again[0])) == 1


@pytest.mark.parametrize("killed_at", ["append", "result"])
def test_a_kill_between_the_commits_or_before_the_result_is_made_good(committed, orders, spark, monkeypatch, killed_at):
    committed.run("cleanse", orders, 2, ["orders/b.csv"])

    class Killed(BaseException):
        pass

    def kill(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(silver.tables, "append", kill) if killed_at == "append" else patch.setattr(
            storage, "write_json", _only_contexts(storage.write_json, kill)
        )
        with pytest.raises(Killed):
            committed.run("score", orders, 2, ["orders/b.csv"])
    committed.run("score", orders, 2, ["orders/b.csv"])
    rows = tables.read(spark, committed.silver("orders")).orderBy("id").collect()
    assert [(r["id"], r["note"]) for r in rows] == [(1, "a"), (2, "c"), (3, "d")]


def _only_contexts(write, kill):
    return lambda uri, document: write(uri, document) if uri.endswith("context.json") else kill()


def test_cleansing_again_after_a_kill_replaces_what_the_first_attempt_wrote(lake, orders, spark, monkeypatch):
    lake.land("orders/a.csv", HEADER + "1,a,1,,,\n2,b,1,,,\n")
    with monkeypatch.context() as patch:
        patch.setattr("landfall_jobs.jobs.cleanse.sort_out", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            lake.run("cleanse", orders, 1, ["orders/a.csv"])
    assert tables.read(spark, storage.join(lake.root, "bronze", "orders")).count() == 2
    lake.bring(orders, 1, ["orders/a.csv"])
    assert {table: len(rows) for table, rows in state(spark, lake).items()} == {"bronze": 2, "silver": 2}


def test_which_files_were_replaced_is_not_forgotten_by_a_kill_after_the_delete(lake, orders, monkeypatch):
    lake.land("orders/a.csv", HEADER + "1,a,1,,,\n")
    lake.bring(orders, 1, ["orders/a.csv"])
    lake.run("cleanse", orders, 2, ["orders/a.csv"])
    with monkeypatch.context() as patch:
        patch.setattr(silver.tables, "append", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            lake.run("score", orders, 2, ["orders/a.csv"])
    assert lake.run("score", orders, 2, ["orders/a.csv"])["removed_files"] == ["orders/a.csv"]
