"""Files as they are packed, through one format: what holds for it holds for all of lines."""

import gzip
import io
import zipfile

import pyarrow as pa
import pytest
from landfall_jobs import storage
from landfall_jobs.formats import opening
from landfall_jobs.formats.format import Source, UnreadableFile
from landfall_jobs.formats.guarded import ReadFailed
from landfall_jobs.formats.opening import Packing

TEXT = b"\n".join(b"%d,caf\xc3\xa9" % i for i in range(5000))


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def zstd(content):
    return pa.compress(content, codec="zstd", asbytes=True)


PACKED = {"gzip": gzip.compress(TEXT), "zstd": zstd(TEXT), "zip": zipped(a=TEXT), "none": TEXT}


def drain(source, packing=Packing()):  # noqa: B008
    with packing.open(source) as stream:
        return b"".join(iter(lambda: stream.read(1000), b""))


@pytest.fixture
def unpack(tmp_path):
    def unpack(content, packing=Packing()):  # noqa: B008
        (tmp_path / "file").write_bytes(content)
        return drain(Source(str(tmp_path / "file"), "logs/file"), packing)

    return unpack


@pytest.mark.parametrize("compression", PACKED)
def test_what_a_file_is_packed_with_is_seen_by_its_first_bytes_or_declared(unpack, compression):
    assert unpack(PACKED[compression]) == TEXT
    assert unpack(PACKED[compression], Packing(compression)) == TEXT


def test_a_file_that_is_not_packed_as_declared_is_refused(unpack):
    with pytest.raises(UnreadableFile, match="logs/file is not compressed with gzip, as the contract says"):
        unpack(TEXT, Packing("gzip"))
    assert unpack(PACKED["gzip"], Packing("none")) == PACKED["gzip"]


def test_several_gzip_streams_in_a_row_are_one_file(unpack):
    assert unpack(gzip.compress(b"a\n") + gzip.compress(b"b\n")) == b"a\nb\n"


@pytest.mark.parametrize("compression", ["gzip", "zstd", "zip"])
def test_a_file_that_was_cut_off_is_refused(unpack, compression):
    with pytest.raises(UnreadableFile, match=r"logs/file (cannot be decompressed|is a damaged zip archive): "):
        unpack(PACKED[compression][:-40])


def test_a_file_that_was_damaged_is_refused(unpack):
    damaged = bytearray(PACKED["gzip"])
    damaged[-5] ^= 0xFF
    with pytest.raises(UnreadableFile, match="cannot be decompressed"):
        unpack(bytes(damaged))


def test_an_archive_must_hold_one_file_whatever_it_is_called(unpack):
    assert unpack(zipped(**{"../../etc/passwd": b"x\n", "__MACOSX/._x": b"junk"})) == b"x\n"
    with pytest.raises(UnreadableFile, match="holds 2 files; a zip archive must hold exactly one"):
        unpack(zipped(a=b"1", b=b"2"))
    with pytest.raises(UnreadableFile, match="holds 0 files"):
        unpack(zipped(**{"folder/": b""}))


@pytest.mark.parametrize("pack", [gzip.compress, zstd, lambda content: zipped(a=content)])
def test_a_bomb_is_not_blown_up(unpack, monkeypatch, pack):
    monkeypatch.setattr(opening, "HARMLESS_BYTES", 1 << 20)
    with pytest.raises(UnreadableFile, match="gives more than 200 times its compressed size; it was not read on"):
        unpack(pack(bytes(8 << 20)))


def test_an_empty_file_is_empty(unpack):
    assert unpack(b"") == b""
    assert unpack(b"", Packing(encoding="utf-16")) == b""


@pytest.mark.parametrize("packing", [Packing(), Packing(encoding="latin-1")])
def test_a_byte_order_mark_of_utf_8_is_left_out_and_believed(unpack, packing):
    assert unpack(b"\xef\xbb\xbfcaf\xc3\xa9", packing) == b"caf\xc3\xa9"


@pytest.mark.parametrize("compression", ["gzip", "zstd", "zip", "none"])
def test_a_storage_that_fails_is_no_defect_of_the_file(tmp_path, monkeypatch, compression):
    class Failing(io.BytesIO):
        def read(self, size=-1):
            if self.tell() > 100:
                raise OSError("connection reset")
            return super().read(min(size, 101) if size >= 0 else 101)

    monkeypatch.setattr(storage, "open_stream", lambda uri: Failing(PACKED[compression]))
    monkeypatch.setattr(storage, "open_file", lambda uri: Failing(PACKED[compression]))
    with pytest.raises(ReadFailed, match="could not be read: connection reset"):
        drain(Source("x", "x"))
