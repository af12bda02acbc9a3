import json

import pytest
from landfall_jobs.errors import JobError
from landfall_jobs.readers import csv_reader
from landfall_jobs.readers.csv_reader import CsvFormat, read_file

FORMAT = CsvFormat(",", (("id", "id"), ("note", "Remark"), ("price", "price")))


@pytest.fixture
def read(tmp_path):
    def read(content, format=FORMAT):
        path = tmp_path / "file.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [row for table in read_file(format, str(path), "file.csv") for row in table.to_pylist()]

    return read


def values(rows):
    return [(r["_line"], r["id"], r["note"], r["price"]) for r in rows]


def test_columns_are_found_by_name_in_any_order_case_and_padding(read):
    rows = read(" PRICE ,remark,ID\n9.5,hello,1\n")
    assert values(rows) == [(2, "1", "hello", "9.5")]


def test_a_byte_order_mark_and_windows_line_ends_leave_no_trace(read):
    rows = read(b"\xef\xbb\xbfid,remark,price\r\n1,a,2\r\n3,b,4\r\n")
    assert values(rows) == [(2, "1", "a", "2"), (3, "3", "b", "4")]


def test_the_last_line_needs_no_end(read):
    assert values(read("id,remark,price\n1,a,2\n3,b,4")) == [(2, "1", "a", "2"), (3, "3", "b", "4")]


def test_a_file_with_only_a_header_has_no_rows(read):
    assert read("id,remark,price\n") == []
    assert read("id,remark,price") == []


def test_a_missing_column_is_named_with_the_header_that_was_found(read):
    with pytest.raises(JobError, match=r"file\.csv lacks the columns Remark, price; its header is: id,other"):
        read("id,other\n1,2\n")


def test_an_empty_file_is_refused_for_its_missing_header(read):
    with pytest.raises(JobError, match=r"its header is: \(empty\)"):
        read("")


def test_unknown_columns_are_kept_as_json(read):
    (row,) = read("id,remark,price,colour,size\n1,a,2,red,XL\n")
    assert json.loads(row["_extra"]) == {"colour": "red", "size": "XL"}


def test_too_few_and_too_many_fields_are_reported_with_line_and_text(read):
    rows = read("id,remark,price\n1,a,2\n3,b\n4,c,5,6\n7,d,8\n")
    assert [(r["_line"], r["_problem"], r["_raw"]) for r in rows] == [
        (2, None, None),
        (3, "fields", "3,b"),
        (4, "fields", "4,c,5,6"),
        (5, None, None),
    ]


def test_a_line_that_is_not_utf8_costs_only_itself(read):
    rows = read(b"id,remark,price\n1,a,2\n3,caf\xe9,4\n5,caf\xc3\xa9,6\n")
    assert [(r["_line"], r["_problem"], r["note"]) for r in rows] == [
        (2, None, "a"),
        (3, "encoding", None),
        (4, None, "café"),
    ]
    assert rows[1]["_raw"] == "3,caf\\xe9,4"


def test_a_quoted_field_may_hold_separators_quotes_and_line_ends(read):
    rows = read('id,remark,price\n1,"a, ""b""",2\n3,"two\nlines",4\n5,c,6\n')
    assert values(rows) == [(2, "1", 'a, "b"', "2"), (3, "3", "two\nlines", "4"), (5, "5", "c", "6")]
    assert [r["_lines"] for r in rows] == [1, 2, 1]


def test_a_stray_quote_costs_its_own_line_and_not_the_rest_of_the_file(read):
    rows = read('id,remark,price\n1,"oops,2\n3,b,4\n5,c,6\n')
    assert [(r["_line"], r["_problem"]) for r in rows] == [(2, "fields"), (3, None), (4, None)]


def test_an_open_quote_in_the_last_column_does_not_swallow_what_follows(read):
    rows = read('id,remark,price\n1,a,"2\n3,b,4\n5,c,6\n')
    assert [(r["_line"], r["_problem"]) for r in rows] == [(2, "fields"), (3, None), (4, None)]


def test_blank_lines_are_no_records_yet_count_as_lines(read):
    assert values(read("id,remark,price\n\n1,a,2\n\r\n\n3,b,4\n\n\n")) == [(3, "1", "a", "2"), (6, "3", "b", "4")]


def test_lines_are_exact_across_segments_whatever_is_in_them(read, monkeypatch):
    monkeypatch.setattr(csv_reader, "SEGMENT_BYTES", 256)
    monkeypatch.setattr(csv_reader, "BLOCK_BYTES", 64)
    lines = [f"{i},{'x' * (i % 7)},{i}" for i in range(2, 400)]
    lines[50], lines[120], lines[200] = "52,short", '122,"a\nb",1', "202,tail,1,2"
    rows = read("id,remark,price\n" + "\n".join(lines) + "\n")
    assert len(rows) == 398
    at = {r["_line"]: r for r in rows}
    assert at[52]["_problem"] == "fields"
    assert at[122]["note"] == "a\nb"
    assert (at[203]["_problem"], at[203]["_raw"]) == ("fields", "202,tail,1,2")
    assert all(int(r["id"]) == line - (line > 122) for line, r in at.items() if r["_problem"] is None)


def test_a_single_column_works_and_its_blank_lines_are_left_out(read):
    rows = read("id\n1\n\n2\n", CsvFormat(",", (("id", "id"),)))
    assert [(r["_line"], r["id"]) for r in rows] == [(2, "1"), (4, "2")]
