import json

import pytest
from landfall_jobs.formats import lines
from landfall_jobs.formats.csv_format import CsvFormat
from landfall_jobs.formats.format import Place, Source, UnreadableFile
from landfall_jobs.formats.opening import Packing

COLUMNS = (("id", "id"), ("note", "Remark"), ("price", "price"))
FORMAT = CsvFormat(COLUMNS)


@pytest.fixture
def read(tmp_path):
    def read(content, format=FORMAT):
        path = tmp_path / "file.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [row for table in format.read(Source(str(path), "file.csv")) for row in table.to_pylist()]

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
    with pytest.raises(UnreadableFile, match=r"file\.csv lacks the columns Remark, price; its header is: id,other"):
        read("id,other\n1,2\n")


def test_an_empty_file_is_refused_for_its_missing_header(read):
    with pytest.raises(UnreadableFile, match=r"its header is: \(empty\)"):
        read("")


def test_a_column_that_the_header_names_twice_is_refused_unless_it_has_no_name(read):
    with pytest.raises(UnreadableFile, match=r"file\.csv names the column ID twice in its header"):
        read("id,remark,price,ID\n1,a,2,3\n")
    assert values(read("id,remark,price,,\n1,a,2,3,4\n")) == [(2, "1", "a", "2")]


def test_unknown_columns_are_kept_as_json(read):
    (row,) = read("id,remark,price,colour,size\n1,a,2,red,XL\n")
    assert json.loads(row["_extra"]) == {"colour": "red", "size": "XL"}


def test_a_name_in_the_header_may_go_on_over_lines_and_a_stray_quote_there_changes_nothing(read):
    format = CsvFormat((("id", "id"), ("note", "Re\nmark")))
    assert [(r["_line"], r["id"], r["note"]) for r in read('id,"Re\nmark"\n1,a\n2,b\n', format)] == [
        (3, "1", "a"),
        (4, "2", "b"),
    ]
    assert [r["_line"] for r in read('id,remark,price,5"\n1,a,2,3\n')] == [2]


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
    monkeypatch.setattr(lines, "SEGMENT_BYTES", 256)
    monkeypatch.setattr(lines, "BLOCK_BYTES", 64)
    text = [f"{i},{'x' * (i % 7)},{i}" for i in range(2, 400)]
    text[50], text[120], text[200] = "52,short", '122,"a\nb",1', "202,tail,1,2"
    rows = read("id,remark,price\n" + "\n".join(text) + "\n")
    assert len(rows) == 398
    at = {r["_line"]: r for r in rows}
    assert at[52]["_problem"] == "fields"
    assert at[122]["note"] == "a\nb"
    assert (at[203]["_problem"], at[203]["_raw"]) == ("fields", "202,tail,1,2")
    assert all(int(r["id"]) == line - (line > 122) for line, r in at.items() if r["_problem"] is None)


def test_without_a_header_fields_come_in_the_order_of_the_contract_from_the_first_line_on(read):
    rows = read('1,"two\nlines",2\n3,b\n5,c,6\n', CsvFormat(COLUMNS, header=False))
    assert values(rows) == [(1, "1", "two\nlines", "2"), (3, None, None, None), (4, "5", "c", "6")]
    assert rows[1]["_problem"] == "fields"


def test_another_delimiter_separates_headers_and_fields(read):
    assert values(read('id;remark;price\n1;"a;b";2,5\n', CsvFormat(COLUMNS, delimiter=";"))) == [(2, "1", "a;b", "2,5")]


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [("latin-1", "latin-1"), ("windows-1252", "cp1252"), ("utf-16", "utf-16"), ("utf-16", "utf-16-le")],
)
def test_text_in_another_encoding_comes_out_as_it_was_meant(read, encoding, codec):
    format = CsvFormat(COLUMNS, Packing(encoding=encoding))
    assert values(read("id,remark,price\n1,café,2\n3,naïve,4\n".encode(codec), format)) == [
        (2, "1", "café", "2"),
        (3, "3", "naïve", "4"),
    ]


def test_bytes_that_the_encoding_does_not_know_cost_only_their_line(read):
    format = CsvFormat(COLUMNS, Packing(encoding="windows-1252"))
    rows = read(b"id,remark,price\n1,\x81,2\n3,\x80,4\n", format)
    assert [(r["_problem"], r["_raw"], r["note"]) for r in rows] == [("encoding", "1,\\x81,2", None), (None, None, "€")]


def test_utf_16_where_the_contract_says_otherwise_is_refused_with_the_key_to_change(read):
    with pytest.raises(
        UnreadableFile, match=r"is UTF-16, as its first bytes say; arrival\.encoding in the contract is utf"
    ):
        read("id,remark,price\n1,a,2\n".encode("utf-16"))


def test_absurdly_many_columns_are_refused_before_they_cost_memory(read):
    with pytest.raises(UnreadableFile, match="has 200004 columns; at most 10000 are read"):
        read("id,remark,price," + "x," * 200_000 + "\n1,a,2\n")


def test_a_line_that_is_far_too_long_costs_only_itself_and_little_memory(read, monkeypatch):
    monkeypatch.setattr(lines, "SEGMENT_BYTES", 1 << 16)
    monkeypatch.setattr(lines, "LONGEST_LINE_BYTES", 1 << 18)
    rows = read("id,remark,price\n1,a,2\n2," + "x" * (1 << 20) + ",3\n5,c,6\n")
    assert [(r["_line"], r["_problem"]) for r in rows] == [(2, None), (3, "too-long"), (4, None)]
    assert len(rows[1]["_raw"]) < 70_000


def test_a_line_that_is_too_long_is_so_too_where_its_neighbours_are_at_fault(read, monkeypatch, tmp_path):
    monkeypatch.setattr(lines, "SEGMENT_BYTES", 1 << 20)
    monkeypatch.setattr(lines, "BLOCK_BYTES", 1 << 12)
    monkeypatch.setattr(lines, "LONGEST_LINE_BYTES", 1 << 16)
    content = "id,remark,price\nshort\n2," + "x" * (1 << 17) + ",3\n5,c,6\n"
    rows = read(content)
    assert [(r["_line"], r["_problem"]) for r in rows] == [(2, "fields"), (3, "too-long"), (4, None)]
    (found,) = FORMAT.excerpts(Source(str(tmp_path / "file.csv"), "file.csv"), [Place(3, problem="too-long")])
    assert found.message.startswith("the line is longer than")


def test_what_stands_at_places_is_given_with_the_text_of_each_column(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes('id,remark,price\n1,"two\nlines",2\n3,b\n4,\x81,5\n'.encode("latin-1"))
    places = [Place(2, 2), Place(4, 1, 1, "fields"), Place(5, 1, 1, "encoding")]
    assert [found[:3] for found in FORMAT.excerpts(Source(str(path), "file.csv"), places)] == [
        ('1,"two\nlines",2', {"id": "1", "note": "two\nlines", "price": "2"}, None),
        ("3,b", {}, "the line has 2 fields, the header 3"),
        ("4,\\x81,5", {}, "the line is not UTF-8 text"),
    ]


def test_a_single_column_works_and_its_blank_lines_are_left_out(read):
    rows = read("id\n1\n\n2\n", CsvFormat((("id", "id"),)))
    assert [(r["_line"], r["id"]) for r in rows] == [(2, "1"), (4, "2")]
