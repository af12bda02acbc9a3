"""Landed files as UTF-8 bytes, whatever they are compressed with and encoded in, and never more than is sane."""

import codecs
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import pyarrow as pa

from landfall_jobs import storage
from landfall_jobs.formats.format import Source, UnreadableFile
from landfall_jobs.formats.guarded import ByteStream, Guarded

CHUNK_BYTES = 8 << 20
LARGEST_RATIO = 200
"""A file that gives this many times what was read of it is a bomb: text gives 5 to 20 times."""
HARMLESS_BYTES = 64 << 20
"""Up to here any ratio is fine."""
MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd", "zip": b"PK\x03\x04"}
BOMS = {"utf-8": codecs.BOM_UTF8, "utf-16": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
CODECS = {"utf-8": "utf-8", "utf-16": "utf-16", "latin-1": "latin-1", "windows-1252": "cp1252"}
"""Names of encodings in contracts and in Python."""


@dataclass(frozen=True)
class Packing:
    """How files are compressed and encoded; `auto` goes by their first bytes."""

    compression: str = "auto"
    encoding: str = "utf-8"

    def open(self, source: Source) -> ByteStream:
        """Open a file as UTF-8 without a byte order mark; raise UnreadableFile for what cannot be unpacked."""
        return _Text(self.unpack(source), self.encoding, source.path)

    def encode(self, text: bytes) -> bytes:
        """Give UTF-8 in the encoding of the files, with a byte order mark where that needs one.

        Bytes that `open` could not decode come out as they were in the file; in UTF-16, where that cannot be, as \\xNN.
        """
        if self.encoding == "utf-8":
            return text
        codec = CODECS[self.encoding]
        if self.encoding == "utf-16":
            return text.decode("utf-8", errors="backslashreplace").encode(codec)
        return text.decode("utf-8", errors="surrogateescape").encode(codec, errors="surrogateescape")

    def unpack(self, source: Source) -> ByteStream:
        """Open a file as its bytes are without compression; raise UnreadableFile for what cannot be unpacked."""
        stream = _Peeked(Guarded(storage.open_stream(source.uri)))
        head = stream.peek()
        found = next((name for name, magic in MAGIC.items() if head.startswith(magic)), "none")
        wanted = found if self.compression == "auto" else self.compression
        if wanted == "none":
            return stream
        if wanted != found:
            raise UnreadableFile(f"{source.path} is not compressed with {wanted}, as the contract says.")
        if wanted == "zip":
            stream.close()
            return _Limited(*_only_member(source), source.path)
        return _Limited(pa.CompressedInputStream(stream, wanted), stream.count, source.path)


def _only_member(source: Source) -> tuple[IO[bytes], Callable[[], int]]:
    """Open the one file of a zip archive."""
    file = Guarded(storage.open_file(source.uri))
    try:
        archive = zipfile.ZipFile(file)
        members = [
            info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX/")
        ]
        if len(members) != 1:
            raise UnreadableFile(f"{source.path} holds {len(members)} files; a zip archive must hold exactly one.")
        if members[0].flag_bits & 1:
            raise UnreadableFile(f"{source.path} is protected by a password.")
        refuse_bomb(source.path, members[0].file_size, members[0].compress_size)
        return archive.open(members[0]), lambda: members[0].compress_size
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UnreadableFile(f"{source.path} is a damaged zip archive: {error}.") from error


def refuse_bomb(path: str, given: int, compressed: int) -> None:
    """Raise UnreadableFile when what was unpacked so far is much more than what was read of the file, in bytes."""
    if given > HARMLESS_BYTES and given > LARGEST_RATIO * max(1, compressed):
        raise UnreadableFile(f"{path} gives more than {LARGEST_RATIO} times its compressed size; it was not read on.")


class _Peeked(ByteStream):
    """A stream whose first chunk can be looked at; counts what it gave."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._ahead: bytes | None = None
        self._count = 0

    def peek(self) -> bytes:
        self._ahead = self._stream.read(CHUNK_BYTES)
        return self._ahead

    def count(self) -> int:
        return self._count

    def read(self, size: int = -1) -> bytes:
        if not self._ahead:
            data = self._stream.read(size)
        elif size < 0:
            data, self._ahead = self._ahead + self._stream.read(-1), b""
        else:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
        self._count += len(data)
        return data

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Limited(ByteStream):
    """What a compressed file holds, up to a multiple of what was read of it; its defects become UnreadableFile."""

    def __init__(self, stream: IO[bytes], compressed_bytes: Callable[[], int], path: str) -> None:
        self._stream, self._compressed_bytes, self._path = stream, compressed_bytes, path
        self._given = 0

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._stream.read(size if size >= 0 else CHUNK_BYTES)
        except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise UnreadableFile(
                f"{self._path} cannot be decompressed: {error}. Was it cut off? Land it again."
            ) from error
        self._given += len(data)
        refuse_bomb(self._path, self._given, self._compressed_bytes())
        return data

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Text(ByteStream):
    """Text in any encoding as UTF-8, without its byte order mark.

    Bytes that the encoding does not know come out as bytes that are not UTF-8, so that only their lines are refused.
    """

    def __init__(self, stream: ByteStream, encoding: str, path: str) -> None:
        self._stream, self._path, self._encoding = stream, path, encoding
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(CODECS[encoding])("landfall")
        self._begun = False

    def read(self, size: int = -1) -> bytes:
        while True:
            data = self._stream.read(size)
            end = not data
            if not self._begun:
                self._begun = True
                data = self._begin(data)
            if self._decoder is None:
                if data or end:
                    return data
            else:
                text = self._decoder.decode(data, final=end)
                if text or end:
                    return text.encode("utf-8", errors="surrogateescape")

    def close(self) -> None:
        self._stream.close()
        super().close()

    def _begin(self, data: bytes) -> bytes:
        bom = next((name for name, mark in BOMS.items() if data.startswith(mark)), None)
        if bom == "utf-8":
            self._decoder = None
            return data.removeprefix(codecs.BOM_UTF8)
        if bom is not None and self._encoding != "utf-16":
            raise UnreadableFile(
                f"{self._path} is UTF-16, as its first bytes say; arrival.encoding in the contract is {self._encoding}."
            )
        if bom is None and self._encoding == "utf-16":
            # Without a mark Python goes by this machine's order of bytes; files come in Windows' order.
            self._decoder = codecs.getincrementaldecoder("utf-16-le")("landfall")
        return data


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bytes_ = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) if byte >= 0x80 else "\udcff" for byte in bytes_), error.end


codecs.register_error("landfall", _escape)
