import json
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from landfall_jobs import storage, tables
from landfall_jobs.errors import JobError
from landfall_jobs.publishing import to_json_lines

HEADER = "id,remark,price,paid,day,at\n"


@pytest.fixture
def ask(lake, orders):
    """Runs one statement over a few orders and gives the documents."""
    lake.land("orders/a.csv", HEADER + "1,pen,1,,2026-01-02,\n2,ink,2,,2026-01-01,\n3,pen,4,,,\n")

    def ask(statement, key, contract=orders):
        contract["insights"] = [{"name": "answer", "key": key, "statement": statement}]
        lake.bring(contract, 1, ["orders/a.csv"])
        (insight,) = lake.run("insights", contract, 1, ["orders/a.csv"])["insights"]
        return [json.loads(line) for line in storage.read_bytes(insight["uri"]).decode().splitlines()]

    return ask


def test_documents_come_in_order_of_their_key(ask):
    found = ask("SELECT note, SUM(price) AS total FROM orders GROUP BY note", ["note"])
    assert found == [{"note": "ink", "total": 2.0}, {"note": "pen", "total": 5.0}]


@pytest.mark.parametrize(
    ("statement", "key", "message"),
    [
        ("SELECT note FROM orders", ["word"], "Insight answer has no column word, which its key names"),
        ("SELECT note FROM orders", ["note"], r"Insight answer has 2 rows for one key \(note=pen\)"),
        ("SELECT id, day FROM orders", ["day"], "Insight answer: day is null in some rows"),
        ("SELECT nothing FROM orders", ["id"], "Insight answer: the statement fails: .*nothing"),
    ],
)
def test_an_insight_that_cannot_be_served_fails_by_name(ask, statement, key, message):
    with pytest.raises(JobError, match=message):
        ask(statement, key)


def test_an_insight_without_rows_is_served_empty_and_keeps_its_columns(ask, lake, spark):
    assert ask("SELECT id, note, day FROM orders WHERE id > 99", ["id"]) == []
    gold = tables.read(spark, storage.join(lake.root, "gold", "orders", "answer"))
    assert (gold.columns, gold.count()) == (["id", "note", "day"], 0)


def test_columns_of_a_reference_that_has_no_table_yet_are_null(ask, orders):
    orders["combine"] = [{"dataset": "remarks", "on": {"note": "word"}, "columns": {"weight": "weight"}}]
    assert ask("SELECT id, weight FROM orders WHERE id = 1", ["id"], orders) == [{"id": 1, "weight": None}]


def test_values_become_what_apps_expect():
    rows = pa.table(
        {
            "day": [date(2026, 1, 2)],
            "at": pa.array([datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)], pa.timestamp("us", "UTC")),
            "nan": [float("nan")],
            "hours": [[{"hour": 1, "risk": float("inf")}]],
            "text": ["ü\n"],
        }
    )
    assert to_json_lines(rows).decode() == (
        '{"day":"2026-01-02","at":"2026-01-02T03:04:05Z","nan":null,"hours":[{"hour":1,"risk":null}],"text":"ü\\n"}\n'
    )
