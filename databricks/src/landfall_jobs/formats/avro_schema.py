"""Avro's schemas, as https://avro.apache.org/docs/1.12.0/specification has them, made ready for fastavro.

What a file says of itself may be anything. So names are resolved here, and types are counted; a schema that contains
itself is refused, since its values could be nested until a process breaks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from fastavro.read import LOGICAL_READERS

from landfall_jobs.formats.format import WIDEST, UnreadableFile, as_text
from landfall_jobs.formats.json_rows import parse_json

DEEPEST = 100
MOST_EMPTY = 100
"""Fields that take no bytes: of many of them a small file would have more than anybody can wait for."""
LARGEST_BLOCK = 64 << 20
MOST_HELD_BYTES = 1 << 30
"""What the values of a block may come to in memory, all of its bytes taken for elements of its arrays."""
PREFIX = "landfall-"
"""Of the logical types by which fastavro gives values that can be text; Avro has none of these."""
Schema = Any
"""JSON: a name, an object, or a list for a union."""

_LEAST_BYTES = {"null": 0, "boolean": 1, "int": 1, "long": 1, "float": 4, "double": 8, "bytes": 1, "string": 1}
_HELD_BYTES = {"null": 8, "boolean": 8, "int": 40, "long": 40, "float": 32, "double": 32}
_TEXT_BYTES, _LIST_BYTES, _OBJECT_BYTES, _KEY_BYTES = 100, 64, 240, 40
"""What Python needs for a short text, an empty list, an object, and each of its keys; measured on 3.11."""
_MIDNIGHT, _EPOCH = date(1970, 1, 1), datetime(1970, 1, 1)


@dataclass(frozen=True)
class AvroSchema:
    """The schema of a file's records: for fastavro, and a record in which every array has one element.

    `least_bytes` is what a record takes at least; a block may have `largest_block` bytes.
    """

    document: dict[str, Any]
    example: dict[str, Any]
    least_bytes: int
    largest_block: int


class _Type(NamedTuple):
    """A type for fastavro, a value of it, the bytes that it takes at least, and what it holds in memory."""

    document: Schema
    example: object
    least_bytes: int
    held_bytes: int


def prepare_schema(text: bytes, path: str) -> AvroSchema:
    """Read the schema of a file; raise UnreadableFile when its records cannot be rows."""
    try:
        preparing = _Preparing(path)
        schema = parse_json(text)
        record = preparing.type(schema, "", 0)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableFile(f"{path} has no schema that is Avro's: {type(error).__name__} {error}.") from error
    if not isinstance(record.document, dict) or not isinstance(record.example, dict):
        raise UnreadableFile(f"{path} holds no records: the type of its schema is {_name(schema)}.")
    if record.least_bytes == 0:
        raise UnreadableFile(f"{path} holds records that take no bytes; any number of them would be as good.")
    largest = min(LARGEST_BLOCK, int(MOST_HELD_BYTES / max(preparing.density, 1)))
    return AvroSchema(record.document, record.example, record.least_bytes, largest)


def _name(schema: Schema) -> str:
    return str(schema.get("type"))[:100] if isinstance(schema, dict) else str(schema)[:100]


class _Preparing:
    def __init__(self, path: str) -> None:
        self._path = path
        self._named: dict[str, tuple[dict[str, Any], str]] = {}
        self._within: list[str] = []
        self._count = 0
        self._empty = 0
        self.density = 0.0
        """Bytes of memory that a byte of an array or a map can come to."""

    def type(self, schema: Schema, namespace: str, depth: int) -> _Type:
        self._count += 1
        if self._count > WIDEST or depth > DEEPEST:
            what = f"more than {WIDEST} types" if depth <= DEEPEST else f"types nested deeper than {DEEPEST}"
            raise UnreadableFile(f"{self._path} has {what} in its schema.")
        if isinstance(schema, list):
            return self._union([self.type(branch, namespace, depth + 1) for branch in schema])
        if isinstance(schema, str):
            if schema not in _LEAST_BYTES:
                return self._named_type(*self._find(schema, namespace), depth)
            schema = {"type": schema}
        kind = schema["type"]
        if kind in ("record", "error", "enum", "fixed"):
            return self._named_type(schema, namespace, depth)
        if kind in ("array", "map"):
            return self._many(kind, schema, namespace, depth)
        if isinstance(kind, str) and kind in _LEAST_BYTES:
            document = _plain(schema, kind)
            # Most values of a logical type come out as texts.
            held = _HELD_BYTES.get(kind, _TEXT_BYTES) if len(document) == 1 else _TEXT_BYTES
            return _Type(document, None, _LEAST_BYTES[kind], held)
        return self.type(kind, namespace, depth + 1)

    def _find(self, name: str, namespace: str) -> tuple[dict[str, Any], str]:
        for full in (f"{namespace}.{name}", name):
            if full in self._named:
                return self._named[full]
        raise UnreadableFile(f"{self._path} names a type in its schema, {name[:100]}, that is not there.")

    def _named_type(self, schema: dict[str, Any], namespace: str, depth: int) -> _Type:
        name = str(schema["name"])
        namespace = name.rpartition(".")[0] if "." in name else str(schema.get("namespace", namespace) or "")
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        if full in self._within:
            raise UnreadableFile(f"{self._path} has a schema whose type {full[:100]} contains itself.")
        self._named[full] = (schema, namespace)
        if schema["type"] == "enum":
            document = _logical("int", "enum", texts=[str(symbol) for symbol in schema["symbols"]])
            return _Type(document, None, 1, 8)
        own = f"t{self._count}"
        if schema["type"] == "fixed":
            size = schema["size"]
            if not isinstance(size, int) or not 0 <= size <= LARGEST_BLOCK:
                raise UnreadableFile(f"{self._path} has a type in its schema of {str(size)[:100]} bytes.")
            document = _plain(schema, "fixed")
            return _Type({**document, "name": own, "size": size}, None, size, _TEXT_BYTES)
        self._within.append(full)
        fields = {str(f["name"]): self.type(f["type"], namespace, depth + 1) for f in schema["fields"]}
        self._within.pop()
        if len(fields) < len(schema["fields"]):
            raise UnreadableFile(f"{self._path} has two fields of one name in its schema, in {full[:100]}.")
        self._empty += sum(found.least_bytes == 0 for found in fields.values())
        if self._empty > MOST_EMPTY:
            raise UnreadableFile(f"{self._path} has more than {MOST_EMPTY} fields in its schema that take no bytes.")
        document = {
            **{"type": "record", "name": own},
            "fields": [{"name": field, "type": found.document} for field, found in fields.items()],
        }
        held = _OBJECT_BYTES + sum(_KEY_BYTES + found.held_bytes for found in fields.values())
        example = {field: found.example for field, found in fields.items()}
        return _Type(document, example, sum(found.least_bytes for found in fields.values()), held)

    def _many(self, kind: str, schema: dict[str, Any], namespace: str, depth: int) -> _Type:
        within = "items" if kind == "array" else "values"
        each = self.type(schema[within], namespace, depth + 1)
        key = 0 if kind == "array" else 1
        least = each.least_bytes + key
        if least == 0:
            raise UnreadableFile(f"{self._path} has an array in its schema whose elements take no bytes.")
        self.density = max(self.density, (each.held_bytes + 8 + key * (_KEY_BYTES + _TEXT_BYTES)) / least)
        example = [each.example] if kind == "array" else None
        held = _LIST_BYTES if kind == "array" else _OBJECT_BYTES
        return _Type({"type": kind, within: each.document}, example, 1, held)

    def _union(self, branches: list[_Type]) -> _Type:
        if not branches:
            raise UnreadableFile(f"{self._path} has a union without types in its schema.")
        example = next((branch.example for branch in branches if branch.example is not None), None)
        least = 1 + min(branch.least_bytes for branch in branches)
        return _Type([b.document for b in branches], example, least, max(b.held_bytes for b in branches))


def _plain(schema: dict[str, Any], kind: str) -> dict[str, Any]:
    """Give a type without parts, with the logical type by which its values come out as they are wanted."""
    logical = schema.get("logicalType")
    name = f"{kind}-{logical}"
    if name in ("bytes-decimal", "fixed-decimal"):
        scale = schema.get("scale", 0)
        # By the specification a logical type that is not valid is none.
        if isinstance(scale, int) and 0 <= scale < 1000:
            return _logical(kind, "decimal", digits=scale)
    elif name == "fixed-uuid" and schema["size"] == 16:
        return _logical(kind, "uuid")
    elif name == "fixed-duration" and schema["size"] == 12:
        return _logical(kind, "duration")
    elif name in _TIMES:
        return _logical(kind, str(logical))
    elif kind in ("bytes", "fixed", "float"):
        return _logical(kind, kind)
    return {"type": kind}


def _logical(kind: str, name: str, **more: object) -> dict[str, Any]:
    return {"type": kind, "logicalType": f"{PREFIX}{name}", **more}


def _date(days: int) -> str:
    return (_MIDNIGHT + timedelta(days)).isoformat()


def _time(microseconds: int, precision: str) -> str:
    if not 0 <= microseconds < 86_400_000_000:
        raise OverflowError
    return (_EPOCH + timedelta(microseconds=microseconds)).time().isoformat(precision)


def _timestamp(microseconds: int, zone: str) -> str:
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat(" ", "microseconds") + zone


_TIMES: Mapping[str, Callable[[int], str]] = {
    "int-date": _date,
    "int-time-millis": lambda value: _time(value * 1000, "milliseconds"),
    "long-time-micros": lambda value: _time(value, "microseconds"),
    "long-timestamp-millis": lambda value: _timestamp(value * 1000, "Z"),
    "long-timestamp-micros": lambda value: _timestamp(value, "Z"),
    "long-timestamp-nanos": lambda value: _timestamp(value // 1000, "Z"),
    "long-local-timestamp-millis": lambda value: _timestamp(value * 1000, ""),
    "long-local-timestamp-micros": lambda value: _timestamp(value, ""),
    "long-local-timestamp-nanos": lambda value: _timestamp(value // 1000, ""),
}
"""Times as Parquet's come out; Spark knows microseconds."""


def _duration(value: bytes) -> str:
    months, days, milliseconds = (int.from_bytes(value[at : at + 4], "little") for at in (0, 4, 8))
    return f"P{months}M{days}DT{Decimal(milliseconds) / 1000}S"


def _symbol(value: int, schema: Mapping[str, Any]) -> str:
    texts = schema["texts"]
    if not 0 <= value < len(texts):
        raise ValueError(f"an enum has no symbol of the number {value}")
    return str(texts[value])


def _decimal(value: bytes, schema: Mapping[str, Any]) -> str:
    return str(Decimal(f"{int.from_bytes(value, 'big', signed=True)}E-{schema['digits']}"))


def _register(name: str, convert: Callable[[Any, Mapping[str, Any]], object]) -> None:
    kind, _, logical = name.partition("-")
    LOGICAL_READERS[f"{kind}-{PREFIX}{logical}"] = lambda value, schema, _: convert(value, schema or {})


def _or_number(convert: Callable[[int], str]) -> Callable[[int, object], object]:
    def text(value: int, _: object) -> object:
        try:
            return convert(value)
        except OverflowError:
            # A day of the year 10000 is none here; its number stands for it, so that the row is told, not the file.
            return value

    return text


for _kind, _convert in _TIMES.items():
    _register(_kind, _or_number(_convert))
for _kind in ("bytes", "fixed"):
    _register(f"{_kind}-{_kind}", lambda value, _: as_text(value))
    _register(f"{_kind}-decimal", _decimal)
_register("fixed-uuid", lambda value, _: str(UUID(bytes=value)))
_register("fixed-duration", lambda value, _: _duration(value))
_register("float-float", lambda value, _: float(str(np.float32(value))))
_register("int-enum", _symbol)
