import hashlib
import io
import json
from pathlib import Path

import pytest
from landfall_jobs.formats.format import Place, Source
from landfall_jobs.formats.media_format import MediaFormat
from landfall_jobs.media.facts import FACTS
from landfall_jobs.media.file_type import TYPES, type_of, type_of_name
from landfall_jobs.media.inspect_file import inspect_file
from media_files import document, image, photograph, recording
from PIL import Image
from pypdf import apply_configuration

COLUMNS = tuple((name, name) for name in FACTS)


@pytest.fixture
def look(tmp_path):
    def look(content, name="file.jpg", thumbnail=32, characters=1000):
        (tmp_path / "file").write_bytes(content)
        return inspect_file(Source(str(tmp_path / "file"), f"media/{name}"), thumbnail, characters)

    return look


def test_size_hash_and_type_of_any_file_are_told(look):
    content = b"\x00\x01\x02" * 50_000
    found = look(content, "a/b.bin")
    assert {name: value for name, value in found.facts.items() if value is not None} == {
        "path": "media/a/b.bin",
        "name": "b.bin",
        "bytes": "150000",
        "sha256": hashlib.sha256(content).hexdigest(),
        "type": "application/octet-stream",
        "kind": "other",
    }


def test_a_photograph_tells_size_time_camera_and_place(look):
    facts = look(photograph()).facts
    assert {name: facts[name] for name in ("type", "kind", "width", "height", "orientation")} == {
        "type": "image/jpeg",
        "kind": "image",
        "width": "64",
        "height": "48",
        "orientation": "6",
    }
    assert (facts["taken_at"], facts["camera_make"], facts["camera_model"]) == (
        "2026-01-05T10:15:00+02:00",
        "Landfall",
        "One",
    )
    assert (facts["latitude"], facts["longitude"]) == ("-33.8588611", "151.2000000")


@pytest.mark.parametrize(
    ("photo", "fact"),
    [
        (photograph(taken="0000:00:00 00:00:00"), "taken_at"),
        (photograph(taken="    :  :     :  :  "), "taken_at"),
        (photograph(taken="2026:13:45 10:00:00"), "taken_at"),
        (photograph(latitude=(95.0, 0.0, 0.0)), "latitude"),
        (photograph(orientation=77), "orientation"),
    ],
)
def test_what_a_camera_wrote_wrongly_is_left_out(look, photo, fact):
    found = look(photo)
    assert (found.fault, found.facts[fact], found.facts["width"]) == (None, None, "64")


NONSENSE = [b"garbage", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff" + b"\x01" * 50]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("nonsense", NONSENSE, ids=["no TIFF", "beyond the end", "entries without end"])
def test_an_image_is_good_though_its_exif_is_nonsense(look, nonsense):
    content, exif = image(), b"Exif\0\0" + nonsense
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif
    found = look(content[:2] + segment + content[2:])
    assert (found.fault, found.facts["width"], bool(found.thumbnail)) == (None, "64", True)


def test_a_time_without_an_offset_comes_without_one(look):
    assert look(photograph(offset="")).facts["taken_at"] == "2026-01-05T10:15:00"


def test_a_thumbnail_is_upright_and_no_larger_than_wanted(look):
    with Image.open(io.BytesIO(look(photograph(orientation=6)).thumbnail)) as small:
        assert (small.format, small.size) == ("JPEG", (24, 32))
    for orientation, size in [(1, (32, 24)), (3, (32, 24)), (5, (24, 32)), (8, (24, 32))]:
        with Image.open(io.BytesIO(look(photograph(orientation=orientation)).thumbnail)) as small:
            assert small.size == size
    clear = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(clear, "PNG")
    with Image.open(io.BytesIO(look(clear.getvalue()).thumbnail)) as small:
        assert small.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"])
def test_an_image_of_each_format_is_read_and_one_that_was_cut_off_is_damaged(look, format):
    content = image(format, (200, 100))
    whole, cut = look(content), look(content[: len(content) * 2 // 3])
    assert (whole.fault, whole.facts["width"], whole.facts["type"]) == (None, "200", f"image/{format.lower()}")
    assert (cut.fault.problem, cut.facts["bytes"]) == ("damaged", str(len(content) * 2 // 3))
    assert "object at 0x" not in str(cut.fault)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(10_000, 9_000), (30_000, 30_000)])
def test_a_decompression_bomb_is_not_decoded(look, size):
    target = io.BytesIO()
    Image.new("1", size).save(target, "PNG")
    fault = look(target.getvalue()).fault
    assert (fault.problem, "at most 89,478,485 are decoded" in str(fault)) == ("too-large", True)


def test_a_document_tells_pages_title_and_its_text_as_far_as_it_is_wanted(look):
    content = document("First page", "Second page", "Third")
    facts = look(content, "a.pdf").facts
    assert {name: facts[name] for name in ("type", "kind", "pages", "title", "author", "text")} == {
        "type": "application/pdf",
        "kind": "document",
        "pages": "3",
        "title": "A title",
        "author": "Ann",
        "text": "First page\n\nSecond page\n\nThird",
    }
    assert look(content, "a.pdf", characters=13).facts["text"] == "First page\n\nS"


def test_a_document_that_needs_a_password_is_encrypted_and_one_that_needs_none_is_read(look):
    fault = look(document("Secret", password="x"), "a.pdf").fault
    assert (fault.problem, str(fault)) == ("encrypted", "the document opens with a password only")
    assert look(document("Open", password=""), "a.pdf").facts["text"] == "Open"


@pytest.mark.parametrize(
    "content",
    [
        document("One", "Two")[:-200],
        b"%PDF-1.7 nothing else",
        b"%PDF-1.7\nnonsense\nstartxref\n99999\n%%EOF",
        document("One").replace(b"/Pages", b"/Pigeo"),
    ],
)
def test_a_document_that_is_cut_off_or_nonsense_is_damaged(look, content):
    assert look(content, "a.pdf").fault.problem == "damaged"


def test_a_document_that_unpacks_to_far_more_than_its_size_is_too_large(look):
    with apply_configuration(zlib_maximum_output_length=10_000):
        fault = look(document("x" * 20_000, packed=True), "a.pdf").fault
    assert (fault.problem, "unpacks to more than is read" in str(fault)) == ("too-large", True)


def test_a_recording_tells_length_and_rate_and_one_that_was_cut_off_is_damaged(look):
    content = recording(seconds=2)
    facts = look(content, "a.wav").facts
    assert {name: facts[name] for name in ("kind", "seconds", "bitrate_kbps", "sample_rate_hz", "channels")} == {
        "kind": "audio",
        "seconds": "2.000",
        "bitrate_kbps": "128.0",
        "sample_rate_hz": "8000",
        "channels": "1",
    }
    for cut in (content[:-100], content[:44], content[:6]):
        assert look(cut, "a.wav").fault is None or look(cut, "a.wav").fault.problem == "damaged"
    assert str(look(content[:-100], "a.wav").fault) == (
        "the recording should have 32,044 bytes and has 31,944: was it cut off?"
    )


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind.kind != "other"], ids=lambda kind: kind.name)
def test_what_only_begins_like_a_file_of_its_type_is_damaged(look, kind):
    beginnings = {
        "image/jpeg": b"\xff\xd8\xff",
        "image/png": b"\x89PNG\r\n\x1a\n",
        "image/gif": b"GIF89a",
        "image/webp": b"RIFF\x00\x10\x00\x00WEBP",
        "image/tiff": b"II*\0",
        "image/bmp": b"BM\0\0\1\0\0\0\0\0",
        "image/avif": b"\0\0\0\x1cftypavif",
        "application/pdf": b"%PDF-1.7",
        "audio/wav": b"RIFF\xff\xff\xff\xffWAVE",
        "audio/flac": b"fLaC\0\0\0\x22",
        "audio/ogg": b"OggS" + b"\0" * 24 + b"\x01vorbis",
        "audio/mp4": b"\0\0\0\x20ftypM4A ",
        "audio/aiff": b"FORM\0\0\1\0AIFF",
        "audio/mpeg": b"ID3\x04\0\0\0\0\0\0",
    }
    begins = beginnings[kind.name]
    for rest in (b"", b"\0" * 300):
        found = look(begins + rest, "file")
        assert (found.facts["type"], found.fault and found.fault.problem) == (kind.name, "damaged")


def test_an_empty_file_is_told_so(look):
    assert look(b"").fault.problem == "empty"


def test_types_are_told_by_content_not_by_name():
    assert type_of(b"\x89PNG\r\n\x1a\n") == "image/png"
    assert type_of("Grüße".encode()) == "text/plain"
    assert type_of("Grüße".encode("utf-16")) == "application/octet-stream"
    assert type_of(b"PK\x03\x04" + b"\0" * 22 + b"\x0a\0\0\0word/x.xml") == (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    )
    mimetype = b"PK\x03\x04" + b"\0" * 22 + b"\x08\0\0\0mimetypeapplication/vnd.oasis.opendocument.text"
    assert type_of(mimetype + b"PK\x03\x04") == "application/vnd.oasis.opendocument.text"
    assert type_of(b"PK\x03\x04" + b"\0" * 40) == "application/zip"


def test_a_name_promises_a_type_only_where_the_content_could_tell_it():
    assert [type_of_name(name) for name in ("a/b.JPG", "a.b/c", ".jpg", "x.txt", "x.tar.gz")] == [
        "image/jpeg",
        None,
        None,
        None,
        "application/gzip",
    ]


@pytest.fixture
def read(tmp_path):
    def read(content, name="a.jpg", columns=COLUMNS):
        (tmp_path / "file").write_bytes(content)
        format = MediaFormat(columns, 32, 1000, str(tmp_path / "lake"), "thumbnails/media")
        source = Source(str(tmp_path / "file"), name)
        (row,) = [row for table in format.read(source) for row in table.to_pylist()]
        return row, format, source

    return read


def test_a_file_is_one_row_and_its_thumbnail_is_kept_by_its_hash_whatever_it_is_called(read, tmp_path):
    content = image()
    row, _, _ = read(content, "media/../../'; DROP TABLE x; --.jpg")
    assert (row["_line"], row["_problem"], row["path"]) == (1, None, "media/../../'; DROP TABLE x; --.jpg")
    assert row["thumbnail"] == f"thumbnails/media/32/{hashlib.sha256(content).hexdigest()}.jpg"
    kept = [path for path in Path(tmp_path).rglob("*") if path.is_file() and path.name != "file"]
    assert kept == [tmp_path / "lake" / row["thumbnail"]]


def test_no_thumbnail_is_kept_where_no_column_takes_it(read, tmp_path):
    read(image(), columns=(("path", "path"),))
    assert not (tmp_path / "lake").exists()


def test_a_file_that_is_damaged_is_a_row_with_a_problem_and_what_is_known_of_it(read):
    row, format, source = read(image()[:-100])
    assert (row["_problem"], row["path"]) == ("damaged", None)
    (excerpt,) = format.excerpts(source, [Place(1, problem="damaged")])
    assert excerpt.message.startswith("the image cannot be decoded")
    assert json.loads(excerpt.raw) == json.loads(row["_raw"])
    assert json.loads(excerpt.raw)["type"] == "image/jpeg"
    assert format.compose([excerpt]) == excerpt.raw.encode() + b"\n"
