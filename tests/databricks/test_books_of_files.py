"""Whatever files hold, the books of a batch say what a plain reading of them says."""

import tempfile
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from job_lake import Lake

CONTRACT = {
    "dataset": "parcels",
    "arrival": {"path": "parcels/*.csv", "format": "csv"},
    "columns": [
        {"name": "id", "type": "int", "nullable": False},
        {"name": "name", "type": "string", "length": 5, "nullable": True},
        {"name": "weight", "type": "double", "nullable": True, "maximum": 30},
    ],
    "rules": [
        {
            "name": "has-weight",
            "expression": "weight IS NULL OR weight > 0",
            "outcome": "quarantine",
            "description": "A parcel weighs something",
        }
    ],
    "identity": {"key": ["id"], "on_later_version": "upsert"},
}
HEADER = "id,name,weight"

IDS = {"1": 1, "+1": 1, "2": 2, "3": 3, "": None, "x": None, "2147483648": None, "1.0": None, " 2": None}
NAMES = {"": True, "a": True, "b": True, "ünïcö": True, "sixsix": False, "'; DROP": False}
WEIGHTS = {
    "": None,
    "1.5": 1.5,
    "15e-1": 1.5,
    "30": 30.0,
    "31": False,
    "0": False,
    "-2": False,
    "NaN": False,
    "1,5": False,
}

line = st.one_of(
    st.tuples(st.sampled_from(sorted(IDS)), st.sampled_from(sorted(NAMES)), st.sampled_from(sorted(WEIGHTS))).map(
        ",".join
    ),
    st.tuples(st.sampled_from("123"), st.sampled_from("ab"), st.sampled_from(["1.5", "30"])).map(",".join),
    st.sampled_from(["", "1", "1,a", "1,a,1.5,more", "nonsense", "=1+1,a,1.5"]),
)
files = st.dictionaries(
    st.sampled_from(["parcels/a.csv", "parcels/b 'x'.csv", "parcels/c;.csv"]),
    st.tuples(st.lists(line, max_size=30), st.sampled_from(["\n", "\r\n"]), st.booleans()),
    min_size=1,
)


def read_plainly(text):
    """Give (id, name, weight) of a good line, None of a bad one."""
    fields = text.split(",")
    if len(fields) != 3:
        return None
    key, weight = IDS.get(fields[0]), WEIGHTS.get(fields[2], False)
    good = key is not None and NAMES.get(fields[1], False) and weight is not False
    return (key, fields[1], weight) if good else None


def books_of(landed):
    """Give the books by path: of rows with one key the last by path and line counts."""
    rows = {
        (path, number): read_plainly(text)
        for path, (lines, *_) in landed.items()
        for number, text in enumerate(lines, 2)
        if text
    }
    winners = {row[0]: (place, row) for place, row in sorted(rows.items()) if row is not None}
    books = {path: dict.fromkeys(("read", "loaded", "quarantined", "duplicates", "superseded"), 0) for path in landed}
    for (path, number), row in rows.items():
        books[path]["read"] += 1
        if row is None:
            verdict = "quarantined"
        elif winners[row[0]][0] == (path, number):
            verdict = "loaded"
        else:
            verdict = "duplicates" if winners[row[0]][1] == row else "superseded"
        books[path][verdict] += 1
    return books


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(files)
def test_the_books_of_any_files_are_those_of_a_plain_reading(spark, landed):
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(*(f"{folder}/{uuid4().hex}" for _ in range(3)))
        for path, (lines, end, ends) in landed.items():
            lake.land(path, end.join([HEADER, *lines]) + (end if ends else ""))
        result = lake.run("cleanse", CONTRACT, 1, list(landed))
        books = {
            book["path"]: {name: book[name] for name in books_of(landed)[book["path"]]} for book in result["files"]
        }
        assert books == books_of(landed)
        refused = {(row["file"], row["line"]) for row in lake.rejects(result)}
        assert len(refused) == sum(book["quarantined"] for book in books.values())
        for row in lake.rejects(result):
            assert row["raw"] == landed[row["file"]][0][row["line"] - 2]
