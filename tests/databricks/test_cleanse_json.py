"""JSON Lines through the whole job: what is accounted for, quarantined and loaded."""

import json

import pytest
from landfall_jobs import tables


@pytest.fixture
def visits():
    column = lambda name, kind, **more: {"name": name, "type": kind, **more}  # noqa: E731
    return {
        "dataset": "visits",
        "arrival": {"path": "visits/*.jsonl", "format": "jsonl", "json": {"explode": ["events"]}},
        "columns": [
            column("visit", "string", nullable=False, source="session.id"),
            column("at", "timestamp", nullable=False, source="events.at"),
            column("kind", "string", length=5, source="events.kind"),
            column("amount", "double", source="events.amount"),
        ],
        "rules": [
            {
                "name": "amount-positive",
                "expression": "amount IS NULL OR amount > 0",
                "outcome": "quarantine",
                "description": "An amount is above zero",
            }
        ],
        "identity": {"key": ["visit", "at"], "on_later_version": "upsert"},
    }


def event(minute, **more):
    return {"at": f"2026-01-01T10:{minute:02}:00Z", **more}


def test_rows_of_exploded_records_are_typed_judged_and_accounted_for(lake, visits, spark):
    lines = [
        json.dumps(
            {"session": {"id": "v1"}, "events": [event(1, kind="open"), event(2, amount=-5), event(1, kind="open")]}
        ),
        json.dumps({"session": {"id": "v2"}, "events": [event(1, amount="many"), event(3, kind="much too long")]}),
        json.dumps({"session": {"id": "v3"}, "events": []}),
        "broken",
        json.dumps({"session": {"id": "v1"}, "events": [event(1, kind="close")]}),
    ]
    lake.land("visits/a.jsonl", "\n".join(lines) + "\n")
    result, _ = lake.bring(visits, 1, ["visits/a.jsonl"])
    (book,) = result["files"]
    assert {name: book[name] for name in ("read", "loaded", "quarantined", "duplicates", "superseded")} == {
        "read": 8,
        "loaded": 1,
        "quarantined": 5,
        "duplicates": 0,
        "superseded": 2,
    }
    rejects = [(r["line"], r["item"], r["rule"], r["message"]) for r in lake.rejects(result)]
    assert rejects == [
        (1, 2, "amount-positive", "An amount is above zero, but here amount = '-5'"),
        (2, 1, "type", "amount: 'many' is not a number"),
        (2, 2, "length", "kind: 'much too long' is longer than 5 characters"),
        (3, 1, "not-null", "at: a value is required"),
        (4, 1, "json", "the line is not JSON: Expecting value: line 1 column 1 (char 0)"),
    ]
    assert [r["raw"] for r in lake.rejects(result)] == [lines[0], lines[1], lines[1], lines[2], "broken"]
    (row,) = spark.read.parquet(result["staged"]).collect()
    assert (row["visit"], row["kind"], row["_line"]) == ("v1", "close", 5)


def test_records_without_any_value_are_accounted_for_too(lake, visits):
    lake.land("visits/a.jsonl", '{"events": [{}]}\n' * 3)
    result = lake.run("cleanse", visits, 1, ["visits/a.jsonl"])
    assert result["totals"] == {"read": 3, "loaded": 0, "quarantined": 3, "duplicates": 0, "superseded": 0}


def test_every_row_tells_its_origin_by_itself_also_when_it_was_published_anew(lake, visits, spark):
    lines = [{"session": {"id": f"v{i}"}, "events": [event(1), event(2)]} for i in range(2)]
    lake.land("visits/a.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    lake.bring(visits, 1, ["visits/a.jsonl"])
    again = lake.run("rescore", visits, 2, [])
    origin = ["_file", "_line", "_item", "_batch"]
    silver = tables.read(spark, lake.silver("visits"))
    expected = [("visits/a.jsonl", line, item, "visits-00000001") for line in (1, 2) for item in (1, 2)]
    assert sorted(tuple(row) for row in silver.select(*origin).collect()) == expected
    bronze = tables.read(spark, lake.silver("visits").replace("/silver/", "/bronze/"))
    assert silver.join(bronze.select(*origin, "visit", "at"), on=[*origin, "visit"], how="inner").count() == 4
    assert {"_item", "_published_by"} <= {column["name"] for column in again["columns"]}
    assert silver.select("_published_by").distinct().collect() == [("visits-00000002",)]
