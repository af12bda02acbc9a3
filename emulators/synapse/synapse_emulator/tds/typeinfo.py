"""TYPE_INFO and single values on the wire (MS-TDS 2.2.5.4 and 2.2.5.5)."""

from __future__ import annotations

import datetime as dt
import struct
import uuid
from decimal import Decimal

from synapse_emulator.errors import SqlError
from synapse_emulator.tds.reader import Reader
from synapse_emulator.translate import types as t
from synapse_emulator.translate.types import MAX, SqlType, SqlValue

_COLLATION = bytes((0x09, 0x04, 0xD0, 0x00, 0x34))
_EPOCH_1900 = dt.datetime(1900, 1, 1)
_FIXED = {
    0x30: ("tinyint", 1), 0x32: ("bit", 1), 0x34: ("smallint", 2), 0x38: ("int", 4), 0x7F: ("bigint", 8),
    0x3A: ("smalldatetime", 4), 0x3B: ("real", 4), 0x3C: ("money", 8), 0x3D: ("datetime", 8), 0x3E: ("float", 8),
    0x7A: ("smallmoney", 4),
}  # fmt: skip
_INT_BY_SIZE = {1: "tinyint", 2: "smallint", 4: "int", 8: "bigint"}


def decimal_size(precision: int) -> int:
    """Bytes of a decimal value, sign included."""
    return 5 if precision <= 9 else 9 if precision <= 19 else 13 if precision <= 28 else 17


def time_size(scale: int) -> int:
    """Bytes of a time of day."""
    return 3 if scale <= 2 else 4 if scale <= 4 else 5


def type_info(kind: SqlType) -> bytes:
    """The TYPE_INFO of a result column."""
    name = kind.name
    if name in ("tinyint", "smallint", "int", "bigint"):
        return bytes((0x26, {"tinyint": 1, "smallint": 2, "int": 4, "bigint": 8}[name]))
    if name == "bit":
        return b"\x68\x01"
    if kind.is_float:
        return bytes((0x6D, 8 if name == "float" else 4))
    if name == "decimal":
        return bytes((0x6A, decimal_size(kind.precision), kind.precision, kind.scale))
    if name in ("money", "smallmoney"):
        return bytes((0x6E, 8 if name == "money" else 4))
    if name in ("datetime", "smalldatetime"):
        return bytes((0x6F, 8 if name == "datetime" else 4))
    if name == "date":
        return b"\x28"
    if name in ("time", "datetime2", "datetimeoffset"):
        return bytes(({"time": 0x29, "datetime2": 0x2A, "datetimeoffset": 0x2B}[name], kind.scale))
    if name == "uniqueidentifier":
        return b"\x24\x10"
    if kind.is_binary:
        return b"\xa5" + struct.pack("<H", 0xFFFF if kind.length == MAX else max(kind.length, 1))
    wide = name.startswith("n")
    size = 0xFFFF if kind.length == MAX else max(kind.length, 1) * (2 if wide else 1)
    return bytes((0xE7 if wide else 0xA7,)) + struct.pack("<H", size) + _COLLATION


def read_type(reader: Reader) -> tuple[int, SqlType]:
    """The wire type and T-SQL type of a parameter."""
    code = reader.u8()
    if code in _FIXED:
        return code, t.DATETIME if _FIXED[code][0] == "datetime" else SqlType(_FIXED[code][0])
    if code == 0x1F:
        return code, t.nvarchar(1)
    if code == 0x26:
        return code, SqlType(_INT_BY_SIZE[reader.u8()])
    if code in (0x68, 0x24):
        reader.u8()
        return code, SqlType("bit" if code == 0x68 else "uniqueidentifier")
    if code in (0x6D, 0x6E, 0x6F):
        size = reader.u8()
        names = {0x6D: ("float", "real"), 0x6E: ("money", "smallmoney"), 0x6F: ("datetime", "smalldatetime")}[code]
        name = names[0 if size == 8 else 1]
        return code, t.DATETIME if name == "datetime" else SqlType(name)
    if code in (0x6A, 0x6C):
        reader.u8()
        precision = reader.u8()
        return code, SqlType("decimal", precision=precision, scale=reader.u8())
    if code == 0x28:
        return code, t.DATE
    if code in (0x29, 0x2A, 0x2B):
        return code, SqlType({0x29: "time", 0x2A: "datetime2", 0x2B: "datetimeoffset"}[code], scale=reader.u8())
    if code in (0xA5, 0xAD, 0xA7, 0xAF, 0xE7, 0xEF):
        size = reader.u16()
        if code not in (0xA5, 0xAD):
            reader.take(5)
        name = {0xA5: "varbinary", 0xAD: "binary", 0xA7: "varchar", 0xAF: "char", 0xE7: "nvarchar", 0xEF: "nchar"}[code]
        return code, SqlType(name, MAX if size == 0xFFFF else size // (2 if name.startswith("n") else 1))
    if code in (0x23, 0x63, 0x22):
        reader.u32()
        if code != 0x22:
            reader.take(5)
        return code, SqlType({0x23: "varchar", 0x63: "nvarchar", 0x22: "varbinary"}[code], MAX)
    if code == 0xF1:
        if reader.u8():
            reader.b_varchar()
            reader.b_varchar()
            reader.us_varchar()
        return code, t.nvarchar(MAX)
    raise SqlError(8009, f"The incoming tabular data stream (TDS) is incorrect: data type 0x{code:02X} is unknown.")


def read_value(reader: Reader, code: int, kind: SqlType) -> SqlValue:
    """A parameter's value as Python holds it."""
    if code == 0x1F:
        return None
    if code in _FIXED:
        return _decode(reader.take(_FIXED[code][1]), kind)
    if code in (0x23, 0x63, 0x22):
        size = reader.unpack("i")
        return None if size < 0 else _decode(reader.take(size), kind)
    if kind.length == MAX:
        return _read_plp(reader, kind)
    if code in (0xA5, 0xAD, 0xA7, 0xAF, 0xE7, 0xEF):
        size = reader.u16()
        return None if size == 0xFFFF else _decode(reader.take(size), kind)
    size = reader.u8()
    return _decode(reader.take(size), kind) if size else None


def _read_plp(reader: Reader, kind: SqlType) -> SqlValue:
    if reader.unpack("Q") == 0xFFFFFFFFFFFFFFFF:
        return None
    parts = []
    while size := reader.u32():
        parts.append(reader.take(size))
    return _decode(b"".join(parts), kind)


def _decode(raw: bytes, kind: SqlType) -> SqlValue:
    name = kind.name
    if kind.is_string:
        return raw.decode("utf-16-le") if name.startswith("n") else raw.decode("cp1252", "replace")
    if kind.is_binary:
        return bytes(raw)
    if name == "bit":
        return raw[0] != 0
    if kind.is_int:
        return int.from_bytes(raw, "little", signed=len(raw) > 1)
    if kind.is_float:
        return struct.unpack("<d" if len(raw) == 8 else "<f", raw)[0]
    if name == "decimal":
        digits = Decimal(int.from_bytes(raw[1:], "little")).as_tuple().digits
        return Decimal((0 if raw[0] else 1, digits, -kind.scale))
    if kind.is_exact:
        units = (
            struct.unpack("<i", raw)[0]
            if len(raw) == 4
            else (struct.unpack("<iI", raw)[0] << 32) + struct.unpack("<iI", raw)[1]
        )
        return Decimal(units).scaleb(-4)
    if name == "uniqueidentifier":
        return uuid.UUID(bytes_le=bytes(raw))
    return _decode_time(raw, kind)


def _decode_time(raw: bytes, kind: SqlType) -> SqlValue:
    if kind.name == "date":
        return dt.date.fromordinal(int.from_bytes(raw, "little") + 1)
    if kind.name == "datetime":
        days, ticks = struct.unpack("<iI", raw)
        return _EPOCH_1900 + dt.timedelta(days=days, milliseconds=round(ticks * 10 / 3))
    if kind.name == "smalldatetime":
        days, minutes = struct.unpack("<HH", raw)
        return _EPOCH_1900 + dt.timedelta(days=days, minutes=minutes)
    size = time_size(kind.scale)
    micros = int.from_bytes(raw[:size], "little") * 10 ** (7 - kind.scale) // 10
    clock = (dt.datetime.min + dt.timedelta(microseconds=micros)).time()
    if kind.name == "time":
        return clock
    day = dt.date.fromordinal(int.from_bytes(raw[size : size + 3], "little") + 1)
    moment = dt.datetime.combine(day, clock)
    return moment.replace(tzinfo=dt.UTC) if kind.name == "datetimeoffset" else moment
