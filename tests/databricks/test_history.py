"""Datasets that keep every version of a key, and those that combine them; rows in reserve; kills between commits."""

import job_lake
import pytest
from landfall_jobs import storage, tables
from landfall_jobs.errors import JobError

HEADER = "word,since,weight\n"


@pytest.fixture
def weights():
    """What words weighed when."""
    columns = [("word", "string"), ("since", "date"), ("weight", "int")]
    return {
        "dataset": "weights",
        "arrival": {"path": "weights/*.csv", "format": "csv"},
        "columns": [{"name": n, "type": t, "nullable": n == "weight"} for n, t in columns],
        "rules": [],
        "identity": {"key": ["word"], "event_time": "since", "on_later_version": "history"},
    }


def landed(path, hour, **more):
    at = {"sequencer": f"{hour:016x}", "landed_at": f"2026-01-01T{hour:02}:00:00Z"}
    return {"path": path, "etag": "0x1", **at, **more}


def timeline(spark, lake, word="pen"):
    rows = tables.read(spark, lake.silver("weights")).where(f"word = '{word}'").orderBy("valid_from").collect()
    return [(r["weight"], str(r["valid_from"])[:10], str(r["valid_to"])[:10], r["is_current"]) for r in rows]


def bring(lake, contract, number, path, text, hour=None):
    lake.land(path, HEADER + text)
    return lake.bring(contract, number, [landed(path, number if hour is None else hour)])


@pytest.fixture
def three(lake, weights):
    """Three versions of a pen, the second of which came last; one of them was said twice."""
    bring(lake, weights, 1, "weights/a.csv", "pen,2026-01-01,1\ncup,2026-01-01,9\n")
    bring(lake, weights, 2, "weights/b.csv", "pen,2026-03-01,3\ncup,2026-02-01,9\n")
    return bring(lake, weights, 3, "weights/late.csv", "pen,2026-02-01,2\n")


def test_a_late_version_lands_between_the_others_and_what_has_not_changed_makes_none(lake, three, spark):
    assert three[0]["totals"] == {"read": 1, "loaded": 1, "quarantined": 0, "duplicates": 0, "superseded": 0}
    assert timeline(spark, lake) == [
        (1, "2026-01-01", "2026-02-01", False),
        (2, "2026-02-01", "2026-03-01", False),
        (3, "2026-03-01", "9999-12-31", True),
    ]
    assert timeline(spark, lake, "cup") == [(9, "2026-01-01", "9999-12-31", True)]


def test_a_version_that_is_taken_back_is_as_if_it_had_never_been(lake, weights, three, spark):
    lake.bring(weights, 4, [landed("weights/late.csv", 4, deleted=True)])
    assert timeline(spark, lake) == [(1, "2026-01-01", "2026-03-01", False), (3, "2026-03-01", "9999-12-31", True)]
    lake.bring(weights, 5, [landed("weights/a.csv", 5, deleted=True)])
    assert timeline(spark, lake, "cup") == [(9, "2026-02-01", "9999-12-31", True)], "what b said counts now"


@pytest.mark.parametrize(
    ("as_of", "expected"), [("day", {1: 1, 2: 2, 3: None, 4: None}), (None, {1: 3, 2: 3, 3: 3, 4: None})]
)
def test_a_history_is_joined_as_of_a_time_or_as_it_is_now(
    lake, weights, three, orders, monkeypatch, spark, as_of, expected
):
    combination = {"dataset": "weights", "on": {"note": "word"}, "columns": {"weight": "weight"}}
    orders["combine"] = [{**combination, **({} if as_of is None else {"as_of": as_of})}]
    orders["insights"] = [{"name": "weights", "key": ["id"], "statement": "SELECT id, weight FROM orders"}]
    lake.land(
        "orders/a.csv",
        "id,remark,price,paid,day,at\n1,pen,1,,2026-01-31,\n2,pen,1,,2026-02-01,\n"
        "3,pen,1,,2025-12-31,\n4,ink,1,,2026-02-01,\n",
    )
    columns = {"word": "string", "since": "date", "weight": "int"}
    reference = {
        "silver": lake.silver("weights"),
        "version": lake.published["weights"],
        "columns": columns,
        "history": True,
    }
    monkeypatch.setattr("job_lake.column_types", lambda _: columns)
    monkeypatch.setattr("job_lake.keeps_history", lambda _: True)
    lake.bring(orders, 1, ["orders/a.csv"])
    lake.run("insights", orders, 1, ["orders/a.csv"], references={"weights": reference})
    gold = tables.read(spark, f"{lake.root}/gold/orders/weights").collect()
    assert {row["id"]: row["weight"] for row in gold} == expected


class Killed(BaseException):
    """The end of the process."""


def states(spark, lake):
    """All that silver and the reserve hold."""
    found = {}
    for table in ("silver", "reserve"):
        uri = storage.join(lake.root, table, "weights")
        found[table] = sorted(map(str, tables.read(spark, uri).collect())) if tables.exists(uri) else []
    return found


@pytest.mark.parametrize("kind", ["history", "upsert"])
def test_a_kill_at_any_commit_leaves_nothing_that_the_next_attempt_does_not_make_good(
    lake, weights, spark, monkeypatch, kind
):
    weights["identity"]["on_later_version"] = kind
    bring(lake, weights, 1, "weights/a.csv", "pen,2026-01-01,1\ncup,2026-01-01,9\njar,2026-01-02,1\n")
    lake.land("weights/d.csv", HEADER + "mug,2026-02-01,1\n")
    lake.land("weights/b.csv", HEADER + "pen,2026-03-01,3\ncup,2026-02-01,9\nink,2026-02-01,4\njar,2026-01-01,7\n")
    lake.bring(weights, 2, [landed("weights/b.csv", 2), landed("weights/d.csv", 2)])
    # Of what b had brought one row is in reserve, one had beaten a's, which returns; c beats d's.
    lake.land("weights/b.csv", HEADER + "pen,2026-02-01,2\nink,2026-02-01,5\n")
    lake.land("weights/c.csv", HEADER + "ink,2026-03-01,6\nink,2026-03-02,6\nmug,2026-04-01,7\n")
    files = [landed("weights/b.csv", 3), landed("weights/c.csv", 4)]
    lake.run("cleanse", weights, 3, files)
    commits = []
    names = ("append", "delete", "delete_matching")
    real = {name: getattr(tables, name) for name in names}
    with monkeypatch.context() as patch:
        for name in names:
            patch.setattr(tables, name, lambda *a, _name=name, **k: (real[_name](*a, **k), commits.append(_name)))
        lake.run("score", weights, 3, files)
    expected, total = states(spark, lake), len(commits)
    assert total >= 5
    published = storage.read_json(f"{lake.root}/runs/weights-00000002/score-1/result.json")["silver_version"]
    for killed_after in range(total):
        lake.published["weights"] = published
        storage.delete_tree(storage.join(lake.root, "staging", "weights", "weights-00000003"))
        lake.run("cleanse", weights, 3, files)  # It puts both tables back.
        done = []

        def commit(name, done=done, killed_after=killed_after):
            def act(*args, **more):
                if len(done) == killed_after:
                    raise Killed
                real[name](*args, **more)
                done.append(name)

            return act

        with monkeypatch.context() as patch:
            for name in names:
                patch.setattr(tables, name, commit(name))
            with pytest.raises(Killed):
                lake.run("score", weights, 3, files)
        lake.run("score", weights, 3, files)
        assert states(spark, lake) == expected, f"killed after {done}"


def test_what_a_batch_without_publication_keeps_belongs_to_what_is_served(lake, weights, spark):
    weights["identity"]["on_later_version"] = "upsert"
    bring(lake, weights, 1, "weights/a.csv", "pen,2026-01-01,1\n")
    lake.land("weights/b.csv", HEADER + "pen,2026-01-01,1\n")
    files = [landed("weights/b.csv", 2)]
    lake.run("cleanse", weights, 2, files)
    scored = lake.run("score", weights, 2, files, publishes=False)
    assert scored["silver_version"] == lake.published["weights"]
    bring(lake, weights, 3, "weights/c.csv", "cup,2026-01-01,1\n")
    cleansed, _ = lake.bring(weights, 4, [landed("weights/a.csv", 4, deleted=True)])
    assert cleansed["returned"] == 1
    rows = tables.read(spark, lake.silver("weights")).orderBy("word").collect()
    assert [(row["word"], row["_file"]) for row in rows] == [("cup", "weights/c.csv"), ("pen", "weights/b.csv")]


def test_rows_that_a_failed_batch_put_into_reserve_are_gone_after_a_rescoring_too(lake, weights, spark):
    weights["identity"]["on_later_version"] = "upsert"
    bring(lake, weights, 1, "weights/a.csv", "pen,2026-01-03,1\n")
    bring(lake, weights, 2, "weights/b.csv", "pen,2026-01-01,2\n")
    published = dict(lake.published)
    bring(lake, weights, 3, "weights/c.csv", "pen,2026-01-02,3\ncup,2026-01-02,3\n")
    lake.published = published
    scored = lake.run("rescore", weights, 4, [])
    lake.published["weights"] = scored["silver_version"]
    lake.bring(weights, 5, [landed("weights/a.csv", 5, deleted=True)])
    rows = tables.read(spark, lake.silver("weights")).collect()
    assert [(row["word"], row["weight"]) for row in rows] == [("pen", 2)]


@pytest.mark.parametrize("rescored", [False, True])
def test_a_dataset_that_begins_to_keep_history_tells_that_of_all_its_keys(lake, weights, spark, rescored):
    upsert = {**weights, "identity": {**weights["identity"], "on_later_version": "upsert"}}
    bring(lake, upsert, 1, "weights/a.csv", "pen,2026-01-01,1\ncup,2026-01-01,9\n")
    bring(lake, upsert, 2, "weights/b.csv", "pen,2026-03-01,3\n")
    weights["insights"] = [
        {"name": "now", "key": ["word"], "statement": "SELECT word, weight FROM weights WHERE is_current"}
    ]
    if rescored:
        lake.published["weights"] = lake.run("rescore", weights, 3, [])["silver_version"]
        (insight,) = lake.run("insights", weights, 3, [])["insights"]
        assert insight["rows"] == 2
    bring(lake, weights, 4, "weights/c.csv", "ink,2026-04-01,5\n")
    assert timeline(spark, lake, "ink") == [(5, "2026-04-01", "9999-12-31", True)]
    assert timeline(spark, lake, "cup") == [(9, "2026-01-01", "9999-12-31", True)]
    known = [(1, "2026-01-01", "2026-03-01", False), (3, "2026-03-01", "9999-12-31", True)]
    assert timeline(spark, lake) == known, "what had lost is a version now"


def test_until_then_those_that_combine_it_take_its_rows_as_they_are(lake, weights, orders, monkeypatch):
    upsert = {**weights, "identity": {**weights["identity"], "on_later_version": "upsert"}}
    bring(lake, upsert, 1, "weights/a.csv", "pen,2026-02-01,1\n")
    monkeypatch.setitem(job_lake.MADE_UP, "weights", {"word": "string", "since": "date", "weight": "int"})
    monkeypatch.setattr(job_lake, "keeps_history", lambda _: True)
    lake.land("orders/a.csv", "id,remark,price,paid,day,at\n1,pen,1,,2026-01-01,\n")
    combination = {"dataset": "weights", "on": {"note": "word"}, "columns": {"weight": "weight"}}
    orders["insights"] = [{"name": "weights", "key": ["id"], "statement": "SELECT id, weight FROM orders"}]
    for number, as_of in enumerate(({}, {"as_of": "day"}), 1):
        orders["combine"] = [combination | as_of]
        lake.bring(orders, number, ["orders/a.csv"])
        (insight,) = lake.run("insights", orders, number, ["orders/a.csv"])["insights"]
        assert storage.read_bytes(insight["uri"]) == b'{"id":1,"weight":1}\n'


def test_a_history_cannot_become_one_row_a_key(lake, weights, three):
    upsert = {**weights, "identity": {**weights["identity"], "on_later_version": "upsert"}}
    with pytest.raises(JobError, match="weights has kept history so far"):
        bring(lake, upsert, 4, "weights/d.csv", "pen,2026-05-01,4\n")
