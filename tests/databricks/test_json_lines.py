import json

import pytest
from landfall_jobs.formats import lines
from landfall_jobs.formats.format import Place, Source
from landfall_jobs.formats.json_lines import JsonLinesFormat
from landfall_jobs.formats.json_rows import Flattening, parse_path

COLUMNS = (("id", "id"), ("name", "user.name"), ("price", "price"), ("ok", "ok"))
TYPES = ("int", "string", "double", "boolean")


def made(columns=COLUMNS, types=TYPES, explode=()):
    paths = tuple(parse_path(source) for _, source in columns)
    return JsonLinesFormat(columns, flattening=Flattening(paths, tuple(map(parse_path, explode))), types=types)


FORMAT = made()


@pytest.fixture
def read(tmp_path):
    def read(content, format=FORMAT):
        path = tmp_path / "file.jsonl"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [row for table in format.read(Source(str(path), "file.jsonl")) for row in table.to_pylist()]

    return read


def values(rows):
    return [(r["_line"], r["id"], r["name"], r["price"], r["ok"]) for r in rows]


def test_values_are_found_by_path_whatever_their_order_and_come_out_as_text(read):
    rows = read('{"id":1,"user":{"name":"Ann"},"price":2.5,"ok":true}\n{"ok":false,"price":3,"id":2}\n')
    assert values(rows) == [(1, "1", "Ann", "2.5", "true"), (2, "2", None, "3", "false")]


@pytest.mark.parametrize(
    "line", ["{", '{"id":1}}', "[1]", "7", '"x"', "nonsense", '{"id":NaN}', "[" * 100_000, r'{"id":"\ud800"}']
)
def test_a_line_that_is_no_object_is_refused_with_its_text_and_costs_only_itself(read, line):
    rows = read(f'{{"id":1}}\n{line}\n{{"id":3}}\n')
    assert [(r["_line"], r["_problem"], r["id"]) for r in rows] == [(1, None, "1"), (2, "json", None), (3, None, "3")]
    assert rows[1]["_raw"].startswith(line[:60_000])


def test_a_line_that_is_not_utf8_costs_only_itself(read):
    rows = read(b'{"id":1}\n{"id":2,"user":{"name":"\xff"}}\n{"id":3}\n')
    assert [(r["_line"], r["_problem"]) for r in rows] == [(1, None), (2, "encoding"), (3, None)]


def test_a_value_of_another_kind_is_kept_as_it_stands_for_the_rules_to_judge(read):
    rows = read(
        '{"id":"five","price":"1.5"}\n{"id":5.0,"ok":1,"user":{"name":{"first":"Ann"}}}\n{"id":12345678901234567890}\n'
    )
    assert values(rows) == [
        (1, "five", None, "1.5", None),
        (2, "5", '{"first": "Ann"}', None, "1"),
        (3, "12345678901234567890", None, None, None),
    ]


def test_keys_that_the_contract_does_not_know_are_kept_as_json(read):
    rows = read('{"id":1}\n{"id":2,"colour":"rot","size":{"w":1}}\n')
    assert [r["_extra"] for r in rows] == [None, '{"colour": "rot", "size": {"w": 1}}']


def test_blank_lines_windows_line_ends_and_a_missing_last_one_change_nothing(read):
    assert values(read('\ufeff{"id":1}\r\n\r\n  \n{"id":4}'))[-1][:2] == (4, "4")
    assert [r["_line"] for r in read('\ufeff{"id":1}\r\n\r\n  \n{"id":4}')] == [1, 4]
    assert read("") == []
    assert read("\n\n") == []


def test_two_objects_in_a_line_and_one_in_two_lines_are_refused(read):
    rows = read('{"id":1} {"id":2}\n{"id":\n3}\n')
    assert [(r["_line"], r["_problem"]) for r in rows] == [(1, "json"), (2, "json"), (3, "json")]


def test_each_element_of_a_nested_array_gives_a_row_and_no_record_vanishes(read):
    columns = (("id", "id"), ("kind", "events.kind"), ("tag", "events.tags"))
    format = made(columns, ("int", "string", "string"), ("events", "events.tags"))
    content = [
        {"id": 1, "events": [{"kind": "a", "tags": ["x", "y"]}, {"kind": "b", "tags": []}]},
        {"id": 2, "events": []},
        {"id": 3},
        {"id": 4, "events": {"kind": "alone"}},
    ]
    rows = read("\n".join(map(json.dumps, content)), format)
    assert [(r["_line"], r["_item"], r["id"], r["kind"], r["tag"]) for r in rows] == [
        (1, 1, "1", "a", "x"),
        (1, 2, "1", "a", "y"),
        (1, 3, "1", "b", None),
        (2, 1, "2", None, None),
        (3, 1, "3", None, None),
        (4, 1, "4", "alone", None),
    ]


def test_a_key_with_a_dot_is_written_with_a_backslash(read):
    format = made((("a", r"x\.y.z"),), ("int",))
    assert [r["a"] for r in read('{"x.y":{"z":1}}\n', format)] == ["1"]


def test_whole_lines_and_lines_one_by_one_come_out_the_same(read, monkeypatch):
    monkeypatch.setattr(lines, "BLOCK_BYTES", 256)
    regular = [{"id": i, "user": {"name": f"n{i}"}, "price": i / 8, "ok": i % 2 == 0} for i in range(1, 500)]
    text = [json.dumps(row) for row in regular]
    expected = values(read("\n".join(text)))
    text[249] = "broken"
    rows = read("\n".join(text))
    assert [row for row in values(rows) if row[0] != 250] == [row for row in expected if row[0] != 250]
    assert rows[249]["_problem"] == "json"


def test_what_stands_at_places_is_given_row_by_row(tmp_path):
    path = tmp_path / "file.jsonl"
    path.write_text('{"id":1,"items":[{"n":1},{"n":"x"}]}\n{"id":\n5\n')
    format = made((("id", "id"), ("n", "items.n")), ("int", "int"), ("items",))
    places = [Place(1, 1, 2), Place(2, 1, 1, "json"), Place(3, 1, 1, "json")]
    first, second, third = format.excerpts(Source(str(path), "file.jsonl"), places)
    assert first[:3] == ('{"id":1,"items":[{"n":1},{"n":"x"}]}', {"id": "1", "n": "x"}, None)
    assert second.message.startswith("the line is not JSON: Expecting value")
    assert third.message == "the line is not a JSON object"
