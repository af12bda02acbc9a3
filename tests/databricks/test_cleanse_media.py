"""Media and workbooks through the whole job: what is accounted for, quarantined and loaded."""

import io
from datetime import datetime

from job_lake import load_contract
from landfall_jobs import storage
from media_files import document, image, photograph, recording
from openpyxl import Workbook
from PIL import Image


def test_each_file_is_a_row_and_a_bad_one_ends_in_quarantine_with_its_reason(lake, spark):
    files = {
        "media/2026/a.jpg": photograph(),
        "media/2026/copy of a.jpg": photograph(),
        "media/minutes 'final'.pdf": document("The board met."),
        "media/=cmd|'x'.wav": recording(seconds=3),
        "media/x.bin": bytes(range(256)) * 5000,
        "media/cut.png": image("PNG")[:-100],
        "media/secret.pdf": document("Secret", password="x"),
        "media/really-a-jpeg.png": image(),
        "media/empty.jpg": b"",
    }
    for path, content in files.items():
        lake.land(path, content)
    result, _ = lake.bring(load_contract("media"), 1, list(files))
    assert {book["path"]: (book["read"], book["loaded"], book["quarantined"]) for book in result["files"]} == {
        path: (1, 0, 1) if path.split("/")[-1].startswith(("cut", "secret", "really", "empty")) else (1, 1, 0)
        for path in files
    }
    assert {(reject["file"], reject["rule"]): reject["message"] for reject in lake.rejects(result)} == {
        ("media/cut.png", "damaged"): "the image cannot be decoded: image file is truncated",
        ("media/empty.jpg", "empty"): "the file is empty (0 bytes)",
        ("media/secret.pdf", "encrypted"): "the document opens with a password only",
        ("media/really-a-jpeg.png", "type-as-named"): (
            "A file is what its extension says, but here type = 'image/jpeg', type_by_name = 'image/png'"
        ),
    }
    rows = {row["path"]: row for row in spark.read.format("delta").load(lake.silver("media")).collect()}
    photo = rows["media/2026/a.jpg"]
    assert (photo["width"], photo["taken_at"], photo["latitude"]) == (64, datetime(2026, 1, 5, 8, 15), -33.8588611)
    assert rows["media/minutes 'final'.pdf"]["text"] == "The board met."
    assert rows["media/=cmd|'x'.wav"]["seconds"] == 3.0
    assert rows["media/x.bin"]["bytes"] == 1_280_000
    with Image.open(io.BytesIO(storage.read_bytes(storage.join(lake.root, photo["thumbnail"])))) as small:
        assert small.format == "JPEG"


def test_a_file_that_lands_again_replaces_its_row(lake, spark):
    contract = load_contract("media")
    lake.land("media/a.jpg", image(size=(10, 10)))
    lake.bring(contract, 1, ["media/a.jpg"])
    lake.land("media/a.jpg", image(size=(20, 10)))
    lake.bring(contract, 2, ["media/a.jpg"])
    (row,) = spark.read.format("delta").load(lake.silver("media")).collect()
    assert (row["width"], row["height"]) == (20, 10)


def test_rows_of_a_workbook_are_typed_judged_and_accounted_for(lake, orders, spark):
    contract = {**orders, "arrival": {"path": "orders/*.xlsx", "format": "excel"}}
    book = Workbook()
    for row in (
        ["id", "Remark", "price", "paid", "day", "at"],
        [1, "fine", 2.5, True, datetime(2026, 1, 5), datetime(2026, 1, 5)],
        [2, "free", -1, False, None, None],
        ["three", None, None, None, None, None],
        [4, "beyond", 1, True, None, None, "more"],
    ):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    lake.land("orders/a.xlsx", content.getvalue())
    result, _ = lake.bring(contract, 1, ["orders/a.xlsx"])
    assert [(reject["line"], reject["rule"], reject["message"]) for reject in lake.rejects(result)] == [
        (3, "price-positive", "A price is above zero, but here price = '-1'"),
        (4, "type", "id: 'three' is not an int"),
        (5, "fields", "the row has 7 cells, the header 6"),
    ]
    (row,) = spark.read.format("delta").load(lake.silver("orders")).collect()
    assert (row["id"], row["twice"], row["paid"], str(row["day"]), row["at"], row["_line"]) == (
        *(1, 5.0, True, "2026-01-05", datetime(2026, 1, 5), 2),
    )


def test_a_workbook_that_is_none_is_rejected_and_the_file_beside_it_is_taken(lake, orders):
    contract = {**orders, "arrival": {"path": "orders/*.xlsx", "format": "excel"}}
    book = Workbook()
    book.active.append(["id", "Remark", "price", "paid", "day", "at"])
    book.active.append([1, "fine", 2.5, True, None, None])
    content = io.BytesIO()
    book.save(content)
    lake.land("orders/a.xlsx", content.getvalue())
    lake.land("orders/b.xlsx", content.getvalue()[:-50])
    result, _ = lake.bring(contract, 1, ["orders/a.xlsx", "orders/b.xlsx"])
    books = {book["path"]: book for book in result["files"]}
    assert books["orders/a.xlsx"]["loaded"] == 1
    assert "orders/b.xlsx is no Excel workbook (.xlsx), or a damaged one" in books["orders/b.xlsx"]["rejected"]
