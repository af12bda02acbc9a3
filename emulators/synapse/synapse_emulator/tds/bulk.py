"""Rows of a bulk load (MS-TDS 2.2.6.1): COLMETADATA, ROW or NBCROW tokens, DONE."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from synapse_emulator.errors import SqlError
from synapse_emulator.tds.reader import Reader, Truncated
from synapse_emulator.tds.typeinfo import read_type, read_value
from synapse_emulator.translate.types import MAX, SqlType, SqlValue

_COLMETADATA, _ROW, _NBCROW, _DONE = 0x81, 0xD1, 0xD2, 0xFD
_INTS = {1: "B", 2: "<h", 4: "<i", 8: "<q"}
_FLOATS = {4: "<f", 8: "<d"}
Read = Callable[[Reader], SqlValue]


@dataclass(slots=True)
class BulkRows:
    """Columns with their types on the wire, and their values column by column."""

    names: list[str]
    kinds: list[SqlType]
    columns: list[list[SqlValue]]


def parse_rows(data: bytes) -> BulkRows:
    """The rows of a bulk message; 4002 when it is not well formed."""
    try:
        return _rows(Reader(data))
    except (Truncated, IndexError, struct.error):
        raise _malformed() from None


def _rows(reader: Reader) -> BulkRows:
    if reader.u8() != _COLMETADATA:
        raise _malformed()
    found = BulkRows([], [], [])
    readers: list[Read] = []
    for _ in range(reader.u16()):
        reader.take(6)  # user type and flags
        code, kind = read_type(reader)
        if code in (0x22, 0x23, 0x63):
            reader.us_varchar()  # the old long types name their table
        found.names.append(reader.b_varchar())
        found.kinds.append(kind)
        readers.append(_reader(code, kind))
        found.columns.append([])
    parts = list(zip(readers, [column.append for column in found.columns], strict=True))
    while reader.left:  # DB-Library's clients end without DONE
        token = reader.u8()
        if token == _ROW:
            for read, append in parts:
                append(read(reader))
        elif token == _NBCROW:
            nulls = reader.take((len(parts) + 7) // 8)
            for i, (read, append) in enumerate(parts):
                append(None if nulls[i // 8] >> i % 8 & 1 else read(reader))
        elif token == _DONE:
            break
        else:
            raise _malformed()
    return found


def _reader(code: int, kind: SqlType) -> Read:
    """How values of a column are read: the common types without detours, since this runs for every value."""
    if code in (0x26, 0x6D):
        formats = _INTS if code == 0x26 else _FLOATS

        def number(reader: Reader) -> SqlValue:
            size = reader.data[reader.at]
            at = reader.at + 1
            reader.at = at + size
            return struct.unpack_from(formats[size], reader.data, at)[0] if size else None

        return number
    if code in (0xE7, 0xEF) and kind.length != MAX:

        def text(reader: Reader) -> SqlValue:
            data, at = reader.data, reader.at + 2
            size = data[at - 2] | data[at - 1] << 8
            if size == 0xFFFF:
                reader.at = at
                return None
            reader.at = at + size
            return data[at : at + size].decode("utf-16-le")

        return text
    if code in (0x22, 0x23, 0x63):

        def long(reader: Reader) -> SqlValue:
            pointer = reader.u8()
            if pointer == 0:
                return None
            reader.take(pointer + 8)  # text pointer and timestamp
            return read_value(reader, code, kind)

        return long
    return lambda reader: read_value(reader, code, kind)


def _malformed() -> SqlError:
    return SqlError(4002, "The incoming tabular data stream (TDS) protocol stream is incorrect.")
