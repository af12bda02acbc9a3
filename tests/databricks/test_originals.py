"""Refused records in the format that they came in: to be corrected, and landed again."""

import io
import json
from datetime import date

import fastavro
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from landfall_jobs import storage
from landfall_jobs.contract import parse_contract
from landfall_jobs.formats.choose import format_of
from landfall_jobs.formats.format import LONGEST_WHOLE_BYTES, Place, Source
from landfall_jobs.parsing import Document

LOG = '1.2.3.4 - - [05/Jan/2026:10:15:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"'


@pytest.fixture
def given_back(tmp_path):
    """What is given back of a file's records at some places."""

    def give(arrival, content, *places, columns=("id", "note")):
        contract = {
            "dataset": "things",
            "arrival": {"path": "*", **arrival},
            "columns": [{"name": name, "type": "string"} for name in columns],
            "rules": [],
            "identity": {"on_later_version": "append"},
        }
        format = format_of(parse_contract(Document(contract, "contract")))
        path = tmp_path / "file"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return format.compose(format.excerpts(Source(str(path), "file"), list(places)))

    return give


def test_csv_has_its_own_header_and_the_records_as_they_were_quoted_line_ends_included(given_back):
    content = 'Note,ID,more\nfine,1,x\n"two\nlines",2,\nlast,3,y'
    assert given_back({"format": "csv"}, content, Place(3, 2), Place(5)) == (
        b'Note,ID,more\n"two\nlines",2,\nlast,3,y\n'
    )


def test_a_header_over_several_lines_is_given_back_whole(given_back):
    assert given_back({"format": "csv"}, 'id,note,"a\nb"\n1,x,y\n2,z,w\n', Place(4)) == b'id,note,"a\nb"\n2,z,w\n'


def test_csv_without_a_header_gets_none(given_back):
    arrival = {"format": "csv", "csv": {"header": False}}
    assert given_back(arrival, "1,a\n2,b\n", Place(2)) == b"2,b\n"


@pytest.mark.parametrize(
    ("encoding", "codec"), [("utf-16", "utf-16"), ("latin-1", "latin-1"), ("windows-1252", "cp1252")]
)
def test_text_is_in_the_encoding_of_its_file(given_back, encoding, codec):
    content = "id,note\n1,é\n2,ü\n".encode(codec)
    assert given_back({"format": "csv", "encoding": encoding}, content, Place(3)) == "id,note\n2,ü\n".encode(codec)


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
def test_bytes_that_are_no_text_are_given_back_as_they_were(given_back, encoding):
    content = b"id,note\n1,\x81\x8d\n"
    arrival = {"format": "csv", "encoding": encoding}
    assert given_back(arrival, content, Place(2, problem="encoding")) == content


def test_half_a_character_of_utf_16_is_given_back_as_an_escape(given_back):
    content = "id,note\n1,".encode("utf-16") + b"\x00\xd8" + "\n2,b\n".encode("utf-16-le")
    back = given_back({"format": "csv", "encoding": "utf-16"}, content, Place(2, problem="encoding"))
    assert back.decode("utf-16") == "id,note\n1,\\xff\\xd8\n"


def test_json_lines_and_log_lines_are_given_back_line_by_line(given_back):
    assert given_back({"format": "jsonl"}, '{"id":1}\nbroken\n{"id": 3}\n', Place(2), Place(3)) == (
        b'broken\n{"id": 3}\n'
    )
    assert given_back({"format": "access-log"}, f"{LOG}\nno\n", Place(2), columns=["host"]) == b"no\n"


def test_w3c_entries_stand_behind_the_fields_that_they_were_written_with(given_back):
    arrival = {"format": "access-log", "access_log": {"layout": "w3c"}}
    content = "#Version: 1.0\n#Fields: host\na\nb c\n#Fields: host bytes\nd\ne\n"
    assert given_back(arrival, content, Place(4), Place(6), Place(7), columns=["host"]) == (
        b"#Fields: host\nb c\n#Fields: host bytes\nd\ne\n"
    )


def test_a_json_document_has_the_records_where_they_were(given_back):
    arrival = {"format": "json", "json": {"records": "data.items"}}
    content = '{"at": 1, "data": {"items": [{"id": 1}, 7, {"id":  3}]}}'
    back = given_back(arrival, content, Place(2, problem="json"), Place(3))
    assert json.loads(back) == {"data": {"items": [7, {"id": 3}]}}
    assert b'{"id":  3}' in back


def test_an_xml_document_has_the_elements_where_they_were(given_back):
    arrival = {"format": "xml", "xml": {"records": "shop.items.item"}}
    content = '<shop a="1"><items><item id="1"/><item id="2">x</item></items></shop>'
    assert given_back(arrival, content, Place(2)) == b'<shop><items>\n<item id="2">x</item>\n</items></shop>\n'


def test_rows_of_parquet_are_given_back_as_json_lines(given_back):
    buffer = io.BytesIO()
    parquet.write_table(pa.table({"id": [1, 2], "note": ["a", "b"]}), buffer)
    assert given_back({"format": "parquet"}, buffer.getvalue(), Place(2)) == b'{"id": 2, "note": "b"}\n'


def test_rows_of_avro_are_given_back_as_json_lines(given_back):
    fields = [{"name": "id", "type": "int"}, {"name": "note", "type": {"type": "int", "logicalType": "date"}}]
    buffer = io.BytesIO()
    rows = [{"id": 1, "note": date(2026, 1, 1)}, {"id": 2, "note": date(2026, 1, 2)}]
    fastavro.writer(buffer, {"type": "record", "name": "R", "fields": fields}, rows)
    assert given_back({"format": "avro"}, buffer.getvalue(), Place(2)) == b'{"id": 2, "note": "2026-01-02"}\n'


def test_a_record_that_is_far_too_long_is_left_out(given_back):
    content = "id,note\n1," + "x" * LONGEST_WHOLE_BYTES + "\n2,b\n"
    assert given_back({"format": "csv"}, content, Place(2), Place(3)) == b"id,note\n2,b\n"


def test_the_job_writes_them_once_each_and_a_batch_of_only_them_is_refused_for_the_same_reasons(lake, orders):
    header = "id,remark,price,paid,day,at\n"
    bad = "x,far too long a remark,many,,,\n2,ok,free,,,\n"
    lake.land("orders/a.csv", header + "1,ok,1,,,\n" + bad)
    first, _ = lake.bring(orders, 1, ["orders/a.csv"])
    (original,) = storage.list_files(storage.join(lake.quarantine, "_originals"))
    content = storage.read_bytes(storage.join(lake.quarantine, "_originals", original)).decode()
    assert (original, content) == ("orders/orders-00000001/orders/a.csv", header + bad)
    lake.land("orders/again.csv", content)
    second, _ = lake.bring(orders, 2, ["orders/again.csv"])
    assert second["totals"]["quarantined"] == second["totals"]["read"] == 2
    assert second["files"][0]["reasons"] == first["files"][0]["reasons"]


def test_a_record_that_gives_several_refused_rows_is_there_once(lake, orders):
    contract = {
        **orders,
        "arrival": {"path": "orders/*.jsonl", "format": "jsonl", "json": {"explode": ["lines"]}},
        "columns": [{"name": "id", "type": "int", "nullable": False, "source": "lines.id"}],
        "rules": [],
    }
    record = '{"lines": [{"id": "x"}, {"id": 1}, {"id": "y"}]}\n'
    lake.land("orders/a.jsonl", record)
    result, _ = lake.bring(contract, 1, ["orders/a.jsonl"])
    assert result["totals"]["quarantined"] == 2
    path = "_originals/orders/orders-00000001/orders/a.jsonl"
    assert storage.read_bytes(storage.join(lake.quarantine, path)).decode() == record
