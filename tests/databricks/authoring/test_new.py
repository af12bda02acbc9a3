"""`npm run dataset -- new`: what is learnt from a sample of each format, and that the sample passes what is written."""

import gzip
import io
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fastavro
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
import yaml
from landfall_jobs.authoring.cli import main
from landfall_jobs.authoring.profiling.columns import shape_of
from landfall_jobs.authoring.profiling.fields import fields_of_documents, snake
from media_files import document, photograph, recording
from openpyxl import Workbook

SCHEMA = Path(__file__).parents[3] / "datasets" / "dataset.schema.json"
START = datetime(2026, 1, 1)


def iso(i):
    return (START + timedelta(seconds=i)).isoformat() + "Z"


@pytest.fixture
def learn(tmp_path, capsys, spark):
    """Writes a sample, drafts its contract, and tries the sample against it; gives contract, text and books."""
    datasets = tmp_path / "datasets"
    datasets.mkdir()
    shutil.copy(SCHEMA, datasets)

    def learn(name, content, *more):
        sample = tmp_path / name
        if isinstance(content, pa.Table):
            parquet.write_table(content, sample)
        else:
            sample.write_bytes(content if isinstance(content, bytes) else content.encode())
        assert main(["new", str(sample), "--datasets", str(datasets), "--json", "--name", "drafted", *more]) == 0
        assert json.loads(capsys.readouterr().out)["dataset"] == "drafted"
        text = (datasets / "drafted" / "dataset.yaml").read_text()
        assert main(["check", "--datasets", str(datasets)]) == 0
        capsys.readouterr()
        main(["try", "drafted", str(sample), "--datasets", str(datasets), "--json"])
        return yaml.safe_load(text), text, json.loads(capsys.readouterr().out)

    return learn


def types(contract):
    return {c["name"]: c["type"] + ("" if c.get("nullable") is False else "?") for c in contract["columns"]}


def test_a_photograph(learn):
    contract, text, books = learn("p-1.jpg", photograph())
    assert contract["arrival"] == {"path": "drafted/*.jpg", "format": "media"}
    found = types(contract)
    assert {name: found[name] for name in ("path", "bytes", "width", "taken_at", "latitude", "thumbnail")} == {
        "path": "string",
        "bytes": "bigint",
        "width": "int?",
        "taken_at": "timestamp?",
        "latitude": "double?",
        "thumbnail": "string?",
    }
    assert "pages" not in found
    assert contract["identity"] == {"key": ["path"], "on_later_version": "upsert"}
    assert [rule["name"] for rule in contract["rules"]] == ["type-as-named"]
    assert """description: "Width of an image in pixels, as it is stored" }  # here '64'""" in text
    assert books["totals"]["loaded"] == 1


def test_a_document_and_a_recording(learn):
    contract, _, books = learn("a.pdf", document("One", "Two"))
    assert {"pages", "text", "title"} <= set(types(contract))
    assert books["totals"]["loaded"] == 1
    contract, _, books = learn("a.wav", recording(), "--force")
    assert {"seconds", "channels"} <= set(types(contract))
    assert books["totals"]["loaded"] == 1


def test_a_workbook_whose_first_sheet_is_empty(learn):
    book = Workbook()
    sheet = book.create_sheet("Plan")
    sheet.append(["Nr.", "Tag", "Betrag"])
    for i in range(1, 41):
        sheet.append([i, START + timedelta(days=i), i / 4])
    content = io.BytesIO()
    book.save(content)
    contract, text, books = learn("plan.xlsx", content.getvalue())
    assert contract["arrival"] == {"path": "drafted/*.xlsx", "format": "excel", "excel": {"sheet": "Plan"}}
    assert types(contract) == {"nr": "int", "tag": "date", "betrag": "double"}
    assert contract["identity"]["key"] == ["nr"]
    assert "its other sheets are Sheet" in text
    assert books["totals"]["loaded"] == 40


def test_a_file_that_is_damaged_teaches_nothing(tmp_path, capsys):
    (tmp_path / "a.jpg").write_bytes(photograph()[:-50])
    assert main(["new", str(tmp_path / "a.jpg"), "--datasets", str(SCHEMA.parent)]) == 1
    assert "a.jpg can teach nothing: the image cannot be decoded: image file is truncated" in capsys.readouterr().out


def test_csv_with_nulls_codes_misfits_and_another_encoding(learn):
    rows = [
        f"{i:05};{'Müller' if i % 2 else 'Şahin'};{i / 4 if i % 5 else 'NA'};{iso(i)};{'two' if i == 7 else i}"
        for i in range(200)
    ]
    content = "\n".join(["Artikel-Nr.;Größe;Preis;At;n", *rows]) + "\n"
    contract, text, books = learn("x.csv", content.encode("utf-16"))
    assert contract["arrival"] == {
        "path": "drafted/*.csv",
        "format": "csv",
        "encoding": "utf-16",
        "csv": {"delimiter": ";"},
        "null_values": ["", "NA"],
    }
    assert types(contract) == {
        "artikel_nr": "string",
        "grosse": "string",
        "preis": "double?",
        "at": "timestamp",
        "n": "int",
    }
    assert contract["identity"] == {"key": ["artikel_nr"], "event_time": "at", "on_later_version": "upsert"}
    assert "40 empty (20.0%); 0.25 to 49.75" in text
    assert "1 are no int, such as 'two'" in text
    assert (books["totals"]["loaded"], books["totals"]["quarantined"]) == (199, 1)
    limits = ("minimum", "maximum", "allowed", "pattern")
    found = {c["name"]: {key: c[key] for key in limits if key in c} for c in contract["columns"] if "outcome" in c}
    assert found == {
        "artikel_nr": {"pattern": "[0-9]{5}"},
        "grosse": {"allowed": ["Müller", "Şahin"]},
        "preis": {"minimum": 0},
        "n": {"minimum": 0},
    }
    assert {c["outcome"] for c in contract["columns"] if "outcome" in c} == {"warn"}
    assert contract["rules"] == []


def test_csv_without_a_header_is_seen_by_its_values(learn):
    contract, _, books = learn("x.csv", "".join(f"{i},x{i % 3},2026-01-{i % 28 + 1:02}\n" for i in range(100)))
    assert contract["arrival"]["csv"] == {"header": False}
    assert types(contract) == {"field_1": "int", "field_2": "string", "field_3": "date"}
    assert books["totals"]["loaded"] == 100


def test_a_key_of_several_columns_is_found_and_repeated_rows_are_told(learn):
    rows = [f"{day},{shop},{(day + i) % 7}" for day in range(20) for i, shop in enumerate("abcdefgh")]
    contract, text, books = learn("x.csv", "day,shop,sold\n" + "\n".join([*rows, rows[0]]))
    assert contract["identity"]["key"] == ["day", "shop"]
    assert "tells all 160 rows apart; 1 rows repeat another" in text
    assert (books["totals"]["loaded"], books["totals"]["duplicates"]) == (160, 1)


def test_nested_json_lines_are_exploded(learn):
    visits = [
        {
            "id": f"v{i}",
            "user": {"countryCode": "DE"},
            "events": [{"at": iso(i * 10 + j), "tags": ["a"]} for j in range(i % 3)],
        }
        for i in range(90)
    ]
    contract, _, books = learn("x.jsonl.gz", gzip.compress("\n".join(map(json.dumps, visits)).encode()))
    assert contract["arrival"] == {
        "path": "drafted/*.jsonl.gz",
        "format": "jsonl",
        "json": {"explode": ["events"]},
    }
    assert {c["name"]: c.get("source", c["name"]) for c in contract["columns"]} == {
        "id": "id",
        "user_country_code": "user.countryCode",
        "events_at": "events.at",
        "events_tags": "events.tags",
    }
    # A visit without events gives a row without a time, so nothing tells all rows apart.
    assert contract["identity"] == {"on_later_version": "append"}
    assert books["totals"]["read"] == books["totals"]["loaded"] == 120


def test_a_json_document_is_searched_for_its_array(learn):
    document = {"page": {"n": 1}, "data": [{"id": i, "price": i / 8} for i in range(50)]}
    contract, _, books = learn("x.json", json.dumps(document, indent=1))
    assert contract["arrival"]["json"] == {"records": "data"}
    assert types(contract) == {"id": "int", "price": "double"}
    assert books["totals"]["loaded"] == 50


def test_xml_is_searched_for_what_comes_again_and_again(learn):
    items = "".join(f'<item id="{i}"><price>{i / 4}</price><tag>a</tag></item>' for i in range(60))
    contract, _, books = learn("x.xml", f"<shop><name>S</name>{items}</shop>")
    assert contract["arrival"]["xml"] == {"records": "shop.item"}
    assert {c["name"]: c.get("source") for c in contract["columns"]} == {"id": "@id", "price": None, "tag": None}
    assert books["totals"]["loaded"] == 60


def test_parquet_has_its_types_and_structs(learn):
    table = pa.table({"id": range(50), "when": [START] * 50, "geo": [{"lat": 1.5}] * 50})
    contract, _, books = learn("x.parquet", table)
    assert types(contract) == {"id": "int", "when": "timestamp", "geo_lat": "double"}
    assert books["totals"]["loaded"] == 50


def test_avro_has_its_types_records_and_arrays(learn):
    geo = {"type": "record", "name": "Geo", "fields": [{"name": "lat", "type": "double"}]}
    line = {"type": "record", "name": "Line", "fields": [{"name": "sku", "type": "string"}]}
    when = {"type": "long", "logicalType": "timestamp-millis"}
    kinds = {"id": "long", "when": when, "geo": ["null", geo], "lines": {"type": "array", "items": line}}
    schema = {"type": "record", "name": "R", "fields": [{"name": name, "type": kind} for name, kind in kinds.items()]}
    lines = [{"sku": "a"}, {"sku": "b"}]
    start = START.replace(tzinfo=UTC)
    rows = [{"id": i, "when": start, "geo": {"lat": 1.5} if i else None, "lines": lines} for i in range(50)]
    sink = io.BytesIO()
    fastavro.writer(sink, schema, rows, codec="deflate")
    contract, _, books = learn("x.avro", sink.getvalue())
    assert contract["arrival"] == {"path": "drafted/*.avro", "format": "avro", "avro": {"explode": ["lines"]}}
    assert types(contract) == {"id": "int", "when": "timestamp", "geo_lat": "double?", "lines_sku": "string"}
    assert books["totals"]["loaded"] == 100


def test_an_access_log_is_known_by_its_entries(learn):
    entry = '10.0.0.1 - - [01/Jan/2026:00:00:{:02} +0000] "GET /x?q=1 HTTP/1.1" 200 {} "-" "curl/8"'
    contract, text, books = learn("x.log", "\n".join([*(entry.format(i, i + 5) for i in range(50)), "noise"]))
    assert contract["arrival"]["format"] == "access-log"
    assert (types(contract)["time"], types(contract)["bytes"], types(contract)["referer"]) == (
        "timestamp",
        "int",
        "string?",
    )
    assert "always empty" in text
    assert contract["identity"] == {"event_time": "time", "on_later_version": "append"}
    assert "Of the sample 1 could not be read as records" in text
    assert (books["totals"]["loaded"], books["totals"]["quarantined"]) == (50, 1)


def test_a_w3c_log_is_known_by_its_fields(learn):
    lines = [f"2026-01-01 00:00:{i:02} GET /x {200 + i}" for i in range(40)]
    contract, _, books = learn("x.log", "\n".join(["#Fields: date time cs-method cs-uri-stem sc-status", *lines]))
    assert contract["arrival"]["access_log"] == {"layout": "w3c"}
    assert types(contract)["datetime"] == "timestamp"
    assert books["totals"]["loaded"] == 40


def test_free_text_is_taken_apart_by_the_pattern_that_is_given(learn):
    text = "\n".join(f"{iso(i)} [{'WARN' if i % 9 else 'INFO'}] message {i}" for i in range(60))
    pattern = r"(?P<at>\S+) \[(?P<level>[A-Z]+)\] (?P<message>.*)"
    contract, _, books = learn("x.txt", text, "--pattern", pattern)
    assert contract["arrival"]["text"] == {"pattern": pattern}
    assert types(contract) == {"at": "timestamp", "level": "string", "message": "string"}
    assert books["totals"]["loaded"] == 60


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: there is nothing to learn"),
        (b"just some words\nand more\n", "does not look like any format"),
        (b"\x01\x02\0\0\0\r", "is binary, and not of a format that is known; --format media takes any file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\r", "can teach nothing: the image cannot be decoded"),
        (b"a,b\n", "holds no rows to learn from"),
    ],
)
def test_what_nothing_can_be_learnt_from_is_told(tmp_path, capsys, content, message):
    (tmp_path / "x.txt").write_bytes(content)
    shutil.copy(SCHEMA, tmp_path)
    assert main(["new", str(tmp_path / "x.txt"), "--datasets", str(tmp_path), "--name", "x"]) == 1
    assert message in capsys.readouterr().out
    assert not (tmp_path / "x").exists()


def test_whatever_stands_in_headers_and_values_the_contract_is_yaml(learn):
    nasty = [
        "a: b # c",
        "it's",
        'say "x"',
        "back\\slash",
        "two\nlines",
        "bell\x07",
        "del\x7f",
        "a\u2028b",
        "- x",
        "{y}",
        "@z",
        "😀",
    ]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in nasty)
    row = ",".join('"' + value.replace('"', '""') + '"' for value in reversed(nasty))
    contract, _, books = learn("x.csv", "\n".join(["id," + header, *(f"{i},{row}" for i in range(60))]))
    assert [c.get("source", c["name"]) for c in contract["columns"]] == ["id", *(name.strip() for name in nasty)]
    assert books["totals"]["read"] == 60


def test_json_that_is_none_is_told(tmp_path, capsys):
    shutil.copy(SCHEMA, tmp_path)
    (tmp_path / "x.json").write_text('{"a": [1, 2')
    assert main(["new", str(tmp_path / "x.json"), "--datasets", str(tmp_path)]) == 1
    assert "does not look like any format" in capsys.readouterr().out


def test_a_contract_that_is_there_is_not_written_over_unless_that_is_wished(tmp_path, capsys):
    shutil.copy(SCHEMA, tmp_path)
    (tmp_path / "pets-2026-01.csv").write_text("id,name\n1,Rex\n2,Ada\n")
    arguments = ["new", str(tmp_path / "pets-2026-01.csv"), "--datasets", str(tmp_path)]
    assert main(arguments) == 0
    assert (tmp_path / "pets" / "dataset.yaml").exists()
    assert main(arguments) == 1
    assert "is there already" in capsys.readouterr().out
    assert main([*arguments, "--force"]) == 0
    assert main([*arguments, "--name", "Not A Name"]) == 2


def test_names_are_made_of_what_files_call_their_columns():
    assert list(map(snake, ["Pet No.", "orderID", "Größe", "2nd", "__x", "日本"])) == [
        *("pet_no", "order_id", "grosse", "c_2nd", "x", "c"),
    ]


def test_of_arrays_side_by_side_one_is_exploded_and_the_other_stays_whole():
    documents = [{"a": [{"x": 1}], "b": [{"y": [{"z": 1}]}, {"y": []}], "c": [1, 2]}]
    fields, explode = fields_of_documents(documents)
    assert explode == ["b", "b.y"]
    assert [source for _, source in fields] == ["b.y.z", "c", "a"]


def test_texts_of_one_form_have_a_shape_and_others_none():
    assert shape_of(["AB-12", "XY-99"]) == "[A-Z]{2}-[0-9]{2}"
    assert shape_of(["v1.2", "x9.0"]) == "[a-z][0-9][.][0-9]"
    assert shape_of(["AB", "A"]) is None
    assert shape_of(["--"]) is None
