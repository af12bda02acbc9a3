"""Result rows: Arrow columns turned into ROW tokens, a whole batch at a time, with numpy.

Each column becomes a flat byte array in row order and the length of every row's part; then all parts are scattered into
one buffer. No Python code runs per row.
"""

from __future__ import annotations

import struct

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_emulator.tds.reader import b_varchar
from synapse_emulator.tds.typeinfo import decimal_size, time_size, type_info
from synapse_emulator.translate.types import MAX, SqlType

Bytes = np.ndarray
_ARROW = {
    "tinyint": pa.uint8(), "smallint": pa.int16(), "int": pa.int32(), "bigint": pa.int64(), "bit": pa.uint8(),
    "float": pa.float64(), "real": pa.float32(), "date": pa.date32(),
}  # fmt: skip


def column_metadata(columns: list[tuple[str, SqlType]]) -> bytes:
    """COLMETADATA; every column nullable."""
    parts = [struct.pack("<BH", 0x81, len(columns))]
    for name, kind in columns:
        parts.append(struct.pack("<IH", 0, 1) + type_info(kind) + b_varchar(name))
    return b"".join(parts)


def encode_rows(arrays: list[pa.Array], kinds: list[SqlType], row_token: int = 0xD1) -> bytes:
    """The ROW tokens of a batch."""
    rows = len(arrays[0]) if arrays else 0
    if rows == 0:
        return b""
    parts = [_column(array, kind) for array, kind in zip(arrays, kinds, strict=True)]
    lengths = np.ones(rows, np.int64)
    for sizes, _ in parts:
        lengths += sizes
    ends = np.cumsum(lengths)
    out = np.empty(int(ends[-1]), np.uint8)
    at = ends - lengths
    out[at] = row_token
    at += 1
    for sizes, data in parts:
        if isinstance(sizes, int):
            out[at[:, None] + np.arange(sizes)] = data.reshape(rows, sizes)
        else:
            starts = np.cumsum(sizes) - sizes
            out[np.repeat(at - starts, sizes) + np.arange(len(data))] = data
        at += sizes
    return out.tobytes()


def encode_value(value: object, kind: SqlType) -> bytes:
    """One value, as in RETURNVALUE."""
    duck_free = pa.array([value], type=_ARROW.get(kind.name) if kind.name != "bit" else pa.bool_())
    return encode_rows([duck_free], [kind])[1:]


def _column(array: pa.Array, kind: SqlType) -> tuple[int | np.ndarray, Bytes]:
    valid = None if array.null_count == 0 else np.asarray(array.is_valid())
    if isinstance(array.type, pa.BaseExtensionType):
        array = array.storage
    if kind.is_string or kind.is_binary:
        return _variable(array, kind, valid)
    body = _fixed(array, kind)
    width = body.shape[1] + 1
    block = np.empty((len(body), width), np.uint8)
    block[:, 0] = width - 1
    block[:, 1:] = body
    if valid is None:
        return width, block.ravel()
    block[~valid, 0] = 0
    keep = np.broadcast_to(valid[:, None], block.shape).copy()
    keep[:, 0] = True
    return np.where(valid, width, 1), block[keep]


def _numbers(array: pa.Array, kind: pa.DataType) -> np.ndarray:
    if array.type != kind:
        if pa.types.is_decimal(array.type) and pa.types.is_integer(kind):
            array = array.cast(pa.decimal128(38, 0)).cast(kind)
        else:
            array = array.cast(kind)
    if array.null_count:
        array = pc.fill_null(
            array,
            pa.scalar(0, type=pa.int64()).cast(kind)
            if not pa.types.is_date(kind)
            else pa.scalar(0, pa.int32()).cast(kind),
        )
    return array.to_numpy(zero_copy_only=False)


def _as_bytes(values: np.ndarray, width: int) -> Bytes:
    raw = np.ascontiguousarray(values).view(np.uint8).reshape(len(values), values.dtype.itemsize)
    return raw[:, :width]


def _fixed(array: pa.Array, kind: SqlType) -> Bytes:
    name = kind.name
    if name == "date":
        return _as_bytes(_days(array).astype("<i8"), 3)
    if name in _ARROW:
        values = _numbers(array, _ARROW[name])
        return _as_bytes(values.astype(values.dtype.newbyteorder("<")), values.dtype.itemsize)
    if kind.is_exact:
        return _decimals(array, kind)
    if name == "uniqueidentifier":
        return _guids(array)
    if name == "time":
        return _as_bytes((_time_micros(array) * 10 // 10 ** (7 - kind.scale)).astype("<i8"), time_size(kind.scale))
    return _stamps(array, kind)


def _days(array: pa.Array) -> np.ndarray:
    if not pa.types.is_date32(array.type):
        array = array.cast(pa.timestamp("us"), safe=False).cast(pa.date32(), safe=False)
    return pc.fill_null(array.cast(pa.int32()), 0).to_numpy(zero_copy_only=False).astype(np.int64) + 719162


def _decimals(array: pa.Array, kind: SqlType) -> Bytes:
    scale = kind.scale if kind.name == "decimal" else 4
    precision = kind.precision if kind.name == "decimal" else 19
    wanted = pa.decimal128(38, scale)
    if not pa.types.is_decimal128(array.type) or array.type != wanted:
        if not pa.types.is_decimal(array.type):
            array = (
                array.cast(pa.float64()).cast(pa.decimal128(38, scale), safe=False)
                if pa.types.is_floating(array.type)
                else array.cast(pa.decimal128(38, 0))
            )
        array = array.cast(wanted, safe=False)
    words = np.frombuffer(array.buffers()[1], "<u8")[array.offset * 2 : (array.offset + len(array)) * 2].reshape(-1, 2)
    low, high = words[:, 0].copy(), words[:, 1].copy()
    if array.null_count:
        gone = np.asarray(array.is_null())
        low[gone], high[gone] = 0, 0
    negative = high >> np.uint64(63) == 1
    if kind.name == "money":
        return np.concatenate(
            [
                _as_bytes((low >> np.uint64(32)).astype("<u4"), 4),
                _as_bytes((low & np.uint64(0xFFFFFFFF)).astype("<u4"), 4),
            ],
            axis=1,
        )
    if kind.name == "smallmoney":
        return _as_bytes(low.astype("<u4"), 4)
    low[negative] = ~low[negative] + np.uint64(1)
    high[negative] = ~high[negative] + (low[negative] == 0).astype(np.uint64)
    size = decimal_size(precision) - 1
    magnitude = np.concatenate([_as_bytes(low, 8), _as_bytes(high, 8)], axis=1)[:, :size]
    return np.concatenate([(~negative).astype(np.uint8)[:, None], magnitude], axis=1)


def _guids(array: pa.Array) -> Bytes:
    if pa.types.is_fixed_size_binary(array.type):
        filled = pc.fill_null(array, bytes(16)) if array.null_count else array
        raw = np.frombuffer(filled.buffers()[1], np.uint8)[filled.offset * 16 : (filled.offset + len(filled)) * 16]
    else:
        text = pc.fill_null(array.cast(pa.string()), "0" * 32)
        raw = np.frombuffer(bytes.fromhex("".join(v.replace("-", "") for v in text.to_pylist())), np.uint8)
    return raw.reshape(-1, 16)[:, [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]]


def _time_micros(array: pa.Array) -> np.ndarray:
    return pc.fill_null(array.cast(pa.time64("us")).cast(pa.int64()), 0).to_numpy(zero_copy_only=False)


def _stamps(array: pa.Array, kind: SqlType) -> Bytes:
    if pa.types.is_date(array.type):
        array = array.cast(pa.timestamp("us"))
    zone = getattr(array.type, "tz", None)
    array = array.cast(pa.timestamp("us", tz=zone), safe=False)
    micros = pc.fill_null(array.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    if kind.name == "datetime":
        ticks = np.round((micros + 2208988800000000) * 3 / 10000).astype(np.int64)
        days, rest = np.divmod(ticks, 25920000)
        return np.concatenate([_as_bytes(days.astype("<i4"), 4), _as_bytes(rest.astype("<u4"), 4)], axis=1)
    if kind.name == "smalldatetime":
        days, rest = np.divmod((micros + 2208988800000000 + 30_000_000) // 60_000_000, 1440)
        return np.concatenate([_as_bytes(days.astype("<u2"), 2), _as_bytes(rest.astype("<u2"), 2)], axis=1)
    if kind.scale < 6:
        unit = 10 ** (6 - kind.scale)
        micros = (micros + unit // 2) // unit * unit
    days, rest = np.divmod(micros, 86_400_000_000)
    units = (rest * 10) // 10 ** (7 - kind.scale)
    parts = [_as_bytes(units.astype("<i8"), time_size(kind.scale)), _as_bytes((days + 719162).astype("<i8"), 3)]
    if kind.name == "datetimeoffset":
        parts.append(np.zeros((len(micros), 2), np.uint8))
    return np.concatenate(parts, axis=1)


def _variable(array: pa.Array, kind: SqlType, valid: np.ndarray | None) -> tuple[np.ndarray, Bytes]:
    content, sizes = _binary(array) if kind.is_binary else _text(array, wide=kind.name.startswith("n"))
    if valid is not None:
        sizes = np.where(valid, sizes, 0)
    prefix = 12 if kind.length == MAX else 2
    tail = np.where(sizes > 0, 4, 0) if kind.length == MAX else np.zeros(len(sizes), np.int64)
    lengths = prefix + sizes + tail
    if valid is not None:
        lengths = np.where(valid, lengths, 8 if kind.length == MAX else 2)
    starts = np.cumsum(lengths) - lengths
    out = np.zeros(int(lengths.sum()), np.uint8)
    if kind.length == MAX:
        present = np.ones(len(sizes), bool) if valid is None else valid
        out[starts[:, None] + np.arange(8)] = np.where(present[:, None], _as_bytes(sizes.astype("<i8"), 8), 0xFF)
        some = present & (sizes > 0)
        out[starts[some][:, None] + 8 + np.arange(4)] = _as_bytes(sizes[some].astype("<u4"), 4)
    else:
        marks = sizes if valid is None else np.where(valid, sizes, 0xFFFF)
        out[starts[:, None] + np.arange(2)] = _as_bytes(marks.astype("<u2"), 2)
    if len(content):
        begin = np.cumsum(sizes) - sizes
        out[np.repeat(starts + prefix - begin, sizes) + np.arange(len(content))] = content
    return lengths, out


def _binary(array: pa.Array) -> tuple[Bytes, np.ndarray]:
    array = pc.fill_null(array.cast(pa.large_binary()), b"")
    offsets = np.frombuffer(array.buffers()[1], "<i8")[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(array.buffers()[2] or b"", np.uint8)[offsets[0] : offsets[-1]]
    return data, np.diff(offsets)


def _text(array: pa.Array, *, wide: bool) -> tuple[Bytes, np.ndarray]:
    if not pa.types.is_large_string(array.type):
        array = array.cast(pa.large_string())
    array = pc.fill_null(array, "") if array.null_count else array
    data, sizes = _binary(array.cast(pa.large_binary()))
    if not len(data) or data.max() < 0x80:
        if not wide:
            return data, sizes
        out = np.zeros(len(data) * 2, np.uint8)
        out[::2] = data
        return out, sizes * 2
    if not wide:
        parts = [value.encode("cp1252", "replace") for value in array.to_pylist()]
        return np.frombuffer(b"".join(parts), np.uint8), np.array([len(p) for p in parts], np.int64)
    units = np.concatenate([[0], np.cumsum(((data & 0xC0) != 0x80).astype(np.int64) + (data >= 0xF0))])
    ends = units[np.concatenate([[0], np.cumsum(sizes)])]
    return np.frombuffer(data.tobytes().decode("utf-8").encode("utf-16-le"), np.uint8), np.diff(ends) * 2
