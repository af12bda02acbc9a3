"""Refused rows of files that nobody corrects row by row: given out as JSON Lines, put right, and landed again."""

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import fastavro
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from landfall_jobs import storage, tables
from landfall_jobs.formats.corrected_rows import landed_format
from openpyxl import Workbook

SHARED = json.loads((Path(__file__).parents[1] / "contracts" / "landed-formats.json").read_text())
NAMES = ("id", "at", "day", "price", "share", "bytes", "name", "tags")
AT, DAY = datetime(2026, 1, 31, 10, 0, 0, 7000, tzinfo=UTC), date(2026, 2, 1)
GOOD = ("1", AT, DAY, Decimal("1.50"), 0.1, b"a\xff", {"first": "Ann"}, [AT])
BAD = ("x", AT, DAY, Decimal("2.50"), 0.2, b"b\xff", {"first": "Bo"}, [AT])


@pytest.mark.parametrize("case", SHARED, ids=lambda case: case["path"])
def test_a_file_is_written_as_its_contract_says_or_as_rows_that_were_given_out(case):
    assert landed_format(case["format"], case["path"]) == case["written"]


def as_parquet(*rows):
    kinds = [pa.string(), pa.timestamp("ms", "UTC"), pa.date32(), pa.decimal128(9, 2), pa.float32(), pa.binary()]
    kinds += [pa.struct([("first", pa.string())]), pa.list_(pa.timestamp("ms", "UTC"))]
    schema = pa.schema(list(zip(SPELLED, kinds, strict=True)))
    sink = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist([dict(zip(SPELLED, row, strict=True)) for row in rows], schema), sink)
    return sink.getvalue()


def as_avro(*rows):
    time = {"type": "long", "logicalType": "timestamp-millis"}
    decimal = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
    name = {"type": "record", "name": "Name", "fields": [{"name": "first", "type": "string"}]}
    kinds = ["string", time, {"type": "int", "logicalType": "date"}, decimal, "float", "bytes", name]
    kinds += [{"type": "array", "items": time}]
    fields = [{"name": name, "type": kind} for name, kind in zip(SPELLED, kinds, strict=True)]
    sink = io.BytesIO()
    records = [dict(zip(SPELLED, row, strict=True)) for row in rows]
    fastavro.writer(sink, {"type": "record", "name": "Trip", "fields": fields}, records)
    return sink.getvalue()


def as_workbook(*rows):
    book, sink = Workbook(), io.BytesIO()
    book.active.append(SPELLED)
    for ident, at, day, price, share, data, name, tags in rows:
        texts = (repr(data), name["first"], json.dumps([tag.isoformat() for tag in tags]))
        book.active.append([ident, at.replace(tzinfo=None), datetime(*day.timetuple()[:3]), price, share, *texts])
    book.save(sink)
    return sink.getvalue()


SPELLED = tuple(name.title() for name in NAMES)
WRITERS = {"parquet": as_parquet, "avro": as_avro, "excel": as_workbook}


def trips(kind):
    types = ("int", "timestamp", "date", "double", "double", "string", "string", "string")
    columns = [{"name": name, "type": type} for name, type in zip(NAMES, types, strict=True)]
    columns[0]["nullable"] = False
    if kind != "excel":
        columns[6]["source"] = "name.first"
    return {
        "dataset": "trips",
        "arrival": {"path": "trips/*", "format": kind},
        "columns": columns,
        "rules": [{"name": "dear", "expression": "price < 9", "outcome": "quarantine", "description": "Not dear"}],
        "identity": {"key": ["id"], "on_later_version": "upsert"},
    }


@pytest.mark.parametrize("kind", WRITERS)
def test_rows_that_were_put_right_are_what_they_would_have_been_at_first(lake, spark, kind):
    write, contract = WRITERS[kind], trips(kind)

    def silver(dataset):
        return sorted(tuple(row) for row in tables.read(spark, lake.silver(dataset)).select(*NAMES).collect())

    def given_out(number, path):
        folder = storage.join(lake.quarantine, "_originals", "trips", f"trips-{number:08}")
        return storage.read_bytes(storage.join(folder, path))

    lake.land("trips/right", write(GOOD, ("2", *BAD[1:])))
    lake.bring({**contract, "dataset": "right"}, 1, ["trips/right"])

    lake.land("trips/a", write(GOOD, BAD))
    cleansed, _ = lake.bring(contract, 2, ["trips/a"])
    assert (cleansed["totals"]["loaded"], cleansed["totals"]["quarantined"]) == (1, 1)
    refused = given_out(2, "trips/a")
    assert refused.count(b"\n") == 1
    lake.land("trips/a.quarantined.jsonl", refused.replace(b'"x"', b"2"))
    cleansed, _ = lake.bring(contract, 3, ["trips/a.quarantined.jsonl"])
    assert (cleansed["totals"]["read"], cleansed["totals"]["loaded"]) == (1, 1)
    assert silver("trips") == silver("right")

    # What is not right yet is given out again, as it was landed.
    lake.land("trips/a.quarantined.jsonl", refused)
    cleansed, _ = lake.bring(contract, 4, ["trips/a.quarantined.jsonl"])
    assert cleansed["totals"]["quarantined"] == 1
    assert given_out(4, "trips/a.quarantined.jsonl") == refused
