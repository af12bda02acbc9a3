"""Whatever is done to a file, it is one row, told or refused with a reason; a workbook is read or refused."""

import hashlib
import io
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landfall_jobs import lineage
from landfall_jobs.formats.excel_format import ExcelFormat
from landfall_jobs.formats.format import Place, Source, UnreadableFile
from landfall_jobs.formats.media_format import MediaFormat
from landfall_jobs.media.facts import FACTS, PROBLEMS
from landfall_jobs.media.inspect_file import inspect_file
from media_files import document, image, photograph, recording
from openpyxl import Workbook


def workbook():
    book = Workbook()
    for row in (["id", "name"], [1, "one"], [2, "two"], [3.5, None]):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


SAMPLES = {
    "photograph": photograph(),
    **{format: image(format) for format in ("PNG", "GIF", "WEBP", "TIFF", "BMP")},
    "document": document("One", "Two", packed=True),
    "secret": document("Secret", password="x"),
    "recording": recording(),
}
patches = st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), max_size=6)


def damaged(content, changes, kept):
    content = bytearray(content)
    for share, patch in changes:
        at = int(share * len(content))
        content[at : at + len(patch)] = patch
    return bytes(content[: int(kept * len(content))])


# Damage can look like a huge image or odd EXIF, of which Pillow warns before it refuses.
@pytest.mark.filterwarnings("ignore::Warning:PIL")
@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(SAMPLES)), patches, st.one_of(st.just(1.0), st.floats(0, 1)))
def test_a_damaged_file_is_one_row_that_is_told_or_refused_with_a_reason(name, changes, kept):
    content = damaged(SAMPLES[name], changes, kept)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "file").write_bytes(content)
        source = Source(str(Path(folder) / "file"), "media/file")
        format = MediaFormat(tuple((fact, fact) for fact in FACTS), 16, 100, str(Path(folder) / "lake"))
        (row,) = [row for table in format.read(source) for row in table.to_pylist()]
        problem = row[lineage.PROBLEM]
        (excerpt,) = format.excerpts(source, [Place(1, problem=problem or "")])
    assert problem is None or problem in PROBLEMS
    assert (excerpt.message is None) == (problem is None)
    assert json.loads(excerpt.raw)["sha256"] == hashlib.sha256(content).hexdigest()


@pytest.mark.filterwarnings("ignore::Warning:PIL")
@settings(max_examples=400, deadline=None, derandomize=True)
@given(patches)
def test_a_photograph_is_good_whatever_its_exif_says(changes):
    content = photograph()
    start = content.index(b"Exif\0\0") + len(b"Exif\0\0")
    end = start - 8 + int.from_bytes(content[start - 8 : start - 6])
    odd = damaged(content[start:end], changes, 1.0)[: end - start]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "file").write_bytes(content[:start] + odd + content[end:])
        found = inspect_file(Source(str(Path(folder) / "file"), "media/a.jpg"), 16, 100)
    assert (found.fault, found.facts["width"]) == (None, "64")
    assert found.thumbnail


@settings(max_examples=200, deadline=None, derandomize=True)
@given(patches, st.one_of(st.just(1.0), st.floats(0, 1)))
def test_a_damaged_workbook_is_read_or_refused(changes, kept):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "file").write_bytes(damaged(workbook(), changes, kept))
        format = ExcelFormat((("id", "id"), ("name", "name")), ("int", "string"))
        source, refused, lines = Source(str(Path(folder) / "file"), "x.xlsx"), None, []
        try:
            lines = [line for table in format.read(source) for line in table.column(lineage.LINE).to_pylist()]
        except UnreadableFile as error:
            refused = str(error)
    assert lines == sorted(set(lines)) if refused is None else "x.xlsx" in refused
