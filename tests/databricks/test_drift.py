"""Files whose columns are not those of the contract: what a batch makes of them, and what is told."""

import io
import json
from datetime import date

import fastavro
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from landfall_jobs import storage, tables
from landfall_jobs.errors import JobError
from landfall_jobs.formats.extras import ExtraColumn
from landfall_jobs.transforms.checks import FORMS
from openpyxl import Workbook
from pyspark.sql import functions as F


@pytest.fixture
def pets():
    return {
        "dataset": "pets",
        "arrival": {"path": "pets/*.csv", "format": "csv"},
        "columns": [
            {"name": "id", "type": "int", "nullable": False},
            {"name": "name", "type": "string"},
            {"name": "loud", "type": "string", "expression": "upper(name)"},
        ],
        "rules": [],
        "drift": {"new_columns": "evolve"},
        "identity": {"key": ["id"], "on_later_version": "upsert"},
    }


def evolved(contract, result):
    """The contract that the app gives the next step."""
    return {**contract, "columns": [*contract["columns"], *result["evolved"]]}


def bring(lake, contract, number, paths):
    """A batch as the app carries it out; gives the results, and the contract as it is published then."""
    cleansed = lake.run("cleanse", contract, number, paths)
    after = evolved({**contract, "columns": [c for c in contract["columns"] if "evolved" not in c]}, cleansed)
    scored = lake.run("score", after, number, paths)
    lake.published[contract["dataset"]] = scored["silver_version"]
    return cleansed, scored, after


def silver(lake, spark, *names):
    rows = tables.read(spark, lake.silver("pets")).select("id", *names).collect()
    return sorted((tuple(row) for row in rows), key=repr)


def test_a_new_column_becomes_one_of_the_dataset_with_the_type_of_its_values(lake, spark, pets):
    lake.land(
        "pets/a.csv", "id,name,Born At,weight,colour,Chip No.,tame\n1,Ada,2020-01-02,3,red,007,true\n2,Bo,,2.5,,8,\n"
    )
    cleansed, scored, after = bring(lake, pets, 1, ["pets/a.csv"])
    assert [(c["name"], c["type"], c["source"]) for c in cleansed["evolved"]] == [
        ("born_at", "date", "Born At"),
        ("chip_no", "string", "Chip No."),
        ("colour", "string", "colour"),
        ("tame", "boolean", "tame"),
        ("weight", "double", "weight"),
    ]
    assert {c["evolved"] for c in cleansed["evolved"]} == {"pets-00000001"}
    assert cleansed["drift"][0] == {
        "kind": "new-column",
        "source": "Born At",
        "action": "evolved",
        "column": "born_at",
        "type": "date",
        "rows": 1,
        "files": 1,
        "file": "pets/a.csv",
        "examples": ["2020-01-02"],
    }
    assert [c["name"] for c in scored["columns"]][:4] == ["id", "name", "loud", "born_at"]
    assert scored["evolved"] == cleansed["evolved"]
    assert silver(lake, spark, "weight", "chip_no") == [(1, 3.0, "007"), (2, 2.5, "8")]

    statement = (
        "SELECT colour, count(*) AS pets, sum(weight) AS weight FROM pets WHERE colour IS NOT NULL GROUP BY colour"
    )
    insight = {"name": "by-colour", "key": ["colour"], "statement": statement}
    (asked,) = lake.run("insights", {**after, "insights": [insight]}, 1, [])["insights"]
    assert storage.read_bytes(asked["uri"]) == b'{"colour":"red","pets":1,"weight":3.0}\n'

    lake.land("pets/b.csv", "id,name,COLOUR,age\n2,Bo,,\n3,Cy,blue,7\n")
    cleansed, _, _ = bring(lake, after, 2, ["pets/b.csv"])
    assert [(c["name"], c["evolved"]) for c in cleansed["evolved"]][-1] == ("age", "pets-00000002")
    assert [(d["kind"], d["source"]) for d in cleansed["drift"]] == [("new-column", "age")]
    assert silver(lake, spark, "colour", "age") == [(1, "red", None), (2, None, None), (3, "blue", 7)]
    after = evolved(pets, cleansed)
    lake.run("rescore", after, 3, [])
    assert silver(lake, spark, "colour", "age") == [(1, "red", None), (2, None, None), (3, "blue", 7)]


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["true", "FALSE"], "boolean"),
        (["1", "0"], "bigint"),
        (["9223372036854775807", "-5"], "bigint"),
        (["9223372036854775808"], "string"),
        (["9223372036854775807", "0.5"], "string"),
        (["1", "2.5", "1e3"], "double"),
        (["007", "8"], "string"),
        (["2020-02-29"], "date"),
        (["2020-02-30"], "string"),
        (["2020-02-29T10:00:00Z", "2020-02-29 10:00:00.5"], "timestamp"),
        (["2020-02-29T10:00Z"], "string"),
        (["2020-02-29", "2020-02-29T10:00:00Z"], "string"),
        (["1", "one"], "string"),
    ],
)
def test_the_type_of_a_new_column_is_the_narrowest_that_all_its_values_have_and_text_when_in_doubt(texts, kind):
    one, other = ExtraColumn(), ExtraColumn()
    for i, text in enumerate(texts):
        (other if i % 2 else one).add(text)
    assert one.merge(other).type == kind


def test_a_row_that_lacks_columns_which_came_later_is_the_same_as_before(lake, pets):
    lake.land("pets/a.csv", "id,name\n1,Ada\n")
    _, _, after = bring(lake, pets, 1, ["pets/a.csv"])
    lake.land("pets/b.csv", "id,name,age\n1,Ada,\n2,Bo,3\n")
    cleansed, _, _ = bring(lake, after, 2, ["pets/b.csv"])
    assert (cleansed["totals"]["loaded"], cleansed["totals"]["duplicates"]) == (1, 1)


def test_files_of_a_batch_may_bring_different_columns_and_differ_in_the_type_of_one(lake, spark, pets):
    lake.land("pets/a.csv", "id,name,age,x\n1,Ada,3,1\n")
    lake.land("pets/b.csv", "id,name,Age,y\n2,Bo,3.5,two\n")
    cleansed, _, _ = bring(lake, pets, 1, ["pets/a.csv", "pets/b.csv"])
    assert [(c["name"], c["type"]) for c in cleansed["evolved"]] == [
        ("age", "double"),
        ("x", "bigint"),
        ("y", "string"),
    ]
    assert [(d["source"], d["files"]) for d in cleansed["drift"]] == [("age", 2), ("x", 1), ("y", 1)]
    assert silver(lake, spark, "age", "x", "y") == [(1, 3.0, 1, None), (2, 3.5, None, "two")]


def test_a_name_that_is_taken_gets_a_number_and_a_column_without_values_waits_for_one(lake, pets):
    lake.land("pets/a.csv", "id,name,Loud,loud!,,nothing\n1,Ada,no,yes,z,\n")
    cleansed, _, _ = bring(lake, pets, 1, ["pets/a.csv"])
    assert [(c["name"], c["source"]) for c in cleansed["evolved"]] == [("loud_2", "Loud"), ("loud_3", "loud!")]


def test_a_failed_batch_leaves_no_column_behind(lake, spark, pets):
    lake.land("pets/a.csv", "id,name\n1,Ada\n")
    _, _, after = bring(lake, pets, 1, ["pets/a.csv"])
    lake.land("pets/b.csv", "id,name,age\n2,Bo,3\n")
    failed = lake.run("cleanse", after, 2, ["pets/b.csv"])
    lake.run("score", evolved(after, failed), 2, ["pets/b.csv"])  # and is not published
    lake.land("pets/c.csv", "id,name,age\n3,Cy,old\n")
    cleansed, _, _ = bring(lake, after, 3, ["pets/c.csv"])
    assert [(c["name"], c["type"]) for c in cleansed["evolved"]] == [("age", "string")]
    assert silver(lake, spark, "age") == [(1, None), (3, "old")]


@pytest.mark.parametrize(
    ("arrival", "content"),
    [
        ({"format": "jsonl"}, b'{"id": 1, "name": "Ada", "Age.Years": 3}\n{"id": 2, "name": "Bo", "tags": ["a"]}\n'),
        ({"format": "json"}, b'[{"id": 1, "name": "Ada", "Age.Years": 3}, {"id": 2, "name": "Bo", "tags": ["a"]}]'),
        (
            {"format": "xml", "xml": {"records": "pets.pet"}},
            b"<pets><pet><id>1</id><name>Ada</name><Age.Years>3</Age.Years></pet>"
            b'<pet><id>2</id><name>Bo</name><tags>["a"]</tags></pet></pets>',
        ),
        (
            {"format": "access-log", "access_log": {"layout": "w3c"}},
            b'#Fields: id name Age.Years\n1 Ada 3\n#Fields: id name tags\n2 Bo ["a"]\n',
        ),
        ({"format": "parquet"}, None),
        ({"format": "avro"}, "container"),
        ({"format": "excel"}, "workbook"),
    ],
)
def test_every_format_that_names_columns_brings_new_ones(lake, spark, pets, arrival, content):
    rows = [
        {"id": 1, "name": "Ada", "Age.Years": 3, "tags": None},
        {"id": 2, "name": "Bo", "Age.Years": None, "tags": '["a"]'},
    ]
    if content is None:
        sink = io.BytesIO()
        parquet.write_table(pa.Table.from_pylist(rows), sink)
        content = sink.getvalue()
    elif content == "container":
        kinds = {"id": "int", "name": "string", "Age.Years": ["null", "int"], "tags": ["null", "string"]}
        fields = [{"name": name, "type": kind} for name, kind in kinds.items()]
        sink = io.BytesIO()
        fastavro.writer(sink, {"type": "record", "name": "Pet", "fields": fields}, rows)
        content = sink.getvalue()
    elif content == "workbook":
        book, sink = Workbook(), io.BytesIO()
        for line in [list(rows[0]), *(list(row.values()) for row in rows)]:
            book.active.append(line)
        book.save(sink)
        content = sink.getvalue()
    pets["arrival"] = {"path": "pets/*", **arrival}
    lake.land("pets/a", content)
    cleansed, _, after = bring(lake, pets, 1, ["pets/a"])
    assert [(c["name"], c["type"]) for c in cleansed["evolved"]] == [("age_years", "bigint"), ("tags", "string")]
    assert silver(lake, spark, "age_years", "tags") == [(1, 3, None), (2, None, '["a"]')]
    cleansed, _, _ = bring(lake, after, 2, ["pets/a"])
    assert (cleansed["drift"], cleansed["totals"]["loaded"]) == ([], 2)


def test_what_stands_beside_the_columns_of_a_nested_object_is_a_column_by_its_path(lake, spark, pets):
    pets["arrival"] = {"path": "pets/*", "format": "jsonl", "json": {"explode": ["pets"]}}
    pets["columns"][0]["source"], pets["columns"][1]["source"] = "pets.id", "pets.tag.name"
    line = {"town": {"name": "Ulm"}, "pets": [{"id": 1, "tag": {"name": "Ada", "no": 7}}, {"id": 2, "age": 3}]}
    lake.land("pets/a", json.dumps(line))
    cleansed, _, after = bring(lake, pets, 1, ["pets/a"])
    assert [(c["name"], c["source"], c["type"]) for c in cleansed["evolved"]] == [
        ("pets_age", "pets.age", "bigint"),
        ("pets_tag_no", "pets.tag.no", "bigint"),
        ("town", "town", "string"),
    ]
    rows = [(1, "Ada", 7, None, '{"name": "Ulm"}'), (2, None, None, 3, '{"name": "Ulm"}')]
    assert silver(lake, spark, "name", "pets_tag_no", "pets_age", "town") == rows
    assert lake.run("cleanse", after, 2, ["pets/a"])["drift"] == []


def test_new_columns_that_are_ignored_are_told_by_name(lake, pets):
    pets["drift"] = {}
    lake.land("pets/a.csv", "id,name,age,colour\n1,Ada,3,\n2,Bo,4,\n")
    result = lake.run("cleanse", pets, 1, ["pets/a.csv"])
    assert result["evolved"] == []
    assert [(d["kind"], d["source"], d["action"], d["rows"]) for d in result["drift"]] == [
        ("new-column", "age", "ignored", 2)
    ]


def test_a_file_is_rejected_with_the_names_of_its_new_columns_where_the_contract_says_so(lake, pets):
    pets["drift"] = {"new_columns": "reject"}
    lake.land("pets/a.csv", "id,name\n1,Ada\n")
    lake.land("pets/b.csv", "id,name,colour,age\n2,Bo,red,3\n")
    result = lake.run("cleanse", pets, 1, ["pets/a.csv", "pets/b.csv"])
    assert [(d["source"], d["action"]) for d in result["drift"]] == [("age", "rejected"), ("colour", "rejected")]
    good, bad = result["files"]
    assert (good["loaded"], bad["loaded"]) == (1, 0)
    assert bad["rejected"].startswith("pets/b.csv has the columns age, colour, which the contract does not know")


def test_a_dataset_takes_in_only_so_many_columns(lake, pets, monkeypatch):
    monkeypatch.setattr("landfall_jobs.drift.MOST_EVOLVED", 2)
    pets["arrival"] = {"path": "pets/*", "format": "jsonl"}
    lake.land("pets/a", json.dumps({"id": 1, "name": "Ada", "a": 1, "b": 2, "c": 3}))
    result = lake.run("cleanse", pets, 1, ["pets/a"])
    assert [c["name"] for c in result["evolved"]] == ["a", "b"]
    assert [(d["source"], d["action"]) for d in result["drift"]] == [
        ("a", "evolved"),
        ("b", "evolved"),
        ("c", "ignored"),
    ]


def test_a_column_that_a_file_lacks_is_null_where_the_contract_says_so_and_that_is_told(lake, spark, pets):
    lake.land("pets/a.csv", "id\n1\n")
    assert "lacks the column name" in lake.run("cleanse", pets, 1, ["pets/a.csv"])["files"][0]["rejected"]
    pets["drift"] = {"missing_columns": "ignore"}
    result = lake.run("cleanse", pets, 2, ["pets/a.csv"])
    assert (result["totals"]["loaded"], result["drift"]) == (
        1,
        [
            {
                "kind": "missing-column",
                "source": "name",
                "action": "ignored",
                "column": "name",
                "files": 1,
                "file": "pets/a.csv",
                "examples": [],
            }
        ],
    )


NAMES = "id,name\n" + "".join(f"{letter},{letter}\n" for letter in "abc") + "4,Di\n"


def test_a_column_most_of_whose_values_in_a_file_do_not_fit_has_changed_its_type(lake, pets):
    lake.land("pets/a.csv", NAMES)
    lake.land("pets/b.csv", "id,name\n1,Ada\n2,Bo\nx,Cy\n")
    result = lake.run("cleanse", pets, 1, ["pets/a.csv", "pets/b.csv"])
    assert result["totals"]["quarantined"] == 4
    (told,) = result["drift"]
    assert {name: told[name] for name in ("kind", "column", "action", "type", "rows", "files", "file")} == {
        **{"kind": "changed-type", "column": "id", "action": "quarantined", "type": "string", "rows": 3},
        **{"files": 1, "file": "pets/a.csv"},
    }
    assert sorted(told["examples"]) == ["a", "b", "c"]


def test_a_file_is_rejected_whose_column_has_changed_its_type_where_the_contract_says_so(lake, pets):
    pets["drift"] = {"changed_types": "reject"}
    lake.land("pets/a.csv", NAMES)
    lake.land("pets/b.csv", "id,name\n1,Ada\n2,Bo\nx,Cy\n")
    result = lake.run("cleanse", pets, 1, ["pets/a.csv", "pets/b.csv"])
    assert (result["totals"]["read"], result["totals"]["loaded"]) == (3, 2)
    (reason,) = [file["rejected"] for file in result["files"] if "rejected" in file]
    assert reason.startswith("pets/a.csv: id holds string now, such as '")
    assert [told["action"] for told in result["drift"]] == ["rejected"]


def test_a_column_that_the_author_adds_or_gives_another_type_reaches_the_tables_that_are_there(lake, spark, pets):
    pets["drift"] = {}
    lake.land("pets/a.csv", "id,name,age\n1,Ada,3\n")
    bring(lake, pets, 1, ["pets/a.csv"])
    pets["columns"] = [{"name": "id", "type": "bigint", "nullable": False}, {"name": "age", "type": "int"}]
    lake.land("pets/b.csv", "id,age\n3000000000,4\n")
    lake.run("rescore", pets, 2, [])
    bring(lake, pets, 3, ["pets/b.csv"])
    assert silver(lake, spark, "age") == [(1, None), (3000000000, 4)]
    pets["columns"][0]["type"] = "int"
    lake.land("pets/c.csv", "id,age\n5,6\n")
    with pytest.raises(JobError, match=r"1 rows of .* have a value of id that is no int, as the contract has it now"):
        bring(lake, pets, 4, ["pets/c.csv"])


def test_whatever_a_value_is_taken_for_the_engine_takes_it_for_too(spark):
    texts = [
        *("0", "-0", "+7", "9223372036854775807", "-9223372036854775808", "12e", "1e3", "-.5", "5.", ".", "1e308"),
        *("true", "False", "T", "yes", "NaN", "inf", "0x1F", "1_000", "1,000", "٣", " 1", "1 ", "-", "--1", "1e-320"),
        *("0001-01-01", "9999-12-31", "2020-2-1", "20200201", "2020-W01-1", "2021-02-29", "2020-02-01T"),
        *(
            "2020-02-01T24:00:00",
            "2020-02-01T23:59:59.123456+0530",
            "2020-02-01 00:00:00-12:00",
            "0001-01-01T00:00:00Z",
        ),
        *("2020-02-01T10:00:00.1234567Z", "2020-02-01t10:00:00Z", "9999-12-31T23:59:59Z", "2020-06-30T23:59:60Z"),
    ]
    taken = {}
    for text in texts:
        column = ExtraColumn()
        column.add(text)
        taken.setdefault(column.type, []).append(text)
    assert set(taken) == {"boolean", "bigint", "double", "date", "timestamp", "string"}
    for kind in set(taken) - {"string"}:
        rows = spark.createDataFrame([(text,) for text in taken[kind]], "t string")
        fits = F.col("t").rlike(FORMS[kind]) & F.col("t").try_cast(kind).isNotNull()
        assert [text for (text,) in rows.where(~F.coalesce(fits, F.lit(False))).collect()] == [], kind


@pytest.mark.parametrize("later", ["upsert", "history"])
def test_rows_from_before_a_column_came_and_after_it_stand_beside_each_other(lake, spark, pets, later):
    pets["columns"] = [*pets["columns"][:2], {"name": "since", "type": "date"}]
    pets["identity"] = {"key": ["id"], "event_time": "since", "on_later_version": later}
    lake.land("pets/a.csv", "id,name,since\n1,Ada,2025-01-01\n2,Bo,2025-01-01\n")
    _, _, after = bring(lake, pets, 1, ["pets/a.csv"])
    lake.land("pets/b.csv", "id,name,since,age\n1,Ada,2025-02-01,3\n2,Bo,2025-01-01,\n")
    cleansed, _, after = bring(lake, after, 2, ["pets/b.csv"])
    # In a history the last of two rows that say the same counts, else the first.
    assert cleansed["totals"]["loaded"] == (2 if later == "history" else 1)
    versions = [(1, "Ada", None), (1, "Ada", 3), (2, "Bo", None)]
    kept = versions if later == "history" else versions[1:]
    assert silver(lake, spark, "name", "age") == sorted(kept, key=repr)
    # The file that won is landed again without its first row: what had lost to it counts again.
    lake.land("pets/b.csv", "id,name,since,age\n3,Cy,2025-01-01,9\n")
    bring(lake, after, 3, ["pets/b.csv"])
    assert silver(lake, spark, "name", "age") == [(1, "Ada", None), (2, "Bo", None), (3, "Cy", 9)]


def test_what_a_column_that_came_with_files_cannot_hold_goes_to_one_beside_it(lake, spark, pets):
    lake.land("pets/a.csv", "id,name,age,born\n1,Ada,3,2020-01-02\n2,Bo,4,\n")
    _, _, after = bring(lake, pets, 1, ["pets/a.csv"])
    lake.land("pets/b.csv", "id,name,age,born\n3,Cy,2.50,2021-01-01\n4,Di,old,?\nx,Ed,older,\n5,Flo,6,\n")
    cleansed, _, after = bring(lake, after, 2, ["pets/b.csv"])
    assert [(c["name"], c["type"], c["source"], c["evolved"]) for c in cleansed["evolved"]] == [
        ("age", "bigint", "age", "pets-00000001"),
        ("born", "date", "born", "pets-00000001"),
        ("age_text", "string", "age", "pets-00000002"),
        ("born_text", "string", "born", "pets-00000002"),
    ]
    assert [(d["kind"], d["source"], d["action"], d["column"], d["rows"]) for d in cleansed["drift"]] == [
        ("changed-type", "age", "evolved", "age_text", 2),
        ("changed-type", "born", "evolved", "born_text", 1),
    ]
    assert sorted(cleansed["drift"][0]["examples"]) == ["2.50", "old", "older"]
    # What is wrong by the contract's own columns stays so.
    assert (cleansed["totals"]["loaded"], cleansed["totals"]["quarantined"]) == (3, 1)
    rows = [
        *((1, 3, None, date(2020, 1, 2), None), (2, 4, None, None, None)),
        *((3, None, "2.50", date(2021, 1, 1), None), (4, None, "old", None, "?"), (5, 6, None, None, None)),
    ]
    assert silver(lake, spark, "age", "age_text", "born", "born_text") == rows
    # From now on that is no news, and rows that were there are the same rows.
    lake.land("pets/c.csv", "id,name,age,born\n1,Ada,3,2020-01-02\n4,Di,old,?\n6,Gus,1e3,\n")
    cleansed, _, _ = bring(lake, after, 3, ["pets/c.csv"])
    assert (cleansed["drift"], cleansed["totals"]["duplicates"], cleansed["totals"]["loaded"]) == ([], 2, 1)


@pytest.mark.parametrize("drift", [{"new_columns": "ignore"}, {"new_columns": "evolve", "changed_types": "reject"}])
def test_a_row_is_refused_for_such_a_value_where_the_contract_takes_in_nothing_more(lake, pets, drift):
    lake.land("pets/a.csv", "id,name,age\n1,Ada,3\n")
    _, _, after = bring(lake, pets, 1, ["pets/a.csv"])
    lake.land("pets/b.csv", "id,name,age\n3,Cy,old\n4,Di,5\n5,Ed,6\n")
    cleansed = lake.run("cleanse", {**after, "drift": drift}, 2, ["pets/b.csv"])
    assert (cleansed["totals"]["loaded"], cleansed["totals"]["quarantined"], len(cleansed["evolved"])) == (2, 1, 1)
