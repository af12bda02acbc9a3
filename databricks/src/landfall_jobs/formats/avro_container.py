"""Avro's object container files: a header with the schema, then blocks of records, each followed by a marker.

A file may say of its blocks what it likes, so they are cut out and unpacked here, within bounds, before fastavro reads
their records. https://avro.apache.org/docs/1.12.0/specification/#object-container-files
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, cast

import fastavro

from landfall_jobs.formats.avro_codecs import BROKEN, UNPACK
from landfall_jobs.formats.avro_schema import LARGEST_BLOCK, AvroSchema, prepare_schema
from landfall_jobs.formats.format import UnreadableFile
from landfall_jobs.formats.guarded import ByteStream
from landfall_jobs.formats.opening import refuse_bomb

MAGIC = b"Obj\x01"
MARKER_BYTES = 16
LARGEST_HEADER = 16 << 20
READ_BYTES = 1 << 20

Record = dict[str, Any]


@dataclass(frozen=True)
class Records:
    """Records that stand in one block of `size` bytes; they are decoded as they are taken."""

    count: int
    size: int
    records: Iterator[Record]


@dataclass(frozen=True)
class Container:
    """What a file says of its records, and these, block by block, as they are taken."""

    schema: AvroSchema
    blocks: Iterator[Records]


def open_container(stream: ByteStream, path: str) -> Container:
    """Read the header of a file; raise UnreadableFile when it is no Avro file, or damaged, here or at a block."""
    reader = _Reader(stream, path)
    if reader.take(len(MAGIC)) != MAGIC:
        raise UnreadableFile(f"{path} is no Avro file: it does not begin with Obj and the number 1.")
    header = _header(reader, path)
    marker = reader.take(MARKER_BYTES)
    codec = header.get("avro.codec", b"null").decode("utf-8", errors="replace")
    if codec not in UNPACK:
        raise UnreadableFile(
            f"{path} is packed by the codec {codec[:100]}, which is not read; write it with {', '.join(UNPACK)}."
        )
    schema = prepare_schema(header.get("avro.schema", b""), path)
    return Container(schema, _decoded(schema, _blocks(reader, schema, codec, marker), reader))


def _header(reader: "_Reader", path: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = LARGEST_HEADER
    while count := reader.number():
        if count < 0:
            count = -count
            reader.number()
        for _ in range(count):
            name = reader.take(reader.size(left))
            value = reader.take(reader.size(left))
            found[name.decode("utf-8", errors="replace")] = value
            left -= len(name) + len(value) + 2
            if left < 0:
                raise UnreadableFile(f"{path} has a header of more than {LARGEST_HEADER >> 20} MiB.")
    return found


def _decoded(schema: AvroSchema, blocks: Iterator["_Block"], reader: "_Reader") -> Iterator[Records]:
    """Have fastavro decode blocks. It reads them as a file, for which it knows their schema once and for all."""
    stream = cast(IO[bytes], _Unpacked(schema, blocks))
    # A text that is not UTF-8 is its record's fault alone: it comes with half characters, which are found later.
    try:
        decoded = fastavro.block_reader(stream, handle_unicode_errors="surrogateescape")
    except Exception as error:
        raise UnreadableFile(f"{reader.path} has a schema that is not read: {error}.") from error
    for block in decoded:
        data = cast(Any, block).bytes_
        yield Records(block.num_records, len(data.getbuffer()), _records(block, data, reader))


def _records(block: Iterable[Any], data: IO[bytes], reader: "_Reader") -> Iterator[Record]:
    try:
        yield from block
    except Exception as error:
        what = f"a record is not as the schema says: {type(error).__name__} {error}"
        raise reader.damaged(what) from error
    if data.read(1):
        raise reader.damaged("a block holds more than its records")


def _blocks(reader: "_Reader", schema: AvroSchema, codec: str, marker: bytes) -> Iterator["_Block"]:
    given = 0
    while not reader.at_end():
        count, packed = reader.number(), reader.take(reader.size(LARGEST_BLOCK))
        data = _unpacked(packed, codec, schema.largest_block, reader)
        if reader.take(MARKER_BYTES) != marker:
            raise reader.damaged("the marker after a block is not that of the file")
        if not 0 <= count * schema.least_bytes <= len(data):
            raise reader.damaged(f"a block of {len(data)} bytes cannot hold {count} records")
        given += len(data)
        refuse_bomb(reader.path, given, reader.count)
        yield _Block(count, data)


def _unpacked(packed: bytes, codec: str, most: int, reader: "_Reader") -> bytes:
    try:
        data = UNPACK[codec](packed, most)
    except BROKEN as error:
        raise reader.damaged(f"a block cannot be unpacked: {error}") from error
    if len(data) > most:
        raise UnreadableFile(
            f"{reader.path} has a block of more than {most:,} bytes, which may come to too much memory; "
            "write it with smaller ones."
        )
    return data


@dataclass(frozen=True)
class _Block:
    """Records as they are in a file, unpacked."""

    count: int
    data: bytes


class _Unpacked(ByteStream):
    """A file with the blocks of another, without compression."""

    def __init__(self, schema: AvroSchema, blocks: Iterator[_Block]) -> None:
        self._parts = self._write(schema, blocks)
        self._ahead, self._told = b"", 0

    def read(self, size: int = -1) -> bytes:
        while len(self._ahead) < size and (part := next(self._parts, None)) is not None:
            self._ahead += part
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        self._told += len(data)
        return data

    def tell(self) -> int:
        return self._told

    @staticmethod
    def _write(schema: AvroSchema, blocks: Iterator[_Block]) -> Iterator[bytes]:
        document = json.dumps(schema.document).encode()
        yield MAGIC + _varint(1) + _text(b"avro.schema") + _text(document) + _varint(0)
        yield (marker := bytes(MARKER_BYTES))
        for block in blocks:
            yield _varint(block.count)
            yield _varint(len(block.data))
            yield block.data
            yield marker


def _text(data: bytes) -> bytes:
    return _varint(len(data)) + data


def _varint(number: int) -> bytes:
    """Write a number that is not negative as Avro does."""
    left, found = number << 1, b""
    while left >= 0x80:
        found += bytes([left & 0x7F | 0x80])
        left >>= 7
    return found + bytes([left])


class _Reader:
    """Takes bytes off a stream; counts them."""

    def __init__(self, stream: ByteStream, path: str) -> None:
        self._stream, self.path = stream, path
        self._ahead, self._at = b"", 0
        self.count = 0

    def damaged(self, what: str) -> UnreadableFile:
        return UnreadableFile(f"{self.path} is a damaged Avro file: before byte {self.count} {what}. Land it again.")

    def at_end(self) -> bool:
        return not self._fill(1)

    def take(self, size: int) -> bytes:
        """Give so many bytes."""
        if not self._fill(size):
            raise self.damaged("it ends too early")
        data = self._ahead[self._at : self._at + size]
        self._at += size
        self.count += size
        return data

    def size(self, most: int) -> int:
        """Give a number that tells how many bytes follow."""
        found = self.number()
        if not 0 <= found <= most:
            raise self.damaged(f"a part says that it has {found} bytes; {most} are the most that are read at once")
        return found

    def number(self) -> int:
        """Give a number of variable length."""
        found, shift = 0, 0
        while shift < 70:
            (byte,) = self.take(1)
            found |= (byte & 0x7F) << shift
            if byte < 0x80:
                return (found >> 1) ^ -(found & 1)
            shift += 7
        raise self.damaged("stands a number that never ends")

    def _fill(self, size: int) -> bool:
        if len(self._ahead) - self._at >= size:
            return True
        parts = [self._ahead[self._at :]]
        have = len(parts[0])
        while have < size and (chunk := self._stream.read(max(READ_BYTES, size - have))):
            parts.append(chunk)
            have += len(chunk)
        self._ahead, self._at = b"".join(parts), 0
        return have >= size
