"""Rules that a row keeps or breaks by what other rows are: uniqueness, and existence in another dataset."""

import pytest
from job_lake import MADE_UP
from landfall_jobs import tables


@pytest.fixture
def people(monkeypatch):
    monkeypatch.setitem(MADE_UP, "towns", {"code": "string", "land": "string"})
    return {
        "dataset": "people",
        "arrival": {"path": "people/*.csv", "format": "csv"},
        "columns": [
            {"name": "id", "type": "int", "nullable": False},
            {"name": "mail", "type": "string"},
            {"name": "town", "type": "string"},
            {"name": "land", "type": "string"},
        ],
        "rules": [],
        "identity": {"key": ["id"], "on_later_version": "upsert"},
    }


TOWNS = {
    "dataset": "towns",
    "arrival": {"path": "towns/*.csv", "format": "csv"},
    "columns": [
        {"name": "code", "type": "string", "nullable": False},
        {"name": "land", "type": "string", "nullable": False},
    ],
    "rules": [],
    "identity": {"key": ["code", "land"], "on_later_version": "upsert"},
}
HEADER = "id,mail,town,land\n"


def unique(outcome="quarantine", **more):
    return {
        "name": "one-mail",
        "unique": ["mail"],
        "outcome": outcome,
        "description": "A mail is of one person",
        **more,
    }


def exists(outcome="quarantine"):
    on = {"town": "code", "land": "land"}
    rule = {"name": "town-known", "exists_in": {"dataset": "towns", "on": on}, "outcome": outcome}
    return {**rule, "description": "A town is one of the towns"}


def lines_of(rejects):
    return [(reject["file"][-5:-4], reject["line"], reject["rule"]) for reject in rejects]


def test_of_rows_with_the_same_values_the_first_to_land_stays(lake, people):
    people["rules"] = [unique()]
    lake.land("people/a.csv", HEADER + "1,x,,\n2,x,,\n3,,,\n4,,,\n5,y,,\n")
    lake.land("people/b.csv", HEADER + "6,y,,\n7,z,,\n8,x,,\n")
    result = lake.run("cleanse", people, 1, ["people/b.csv", "people/a.csv"])
    rejects = lake.rejects(result)
    assert lines_of(rejects) == [("a", 3, "one-mail"), ("b", 2, "one-mail"), ("b", 4, "one-mail")]
    assert rejects[0]["message"] == "A mail is of one person, but here mail = 'x'"
    assert (result["totals"]["loaded"], result["totals"]["quarantined"]) == (5, 3)


def test_rows_that_are_published_stay_unless_their_own_key_comes_again(lake, people):
    people["rules"] = [unique()]
    lake.land("people/a.csv", HEADER + "1,x,,\n2,y,,\n3,z,,\n")
    lake.bring(people, 1, ["people/a.csv"])
    # 1 and 2 exchange theirs, 4 takes that of 3, 5 loses to 6 of the same key and does not stand in the way of 7.
    lake.land("people/b.csv", HEADER + "1,y,,\n2,x,,\n4,z,,\n5,w,,\n5,v,,\n7,w,,\n")
    result, _ = lake.bring(people, 2, ["people/b.csv"])
    assert lines_of(lake.rejects(result)) == [("b", 4, "one-mail")]
    assert (result["totals"]["loaded"], result["totals"]["superseded"]) == (4, 1)


def test_a_file_that_lands_again_is_not_compared_with_itself_and_rows_without_a_key_can_be_unique_too(lake, people):
    people["rules"] = [unique("warn")]
    people["identity"] = {"on_later_version": "append"}
    lake.land("people/a.csv", HEADER + "1,x,,\n2,y,,\n")
    lake.bring(people, 1, ["people/a.csv"])
    again, _ = lake.bring(people, 2, ["people/a.csv"])
    assert (again["warnings"], again["totals"]["loaded"]) == ([], 2)
    lake.land("people/b.csv", HEADER + "1,x,,\n")
    result, _ = lake.bring(people, 3, ["people/b.csv"])
    assert result["warnings"] == [{"rule": "one-mail", "rows": 1}]
    assert result["totals"]["loaded"] == 1


def test_of_a_dataset_with_history_the_current_rows_count_and_a_refused_one_is_no_version(lake, spark, people):
    people["rules"] = [unique()]
    people["columns"].append({"name": "since", "type": "date"})
    people["identity"] = {"key": ["id"], "event_time": "since", "on_later_version": "history"}
    head = "id,mail,town,land,since\n"
    lake.land("people/a.csv", head + "1,x,,,2025-01-01\n1,y,,,2025-02-01\n1,y,A,,2025-03-01\n2,y,,,2025-01-01\n")
    first, _ = lake.bring(people, 1, ["people/a.csv"])
    assert lines_of(lake.rejects(first)) == [("a", 5, "one-mail")]
    lake.land("people/b.csv", head + "3,x,,,2025-04-01\n4,y,,,2025-04-01\n")
    second, _ = lake.bring(people, 2, ["people/b.csv"])
    assert lines_of(lake.rejects(second)) == [("b", 3, "one-mail")]
    rows = tables.read(spark, lake.silver("people")).where("is_current").select("id", "mail").collect()
    assert sorted(map(tuple, rows)) == [(1, "y"), (3, "x")]


def test_a_limit_of_the_share_holds_for_repeated_values_too(lake, people):
    people["rules"] = [unique(max_share=0.4)]
    lake.land("people/a.csv", HEADER + "1,x,,\n2,x,,\n")
    result = lake.run("cleanse", people, 1, ["people/a.csv"])
    assert result["violations"] == [
        "one-mail: 1 of 2 rows break it, a share of 0.500; the contract allows 0.4 (max_share)"
    ]


def test_values_must_exist_in_the_published_rows_of_another_dataset(lake, people):
    people["rules"] = [exists()]
    lake.land("towns/a.csv", "code,land\nA,1\nB,1\nA,2\n")
    lake.bring(TOWNS, 1, ["towns/a.csv"])
    lake.land("people/a.csv", HEADER + "1,,A,1\n2,,B,2\n3,,,2\n4,,C,\n5,,A,2\n")
    result = lake.run("cleanse", people, 1, ["people/a.csv"])
    (reject,) = lake.rejects(result)
    assert reject["message"] == "A town is one of the towns, but here town = 'B', land = '2'"
    assert (result["totals"]["loaded"], result["warnings"]) == (4, [])
    people["rules"] = [exists("warn")]
    result = lake.run("cleanse", people, 2, ["people/a.csv"])
    assert (result["totals"]["loaded"], result["warnings"]) == (5, [{"rule": "town-known", "rows": 1}])


def test_while_nothing_of_the_other_dataset_is_published_no_row_is_refused_and_that_is_told(lake, people):
    people["rules"] = [exists("fail")]
    lake.land("people/a.csv", HEADER + "1,,A,1\n")
    result = lake.run("cleanse", people, 1, ["people/a.csv"])
    assert result["totals"]["loaded"] == 1
    assert result["warnings"] == [
        {
            "rule": "reference-missing",
            "message": "towns has no published rows yet: nothing is looked for in it",
        }
    ]
