import json

import pytest
from landfall_jobs.formats import json_document
from landfall_jobs.formats.format import Place, Source, UnreadableFile
from landfall_jobs.formats.json_document import JsonDocumentFormat
from landfall_jobs.formats.json_rows import Flattening, parse_path

COLUMNS = (("id", "id"), ("name", "user.name"))


def made(records="", explode=(), columns=COLUMNS, types=("int", "string", "string")):
    paths = tuple(parse_path(source) for _, source in columns)
    flattening = Flattening(paths, tuple(map(parse_path, explode)))
    path = parse_path(records) if records else ()
    return JsonDocumentFormat(columns, flattening=flattening, records=path, types=types[: len(columns)])


@pytest.fixture
def read(tmp_path):
    def read(content, format=made()):  # noqa: B008
        path = tmp_path / "file.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [row for table in format.read(Source(str(path), "file.json")) for row in table.to_pylist()]

    return read


def values(rows):
    return [(r["_line"], r["id"], r["name"]) for r in rows]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_the_elements_of_an_array_are_records_however_it_is_laid_out(read, monkeypatch, indent, chunk):
    monkeypatch.setattr(json_document, "CHUNK_BYTES", chunk)
    content = [{"id": 1, "user": {"name": "Ann é"}}, {"id": 12345}, {"user": {"name": 'a "b"'}}]
    assert values(read(json.dumps(content, indent=indent, ensure_ascii=False))) == [
        (1, "1", "Ann é"),
        (2, "12345", None),
        (3, None, 'a "b"'),
    ]


def test_a_single_object_is_one_record_and_an_empty_array_none(read):
    assert values(read('\n {"id": 7}\n')) == [(1, "7", None)]
    assert read(" [ ] ") == []


def test_the_array_may_be_anywhere_in_the_document(read):
    text = '{"meta": {"data": [0]}, "data": {"skip": [1, {"x": "]"}], "items": [{"id": 1}, {"id": 2}], "next": null}}'
    assert values(read(text, made("data.items"))) == [(1, "1", None), (2, "2", None)]


def test_an_element_that_is_no_object_costs_only_itself(read):
    rows = read('[{"id": 1}, 5, null, [{}], {"id": 2}]')
    assert [(r["_line"], r["_problem"], r["_raw"]) for r in rows] == [
        (1, None, None),
        (2, "json", "5"),
        (3, "json", "null"),
        (4, "json", "[{}]"),
        (5, None, None),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"id": 1},\n{"id": 2}', r"in line 2 it ends too early"),
        ('[{"id": 1},\n{"id": 2', r"in line 2 stands something else: Expecting ',' delimiter"),
        ('[{"id": 1}\n{"id": 2}]', r"in line 2 ',' is missing"),
        ('[{"id": 1},]', r"a comma stands before the end"),
        ('[{"id": NaN}]', r"NaN is no JSON"),
        ('{"id": 1}\n{"id": 2}', r"in line 2 more follows the document"),
        ("[" * 100_000, r"stands something else"),
        (b'[{"id": "\xff"}]', r"not UTF-8"),
        ("nonsense", r"in line 1 stands something else"),
    ],
)
def test_a_document_that_breaks_off_is_refused_with_the_line(read, content, message):
    with pytest.raises(UnreadableFile, match=f"file.json is not the JSON that is expected: .*{message}"):
        read(content)


def test_half_a_character_costs_only_its_element(read):
    rows = read(r'[{"id": "\ud83d\ude00"}, {"id": "\ud83d"}]')
    assert [(r["id"], r["_problem"]) for r in rows] == [("😀", None), (None, "json")]


def test_a_path_that_leads_to_no_array_is_told(read):
    with pytest.raises(UnreadableFile, match="there is no key 'items'"):
        read('{"data": []}', made("items"))
    with pytest.raises(UnreadableFile, match="there is no array at data"):
        read('{"data": {}}', made("data"))


def test_events_nested_two_deep_give_a_row_each(read):
    columns = (("id", "id"), ("event", "sessions.events.kind"))
    content = [{"id": 1, "sessions": [{"events": [{"kind": "a"}, {"kind": "b"}]}, {"events": [{"kind": "c"}]}]}]
    rows = read(json.dumps(content), made(explode=("sessions", "sessions.events"), columns=columns))
    assert [(r["_line"], r["_item"], r["event"]) for r in rows] == [(1, 1, "a"), (1, 2, "b"), (1, 3, "c")]


def test_what_stands_at_places_is_given(tmp_path):
    path = tmp_path / "file.json"
    path.write_text('[{"id": "x"},\n 5, {"id": "y"}]')
    found = list(made().excerpts(Source(str(path), "file.json"), [Place(1), Place(2, problem="json"), Place(3)]))
    assert found[0][:3] == ('{"id": "x"}', {"id": "x", "name": None}, None)
    assert found[1][:3] == ("5", {}, "the element is not a JSON object, or not one that can be text")
    assert found[2].raw == '{"id": "y"}'
