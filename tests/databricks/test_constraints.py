"""What columns say of their values, from the contract to the quarantine, the warnings and the failed batch."""

import pytest
from landfall_jobs.errors import JobError

HEADER = "id,month,origin,tailnum,price,day,at\n"


@pytest.fixture
def legs():
    return {
        "dataset": "legs",
        "arrival": {"path": "legs/*.csv", "format": "csv"},
        "columns": [
            {"name": "id", "type": "bigint", "nullable": False},
            {"name": "month", "type": "int", "minimum": 1, "maximum": 12},
            {"name": "origin", "type": "string", "allowed": ["EWR", "JFK", "O'Hare"]},
            {"name": "tailnum", "type": "string", "pattern": "N[0-9]{1,5}|none"},
            {"name": "price", "type": "double", "minimum": 0.5, "allowed": [0.5, 1, 2.25]},
            {"name": "day", "type": "date", "minimum": "2013-01-01", "maximum": "2013-12-31"},
            {"name": "at", "type": "timestamp", "minimum": "2013-01-01T10:00+01:00"},
            {"name": "doubled", "type": "double", "expression": "price * 2", "maximum": 4.4},
        ],
        "rules": [],
        "identity": {"key": ["id"], "on_later_version": "upsert"},
    }


def test_values_within_their_limits_and_no_values_are_good(lake, legs):
    lake.land("legs/a.csv", HEADER + "1,1,EWR,N1,0.5,2013-01-01,2013-01-01T09:00:00Z\n2,12,O'Hare,none,1,,\n3,,,,,,\n")
    result = lake.run("cleanse", legs, 1, ["legs/a.csv"])
    assert (result["totals"]["loaded"], result["warnings"], result["violations"]) == (3, [], [])


def test_a_value_that_breaks_a_constraint_is_quarantined_with_what_it_is_and_what_it_should_be(lake, legs):
    lines = [
        ("1,13,EWR,N1,1,,", "maximum", "month: 13 is greater than 12"),
        ("2,0,EWR,N1,1,,", "minimum", "month: 0 is less than 1"),
        ("3,1,LGA,N1,1,,", "allowed", "origin: 'LGA' is none of EWR, JFK, O'Hare"),
        ("4,1,EWR,N1x,1,,", "pattern", "tailnum: 'N1x' does not match N[0-9]{1,5}|none"),
        ("5,1,EWR,N1,1.5,,", "allowed", "price: 1.5 is none of 0.5, 1, 2.25"),
        ("6,1,EWR,N1,1,2014-01-01,", "maximum", "day: 2014-01-01 is later than 2013-12-31"),
        ("7,1,EWR,N1,1,,2013-01-01T08:59:59Z", "minimum", "at: 2013-01-01T08:59:59Z is earlier than 2013-01-01T10:00"),
        ("8,1,EWR,N1,2.25,,", "maximum", "doubled: the value is greater than 4.4"),
    ]
    lake.land("legs/a.csv", HEADER + "".join(line + "\n" for line, _, _ in lines) + "9,x,LGA,,,,\n")
    rejects = lake.rejects(lake.run("cleanse", legs, 1, ["legs/a.csv"]))
    told = [(r["raw"], r["rule"], r["message"]) for r in rejects]
    assert [(raw, rule) for raw, rule, _ in told[:8]] == [(raw, rule) for raw, rule, _ in lines]
    assert all(message.startswith(wanted) for (_, _, message), (_, _, wanted) in zip(told, lines, strict=False))
    assert rejects[8]["rules"] == ["type", "allowed"]


def test_a_constraint_may_warn_or_fail(lake, legs):
    legs["columns"][1]["outcome"] = "warn"
    lake.land("legs/a.csv", HEADER + "1,13,EWR,,,,\n2,0,EWR,,,,\n3,14,EWR,,,,\n")
    result = lake.run("cleanse", legs, 1, ["legs/a.csv"])
    assert result["totals"]["loaded"] == 3
    assert result["warnings"] == [
        {"rule": "maximum", "column": "month", "rows": 2},
        {"rule": "minimum", "column": "month", "rows": 1},
    ]
    legs["columns"][1]["outcome"] = "fail"
    with pytest.raises(JobError, match=r"no row may break: maximum of month \(2 rows\), minimum of month \(1 rows\)"):
        lake.run("cleanse", legs, 2, ["legs/a.csv"])


def test_a_rule_that_more_rows_break_than_it_allows_is_told_with_count_and_share(lake, legs):
    legs["columns"][1] |= {"max_share": 0.25}
    legs["rules"] = [
        {
            "name": "has-origin",
            "expression": "origin IS NOT NULL",
            "outcome": "warn",
            "max_share": 0.5,
            "description": "It has one",
        }
    ]
    lake.land("legs/a.csv", HEADER + "1,13,EWR,,,,\n2,1,,,,,\n3,1,,,,,\n4,1,EWR,,,,\n")
    assert lake.run("cleanse", legs, 1, ["legs/a.csv"])["violations"] == []
    lake.land("legs/b.csv", HEADER + "1,13,EWR,,,,\n2,0,EWR,,,,\n3,14,EWR,,,,\n4,1,,,,,\n5,1,,,,,\n6,1,,,,,\n")
    assert lake.run("cleanse", legs, 2, ["legs/b.csv"])["violations"] == [
        "maximum of month: 2 of 6 rows break it, a share of 0.333; the contract allows 0.25 (max_share)"
    ]
