from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from landfall_jobs.formats.format import Place, Source, UnreadableFile
from landfall_jobs.formats.json_rows import parse_path
from landfall_jobs.formats.parquet_format import ParquetFormat


def made(*columns):
    return ParquetFormat(columns, tuple(parse_path(source) for _, source in columns))


@pytest.fixture
def write(tmp_path):
    def write(columns):
        parquet.write_table(pa.table(columns), tmp_path / "file.parquet")
        return Source(str(tmp_path / "file.parquet"), "file.parquet")

    return write


def rows(format, source):
    return [row for table in format.read(source) for row in table.to_pylist()]


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (pa.array([7], pa.int64()), "7"),
        (pa.array([1.5]), "1.5"),
        (pa.array([True]), "true"),
        (pa.array(["x"]).dictionary_encode(), "x"),
        (pa.array([date(2026, 1, 31)]), "2026-01-31"),
        (pa.array([datetime(2026, 1, 31, 10)], pa.timestamp("ns")), "2026-01-31 10:00:00.000000"),
        (
            pa.array([datetime(2026, 1, 31, 10, tzinfo=UTC)], pa.timestamp("ms", "America/New_York")),
            "2026-01-31 10:00:00.000000Z",
        ),
        (pa.array([Decimal("1.50")]), "1.50"),
        (pa.array([[1, 2]]), "[1, 2]"),
        (pa.array([b"a\xff"]), "a\\xff"),
        (pa.array([None], pa.int32()), None),
    ],
)
def test_a_value_of_any_type_comes_out_as_text(write, array, text):
    (row,) = rows(made(("value", "value")), write({"value": array}))
    assert (row["value"], row["_line"]) == (text, 1)


def test_columns_are_found_in_any_case_and_through_structs_and_others_are_kept_as_json(write):
    source = write({"ID": [1, 2], "user": [{"name": "Ann"}, None], "more": ["x", None]})
    found = rows(made(("id", "id"), ("name", "user.name"), ("none", "user.age")), source)
    assert [(r["_line"], r["id"], r["name"], r["none"], r["_extra"]) for r in found] == [
        (1, "1", "Ann", None, '{"more": "x"}'),
        (2, "2", None, None, None),
    ]


def test_what_structs_have_beside_their_columns_is_kept_as_json_too(write):
    users = [{"name": "Ann", "age": 3, "home": {"town": "Ulm", "zip": "1"}}, {"name": "Bo"}, None]
    source = write({"user": users, "id": [1, 2, 3]})
    found = rows(made(("id", "id"), ("name", "user.name"), ("town", "user.home.town")), source)
    assert [r["_extra"] for r in found] == ['{"user": {"age": "3", "home": {"zip": "1"}}}', None, None]
    assert [r["_extra"] for r in rows(made(("id", "id"), ("user", "user")), source)] == [None] * 3


def test_a_file_without_a_column_or_that_was_cut_off_is_refused(write):
    source = write({"a": [1]})
    with pytest.raises(UnreadableFile, match=r"file\.parquet lacks the columns b, c\.d; it has a\."):
        rows(made(("a", "a"), ("b", "b"), ("c", "c.d")), source)
    with open(source.uri, "rb+") as file:
        file.truncate(60)
    with pytest.raises(UnreadableFile, match=r"file\.parquet is no Parquet file, or a damaged one"):
        rows(made(("a", "a")), source)


def test_what_stands_at_places_is_given_as_json(write):
    source = write({"a": list(range(200_000)), "b": ["x"] * 200_000})
    first, second = made(("a", "a")).excerpts(source, [Place(1), Place(150_000)])
    assert first[:3] == ('{"a": 0, "b": "x"}', {"a": "0"}, None)
    assert second.values == {"a": "149999"}
