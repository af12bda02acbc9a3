import gzip

import pytest
from landfall_jobs import contested, storage, tables
from landfall_jobs.errors import JobError

HEADER = "id,remark,price,paid,day,at\n"
GOOD = "1,pen,2.5,true,2026-01-31,2026-01-31T10:00:00Z\n"


def loaded(spark, result):
    rows = spark.read.parquet(result["staged"]).collect()
    return sorted(rows, key=lambda r: (r["_file"], r["_line"]))


def counts(result):
    return tuple(result["totals"][k] for k in ("read", "loaded", "quarantined", "duplicates", "superseded"))


def test_a_good_row_is_typed_derived_and_traceable(lake, orders, spark):
    lake.land("orders/a.csv", HEADER + GOOD + "2,,,,,\n")
    result = lake.run("cleanse", orders, 1, ["orders/a.csv"])
    first, second = loaded(spark, result)
    assert (first["id"], first["note"], first["price"], first["paid"], first["twice"]) == (1, "pen", 2.5, True, 5.0)
    assert (str(first["day"]), first["at"].isoformat()) == ("2026-01-31", "2026-01-31T10:00:00")
    assert (first["_file"], first["_line"], first["_batch"]) == ("orders/a.csv", 2, "orders-00000001")
    assert [second[name] for name in ("note", "price", "paid", "day", "at", "twice")] == [None] * 6
    assert counts(result) == (2, 2, 0, 0, 0)
    assert result["warnings"] == [{"rule": "has-note", "rows": 1}]
    assert result["quarantine"] is None


@pytest.mark.parametrize(
    ("line", "rule", "message"),
    [
        ("5.5,a,1,true,,", "type", "id: '5.5' is not an int"),
        (" ,a,1,true,,", "type", "id: ' ' is not an int"),
        (" 5,a,1,true,,", "type", "id: ' 5' is not an int"),
        ("99999999999,a,1,true,,", "type", "id: '99999999999' is not an int"),
        ("5,a,1e999x,true,,", "type", "price: '1e999x' is not a number"),
        ("5,a,NaN,true,,", "type", "price: 'NaN' is not a number"),
        ("5,a,1,maybe,,", "type", "paid: 'maybe' is not true or false"),
        ("5,a,1,true,2026-02-30,", "type", "day: '2026-02-30' is not a date"),
        ("5,a,1,true,2026,", "type", "day: '2026' is not a date"),
        ("5,a,1,true,,yesterday", "type", "at: 'yesterday' is not a timestamp"),
        ("5,a,1,true,,2026-13-01T00:00:00Z", "type", "at: '2026-13-01T00:00:00Z' is not a timestamp"),
        (",a,1,true,,", "not-null", "id: a value is required"),
        ("5,thirteen char,1,true,,", "length", "note: 'thirteen char' is longer than 12 characters"),
        ("5,a,-1,true,,", "price-positive", "A price is above zero, but here price = '-1'"),
        ("5,a,1", "fields", "the line has 3 fields, the header 6"),
        ("5,a,1,true,,,,", "fields", "the line has 8 fields, the header 6"),
    ],
)
def test_a_bad_row_is_quarantined_with_the_rule_a_message_and_its_exact_text(lake, orders, line, rule, message):
    lake.land("orders/a.csv", HEADER + GOOD + line + "\n")
    result = lake.run("cleanse", orders, 1, ["orders/a.csv"])
    (reject,) = lake.rejects(result)
    assert reject["message"].startswith(message)
    assert {k: reject[k] for k in ("dataset", "batch", "file", "etag", "line", "rule", "raw", "contract_version")} == {
        "dataset": "orders",
        "batch": "orders-00000001",
        "file": "orders/a.csv",
        "etag": "0x1",
        "line": 3,
        "rule": rule,
        "raw": line,
        "contract_version": "a1b2c3d4e5f6",
    }
    assert counts(result) == (2, 1, 1, 0, 0)
    assert result["files"][0]["reasons"] == [{"rule": rule, "rows": 1, "example": reject["message"]}]


def test_a_row_that_breaks_several_rules_names_them_all_and_the_first_apart(lake, orders):
    lake.land("orders/a.csv", HEADER + "x,thirteen char,1,true,,\n")
    (reject,) = lake.rejects(lake.run("cleanse", orders, 1, ["orders/a.csv"]))
    assert (reject["rule"], reject["rules"]) == ("type", ["type", "length"])


def test_a_rule_about_a_derived_column_tells_the_values_that_it_is_derived_of(lake, orders):
    orders["rules"].append(
        {"name": "cheap", "expression": "twice < 100", "outcome": "quarantine", "description": "Twice is little"}
    )
    lake.land("orders/a.csv", HEADER + "1,a,70,,,\n")
    (reject,) = lake.rejects(lake.run("cleanse", orders, 1, ["orders/a.csv"]))
    assert reject["message"] == "Twice is little, but here price = '70'"


def test_dirt_of_every_kind_in_one_file_is_accounted_for_line_by_line(lake, orders):
    lines = [
        b"\xef\xbb\xbfid,remark,price,paid,day,at",
        b'1,"a\r\nb",1,true,,',  # lines 2 and 3
        b"",
        b"2,caf\xe9,1,true,,",
        b'3,"open,1,true,,',
        b"4,x,1,true",
        b"5,,abc,,,",
        b"6,fine,1,,,",
        b"6,fine,1,,,",
        b"6,other,1,,,",
    ]
    lake.land("orders/a.csv", b"\r\n".join(lines) + b"\r\n")
    result = lake.run("cleanse", orders, 1, ["orders/a.csv"])
    assert counts(result) == (8, 2, 4, 0, 2)
    assert [(r["line"], r["rule"], r["raw"]) for r in lake.rejects(result)] == [
        (5, "encoding", "2,caf\\xe9,1,true,,"),
        (6, "fields", '3,"open,1,true,,'),
        (7, "fields", "4,x,1,true"),
        (8, "type", "5,,abc,,,"),
    ]


def test_equal_rows_are_duplicates_and_other_contents_are_superseded_by_the_last(lake, orders, spark):
    lake.land("orders/a.csv", HEADER + "1,old,1,,,\n1,new,1,,,\n1,new,1,,,\n2,one,1,,,\n")
    result = lake.run("cleanse", orders, 1, ["orders/a.csv"])
    assert counts(result) == (4, 2, 0, 1, 1)
    assert [(r["id"], r["note"], r["_line"]) for r in loaded(spark, result)] == [(1, "new", 4), (2, "one", 5)]


def test_contents_that_differ_only_in_which_field_is_empty_are_not_taken_for_equal(lake, orders):
    orders["columns"][1]["type"] = "double"
    del orders["columns"][1]["length"]
    lake.land("orders/a.csv", HEADER + "1,7,,,,\n1,,7,,,\n")
    assert counts(lake.run("cleanse", orders, 1, ["orders/a.csv"])) == (2, 1, 0, 0, 1)


def test_rows_are_compared_with_those_that_other_files_brought_before(lake, orders, spark):
    lake.land("orders/a.csv", HEADER + "1,same,1,,,\n2,old,1,,,\n")
    lake.bring(orders, 1, ["orders/a.csv"])
    lake.land("orders/b.csv", HEADER + "1,same,1,,,\n2,new,1,,,\n3,more,1,,,\n")
    result, _ = lake.bring(orders, 2, ["orders/b.csv"])
    assert counts(result) == (3, 2, 0, 1, 0)
    silver = {r["id"]: (r["note"], r["_file"]) for r in tables.read(spark, lake.silver("orders")).collect()}
    assert silver == {1: ("same", "orders/a.csv"), 2: ("new", "orders/b.csv"), 3: ("more", "orders/b.csv")}


def test_keys_are_found_in_parts_as_they_are_at_once(lake, orders, monkeypatch):
    """A large batch on one machine: no more than a part of its keys is held in memory."""
    monkeypatch.setattr(contested, "key_parts", lambda context: 3)
    rows = "".join(f"{i},{note},1,,,\n" for note in ("old", "new", "new") for i in range(20, 40))
    lake.land("orders/a.csv", HEADER + rows + "50,x,1,,,\n")
    first, _ = lake.bring(orders, 1, ["orders/a.csv"])
    assert counts(first) == (61, 21, 0, 20, 20)
    lake.land("orders/b.csv", HEADER + "20,new,1,,,\n21,newer,1,,,\n60,y,1,,,\n")
    second, _ = lake.bring(orders, 2, ["orders/b.csv"])
    assert counts(second) == (3, 2, 0, 1, 0)
    assert counts(lake.run("cleanse", orders, 3, [])) == (0, 0, 0, 0, 0)


def landed(path, at, sequencer="00"):
    return {"path": path, "etag": "0x1", "sequencer": sequencer, "landed_at": at}


@pytest.mark.parametrize(
    ("a_landed_at", "b_landed_at", "winner"),
    [
        ("2026-01-01T00:00:02Z", "2026-01-01T00:00:01Z", "a"),
        ("2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z", "b"),
        ("2026-01-01T00:00:01.5000000Z", "2026-01-01T00:00:01Z", "a"),
        ("2026-01-01T00:00:01Z", "2026-01-01T00:00:00.9999999Z", "a"),
        ("2026-01-01T00:00:01Z", "2026-01-01T00:00:01.000Z", "b"),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_of_two_files_the_one_that_landed_last_wins_whatever_their_sequencers(
    lake, orders, spark, a_landed_at, b_landed_at, winner, together
):
    """Event Grid orders the versions of one blob only; at the same instant the path decides."""
    lake.land("orders/a.csv", HEADER + "1,a,1,,,\n")
    lake.land("orders/b.csv", HEADER + "1,b,1,,,\n")
    a, b = landed("orders/a.csv", a_landed_at, "ff"), landed("orders/b.csv", b_landed_at, "01")
    if together:
        cleansed, _ = lake.bring(orders, 1, [a, b])
        assert counts(cleansed) == (2, 1, 0, 0, 1)
    else:
        lake.bring(orders, 1, [b])
        cleansed, _ = lake.bring(orders, 2, [a])
        assert counts(cleansed) == ((1, 1, 0, 0, 0) if winner == "a" else (1, 0, 0, 0, 1))
    (row,) = tables.read(spark, lake.silver("orders")).collect()
    assert (row["note"], row["_landed_at"]) == (winner, a_landed_at if winner == "a" else b_landed_at)


def test_a_new_version_of_a_file_is_not_compared_with_its_earlier_one(lake, orders, spark):
    lake.land("orders/a.csv", HEADER + "1,x,1,,,\n2,y,1,,,\n")
    lake.bring(orders, 1, ["orders/a.csv"])
    lake.land("orders/a.csv", HEADER + "1,x,1,,,\n")
    result, scored = lake.bring(orders, 2, ["orders/a.csv"])
    assert counts(result) == (1, 1, 0, 0, 0)
    assert scored["removed_files"] == ["orders/a.csv"]
    assert [(r["id"], r["_batch"]) for r in tables.read(spark, lake.silver("orders")).collect()] == [
        (1, "orders-00000002")
    ]


def test_of_two_versions_of_a_path_in_one_batch_only_the_newest_is_read(lake, orders):
    lake.land("orders/a.csv", HEADER + GOOD)
    versions = [
        {"path": "orders/a.csv", "etag": "0xA", "sequencer": "01", "landed_at": "2026-01-01T00:00:01Z"},
        {"path": "orders/a.csv", "etag": "0xB", "sequencer": "02", "landed_at": "2026-01-01T00:00:02Z"},
    ]
    result = lake.run("cleanse", orders, 1, versions)
    assert [(f["etag"], f["read"], f["loaded"]) for f in result["files"]] == [("0xB", 1, 1), ("0xA", 0, 0)]


def test_a_broken_fail_rule_fails_the_job_by_name_and_is_written_to_the_result(lake, orders):
    lake.land("orders/a.csv", HEADER + "13,a,1,,,\n")
    with pytest.raises(JobError, match=r"not-13 \(1 rows\)"):
        lake.run("cleanse", orders, 1, ["orders/a.csv"])
    result = storage.read_json(storage.join(lake.root, "runs", "orders-00000001", "cleanse-1", "result.json"))
    assert result["status"] == "failed"
    assert "not-13" in result["error"]


def test_a_file_that_cannot_be_read_is_rejected_with_the_reason_and_the_others_go_on(lake, orders, spark):
    lake.land("orders/a.csv", "id,price\n1,2\n")
    lake.land("orders/b.csv", HEADER + GOOD)
    lake.land("orders/c.csv.gz", gzip.compress((HEADER + GOOD * 9999).encode())[:-20])
    result, _ = lake.bring(orders, 1, ["orders/a.csv", "orders/b.csv", "orders/c.csv.gz"])
    books = {file["path"]: (file["read"], file["loaded"], file.get("rejected")) for file in result["files"]}
    assert books["orders/b.csv"] == (1, 1, None)
    assert books["orders/a.csv"][:2] == books["orders/c.csv.gz"][:2] == (0, 0)
    assert books["orders/a.csv"][2].startswith("orders/a.csv lacks the columns Remark, paid, day, at")
    assert "orders/c.csv.gz cannot be decompressed: Truncated" in books["orders/c.csv.gz"][2]
    bronze = tables.read(spark, storage.join(lake.root, "bronze", "orders"))
    assert [row[0] for row in bronze.select("_file").distinct().collect()] == ["orders/b.csv"]


def test_a_new_version_that_cannot_be_read_leaves_the_rows_of_the_one_before(lake, orders, spark):
    lake.land("orders/a.csv", HEADER + GOOD)
    lake.bring(orders, 1, ["orders/a.csv"])
    lake.land("orders/a.csv", "nothing like it\n")
    _, scored = lake.bring(orders, 2, ["orders/a.csv"])
    assert scored["removed_files"] == []
    assert tables.read(spark, lake.silver("orders")).count() == 1


def test_more_columns_than_a_number_has_bits_can_all_be_null(lake, orders, spark):
    names = [f"c{i}" for i in range(69)]
    orders["columns"] = [{"name": "id", "type": "int", "nullable": False}]
    orders["columns"] += [{"name": name, "type": "string"} for name in names]
    orders["rules"] = []
    first, last = ["", *["x"] * 68], [*["x"] * 68, ""]
    lines = [",".join(map(str, line)) for line in (["id", *names], [1, *first], [1, *last], [2, *last], [2, *last])]
    lake.land("orders/a.csv", "\n".join(lines) + "\n")
    result = lake.run("cleanse", orders, 1, ["orders/a.csv"])
    assert counts(result) == (4, 2, 0, 1, 1)
    assert [row["c68"] for row in loaded(spark, result)] == [None, None]


def test_rows_without_any_value_are_accounted_for_too(lake, orders):
    """Sail takes a column of nothing but null for a constant, and panics where it hashes constants alone."""
    lake.land("orders/a.csv", HEADER + ",,,,,\n" * 3)
    assert counts(lake.run("cleanse", orders, 1, ["orders/a.csv"])) == (3, 0, 3, 0, 0)


def test_several_files_keep_books_of_their_own(lake, orders):
    lake.land("orders/a.csv", HEADER + "1,a,1,,,\nx,a,1,,,\n")
    lake.land("orders/b.csv", HEADER + "1,a,1,,,\n2,b,-1,,,\n3,c,1,,,\n")
    lake.land("orders/none.csv", HEADER)
    result = lake.run("cleanse", orders, 1, ["orders/a.csv", "orders/b.csv", "orders/none.csv"])
    books = {f["path"]: (f["read"], f["loaded"], f["quarantined"], f["duplicates"]) for f in result["files"]}
    assert books == {"orders/a.csv": (2, 0, 1, 1), "orders/b.csv": (3, 2, 1, 0), "orders/none.csv": (0, 0, 0, 0)}
    assert len(lake.rejects(result)) == 2


def test_a_batch_of_which_nothing_is_good_goes_through(lake, orders, spark):
    lake.land("orders/a.csv", HEADER + "x,a,1,,,\n")
    result, scored = lake.bring(orders, 1, ["orders/a.csv"])
    assert counts(result) == (1, 0, 1, 0, 0)
    assert scored["rows"] == 0
    assert tables.read(spark, lake.silver("orders")).count() == 0


def test_bronze_keeps_every_line_as_it_landed(lake, orders, spark):
    lake.land("orders/a.csv", "id,remark,price,paid,day,at,colour\n x,a,1,true,,,red\nshort\n")
    lake.run("cleanse", orders, 1, ["orders/a.csv"])
    rows = tables.read(spark, storage.join(lake.root, "bronze", "orders")).orderBy("_line").collect()
    assert (rows[0]["id"], rows[0]["note"], rows[0]["_extra"]) == (" x", "a", '{"colour": "red"}')
    assert (rows[1]["_problem"], rows[1]["_raw"]) == ("fields", "short")


def test_thousands_of_rejects_are_all_written_each_once(lake, orders):
    for name in ("a", "b"):
        bad = "".join(f"{i},{name},{'x' if i % 2 else 1},,,\n" for i in range(20, 6020))
        lake.land(f"orders/{name}.csv", HEADER + bad)
    result = lake.run("cleanse", orders, 1, ["orders/a.csv", "orders/b.csv"])
    assert counts(result) == (12000, 3000, 6000, 0, 3000)
    lines = [(r["file"], r["line"]) for r in lake.rejects(result)]
    assert len(lines) == len(set(lines)) == 6000
    assert [len(f["reasons"]) for f in result["files"]] == [1, 1]
