import os
import zipfile
from datetime import date, datetime, time

import pytest
from landfall_jobs.formats import excel_format
from landfall_jobs.formats.excel_format import ExcelFormat
from landfall_jobs.formats.format import Place, Source, UnreadableFile
from openpyxl import Workbook


def made(columns, sheet=None, header_row=None):
    return ExcelFormat(tuple((name, name) for name in columns), tuple(columns.values()), sheet, header_row)


@pytest.fixture
def write(tmp_path):
    def write(*sheets):
        book = Workbook()
        book.remove(book.active)
        for i, rows in enumerate(sheets, 1):
            sheet = book.create_sheet(f"Sheet {i}")
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "file.xlsx")
        return Source(str(tmp_path / "file.xlsx"), "file.xlsx")

    return write


@pytest.fixture
def rewrite(write):
    """A workbook with the text of its first sheet changed."""

    def rewrite(change, rows=(["id"], [1])):
        source = write(rows)
        with zipfile.ZipFile(source.uri) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts["xl/worksheets/sheet1.xml"] = change(parts["xl/worksheets/sheet1.xml"])
        with zipfile.ZipFile(source.uri, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        return source

    return rewrite


def rows(format, source):
    return [row for table in format.read(source) for row in table.to_pylist()]


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        (7, "int", "7"),
        (7.0, "int", "7"),
        (0.1, "double", "0.1"),
        (1e300, "double", "1e+300"),
        (True, "boolean", "true"),
        (date(2026, 1, 31), "date", "2026-01-31"),
        (date(2026, 1, 31), "timestamp", "2026-01-31T00:00:00"),
        (datetime(2026, 1, 31, 10, 15, 1), "timestamp", "2026-01-31T10:15:01"),
        (datetime(2026, 1, 31, 10, 15, 1), "date", "2026-01-31T10:15:01"),
        (time(10, 15), "string", "10:15:00"),
        ("Grüße\nan alle", "string", "Grüße\nan alle"),
        ("#N/A", "string", "#N/A"),
        (None, "string", None),
    ],
)
def test_a_cell_comes_out_as_the_text_that_its_column_expects(write, cell, kind, text):
    (row,) = rows(made({"value": kind, "id": "int"}), write([["id", "value"], [1, cell]]))
    assert row["value"] == text


def test_columns_are_found_in_any_order_and_case_and_others_are_kept(write):
    source = write([["More", "ID", None], ["x", 1], ["y", 2, "z"]])
    found = rows(made({"id": "int"}), source)
    assert [(row["_line"], row["id"], row["_extra"]) for row in found] == [
        (2, "1", '{"More": "x"}'),
        (3, None, None),
    ]
    assert found[1]["_problem"] == "fields"


def test_empty_rows_are_no_records_and_lines_are_those_of_the_sheet(write):
    source = write([["Title of all"], [], ["id"], [1], [None], [""], [2]])
    found = rows(made({"id": "int"}, header_row=3), source)
    assert [(row["_line"], row["id"]) for row in found] == [(4, "1"), (7, "2")]


def test_a_sheet_is_found_by_its_name_and_is_the_first_without_one(write):
    source = write([["id"], [1]], [["id"], [2]])
    assert [rows(made({"id": "int"}, sheet), source)[0]["id"] for sheet in (None, "Sheet 2")] == ["1", "2"]
    with pytest.raises(UnreadableFile, match=r"has no sheet Plan; its sheets are Sheet 1, Sheet 2\."):
        rows(made({"id": "int"}, "Plan"), source)


def test_what_stands_at_places_is_given_with_its_values_or_the_reason(write):
    source = write([["id", "day"], *([i, date(2026, 1, 1)] for i in range(25_000)), [1, None, None, "beyond"]])
    first, last = made({"id": "int", "day": "date"}).excerpts(source, [Place(2), Place(25_002, problem="fields")])
    assert first[:3] == ('["0", "2026-01-01"]', {"id": "0", "day": "2026-01-01"}, None)
    assert made({"id": "int"}).compose([first, last]) == (
        b'{"id": "0", "day": "2026-01-01"}\n{"id": "1", "day": null, "D": "beyond"}\n'
    )
    assert (last.raw, last.message) == ('["1", null, null, "beyond"]', "the row has 4 cells, the header 2")


def test_a_file_without_a_header_or_a_column_or_that_is_no_workbook_is_refused(write, tmp_path):
    with pytest.raises(UnreadableFile, match=r"lacks the column b; its header is: id\."):
        rows(made({"id": "int", "b": "int"}), write([["id"]]))
    with pytest.raises(UnreadableFile, match=r"The sheet in file\.xlsx is empty"):
        rows(made({"id": "int"}), write([]))
    with pytest.raises(UnreadableFile, match=r"Row 9 of the sheet in file\.xlsx is empty"):
        rows(made({"id": "int"}, header_row=9), write([["id"], [1]]))
    source = write([["id"], [1]])
    content = (tmp_path / "file.xlsx").read_bytes()
    for damaged in (content[:-100], b"id\n1\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        (tmp_path / "file.xlsx").write_bytes(damaged)
        with pytest.raises(UnreadableFile, match="is no Excel workbook"):
            rows(made({"id": "int"}), source)


def test_a_sheet_that_lies_about_its_extent_is_read_whole(rewrite):
    source = rewrite(lambda xml: xml.replace(b'ref="A1:A2"', b'ref="A1"'))
    assert [row["id"] for row in rows(made({"id": "int"}), source)] == ["1"]


def test_xml_that_breaks_off_gives_none_of_its_file(rewrite):
    source = rewrite(lambda xml: xml[: len(xml) - 30])
    with pytest.raises(UnreadableFile, match="or a damaged one"):
        rows(made({"id": "int"}), source)


@pytest.mark.parametrize("row", [b"1048577", b"99999999999"])
def test_a_row_that_no_sheet_has_does_not_keep_the_job_busy(rewrite, row):
    source = rewrite(lambda xml: xml.replace(b'<row r="2"', b'<row r="%s"' % row))
    with pytest.raises(UnreadableFile, match="has more than 1,048,576 rows"):
        rows(made({"id": "int"}), source)


def test_rows_that_are_wide_come_in_smaller_batches(write, monkeypatch):
    source = write([["id", *(f"c{i}" for i in range(99))], *([i, *[None] * 98, "x"] for i in range(50))])
    monkeypatch.setattr(excel_format, "BATCH_CELLS", 1000)
    assert [table.num_rows for table in made({"id": "int"}).read(source)] == [10] * 5


def test_a_workbook_that_gives_many_times_its_size_is_not_read(rewrite, monkeypatch):
    source = rewrite(lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + b" " * (4 << 20)))
    monkeypatch.setattr(excel_format, "HARMLESS_BYTES", 1 << 20)
    with pytest.raises(UnreadableFile, match="gives more than 200 times its size"):
        rows(made({"id": "int"}), source)


def test_parts_that_are_held_in_memory_are_bounded(write):
    source = write([["id"], [1]])
    with zipfile.ZipFile(source.uri, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/x.xml", "w") as part:
        for _ in range(129):
            part.write(os.urandom(1 << 14) + b" " * (1 << 20))  # No bomb: a part of it cannot be packed.
    with pytest.raises(UnreadableFile, match=r"has a part xl/x\.xml of more than 128 MiB"):
        rows(made({"id": "int"}), source)
