"""Rules that judge a batch as a whole, alone or beside the published batches before it."""

import random

import pytest
from landfall_jobs.transforms.stability import stability_index


@pytest.fixture
def sales():
    return {
        "dataset": "sales",
        "arrival": {"path": "sales/*.csv", "format": "csv"},
        "columns": [
            {"name": "id", "type": "int", "nullable": False},
            {"name": "price", "type": "double"},
            {"name": "shop", "type": "string"},
            {"name": "at", "type": "timestamp"},
        ],
        "rules": [],
        "identity": {"event_time": "at", "on_later_version": "append"},
    }


def rule(name, outcome="warn", **kind):
    return {"name": name, "outcome": outcome, "description": "As ever", **kind}


def told(result):
    return [(warning["rule"], warning["message"]) for warning in result["warnings"]]


def rows(count, price=lambda i: i % 100, shop=lambda i: "ABC"[i % 3], at="2025-12-31T23:00:00Z"):
    lines = (f"{i},{price(i)},{shop(i)},{at}\n" for i in range(count))
    return "id,price,shop,at\n" + "".join(lines)


def test_events_are_neither_older_nor_later_than_the_contract_allows(lake, sales):
    sales["rules"] = [rule("fresh", freshness={"max_age_hours": 48, "max_ahead_hours": 0.5})]
    for number, (at, message) in enumerate(
        [
            ("2025-12-30T01:00:00Z", None),
            ("2026-01-01T00:20:00Z", None),
            (
                "2025-12-29T12:00:00Z",
                "the newest event is of 2025-12-29T12:00:00Z, 60.0 hours before the newest file landed",
            ),
            (
                "2026-01-01T01:00:00Z",
                "the newest event is of 2026-01-01T01:00:00Z, 1.0 hours after the newest file landed",
            ),
        ]
    ):
        lake.land("sales/a.csv", rows(2, at=at))
        found = told(lake.run("cleanse", sales, number + 1, ["sales/a.csv"]))
        assert [text.startswith(message or "-") for _, text in found] == ([True] if message else [])


def test_a_day_is_as_new_as_its_end(lake, sales):
    sales["columns"][3]["type"] = "date"
    sales["rules"] = [rule("fresh", freshness={"max_age_hours": 24})]
    lake.land("sales/a.csv", rows(2, at="2025-12-30"))
    assert told(lake.run("cleanse", sales, 1, ["sales/a.csv"])) == []
    lake.land("sales/a.csv", rows(2, at="2025-12-29"))
    assert len(told(lake.run("cleanse", sales, 2, ["sales/a.csv"]))) == 1


def test_each_file_has_as_many_rows_as_the_contract_asks_for_and_about_as_many_as_those_before(lake, sales):
    sales["rules"] = [
        rule("as-many", row_count={"minimum": 5, "maximum": 40}),
        rule("as-ever", "fail", row_count={"max_change": 0.5}),
    ]
    lake.land("sales/a.csv", rows(10))
    lake.land("sales/b.csv", rows(3))
    first = lake.run("cleanse", sales, 1, ["sales/a.csv", "sales/b.csv"])
    assert told(first) == [("as-many", "sales/b.csv has 3 rows; the contract asks for 5 at least")]
    lake.land("sales/c.csv", rows(12))
    lake.run("cleanse", sales, 2, ["sales/c.csv"])
    lake.land("sales/d.csv", rows(16))
    history = ["sales-00000002", "sales-00000001"]
    result = lake.run("cleanse", sales, 3, ["sales/d.csv"], history=history)
    assert result["violations"] == [
        "as-ever: sales/d.csv has 16 rows; the median of 3 files before is 10, "
        "and the contract allows 50% more or less (max_change)"
    ]
    assert lake.run("cleanse", sales, 4, ["sales/d.csv"])["violations"] == []


def test_a_column_whose_values_are_distributed_otherwise_than_before_is_told_with_where(lake, sales):
    sales["rules"] = [rule("prices", distribution={"column": "price"}), rule("shops", distribution={"column": "shop"})]
    dice = random.Random(7)
    lake.land("sales/a.csv", rows(1000, price=lambda i: "" if i % 10 == 0 else dice.randrange(100)))
    first = lake.run("cleanse", sales, 1, ["sales/a.csv"])
    assert told(first) == []
    assert sum(first["profiles"]["price"]["counts"]) == 1000
    assert first["profiles"]["shop"]["values"] == ["A", "B", "C"]
    history = ["sales-00000001"]
    lake.land("sales/b.csv", rows(1000, price=lambda i: "" if i % 10 == 0 else dice.randrange(100)))
    same = lake.run("cleanse", sales, 2, ["sales/b.csv"], history=history)
    assert (told(same), same["profiles"]["price"]["edges"]) == ([], first["profiles"]["price"]["edges"])
    lake.land(
        "sales/c.csv", rows(1000, price=lambda i: "" if i % 2 else dice.randrange(100), shop=lambda i: "AD"[i % 2])
    )
    other = told(lake.run("cleanse", sales, 3, ["sales/c.csv"], history=["sales-00000002", *history]))
    assert [name for name, _ in other] == ["prices", "shops"]
    assert other[0][1].startswith("price is distributed otherwise than in the 2 batches before")
    assert other[0][1].endswith("most of it is no value, 10.0% of the rows before, 50.0% now")
    assert "most of it is any other value, 0.0% of the rows before, 50.0% now" in other[1][1]


def test_the_index_is_that_of_the_textbook_and_few_rows_tell_nothing():
    index, parts = stability_index([1000, 1000], [300, 700])
    assert index == pytest.approx(0.1 * 0 + (0.3 - 0.5) * -0.5108256 + (0.7 - 0.5) * 0.3364722)
    assert sum(parts) == pytest.approx(index)
    assert stability_index([500, 500], [150, 0])[0] == 0
    assert stability_index([500, 500], [1000, 0])[0] == pytest.approx(4.6046, abs=1e-3)
