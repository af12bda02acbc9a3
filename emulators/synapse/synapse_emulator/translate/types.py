"""T-SQL types: how they are written, stored in DuckDB, and combined.

The result types of operators follow "Data type precedence" and "Precision, scale, and length" of the T-SQL reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from synapse_emulator.tsql.nodes import TypeSpec

SqlValue = Any
"""A value as DuckDB's Python client holds it: int, Decimal, float, str, bytes, bool, dates and times, UUID, None."""
MAX = -1
_INTS = {"bit": 0, "tinyint": 1, "smallint": 2, "int": 3, "bigint": 4}
_INT_DIGITS = {"bit": 1, "tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}
_STRINGS = frozenset({"char", "varchar", "nchar", "nvarchar"})
_BINARY = frozenset({"binary", "varbinary"})
_STAMPS = frozenset({"datetime", "smalldatetime", "datetime2", "datetimeoffset"})
_SYNONYMS = {
    "integer": "int",
    "dec": "decimal",
    "numeric": "decimal",
    "character": "char",
    "sysname": "nvarchar",
    "double precision": "float",
}
_PRECEDENCE = [
    "binary",
    "varbinary",
    "char",
    "varchar",
    "nchar",
    "nvarchar",
    "uniqueidentifier",
    "bit",
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "smallmoney",
    "money",
    "decimal",
    "real",
    "float",
    "time",
    "date",
    "smalldatetime",
    "datetime",
    "datetime2",
    "datetimeoffset",
]
_DUCK = {
    "bit": "BOOLEAN",
    "tinyint": "UTINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "money": "DECIMAL(19,4)",
    "smallmoney": "DECIMAL(10,4)",
    "float": "DOUBLE",
    "real": "REAL",
    "date": "DATE",
    "time": "TIME",
    "datetime": "TIMESTAMP",
    "smalldatetime": "TIMESTAMP_S",
    "datetimeoffset": "TIMESTAMPTZ",
    "uniqueidentifier": "UUID",
}


@dataclass(slots=True, frozen=True)
class SqlType:
    """A resolved type; `length` counts characters or bytes (-1 for MAX), `scale` also serves times."""

    name: str
    length: int = 0
    precision: int = 0
    scale: int = 0

    @property
    def is_int(self) -> bool:
        """bit, tinyint, smallint, int, bigint."""
        return self.name in _INTS

    @property
    def is_exact(self) -> bool:
        """decimal or money."""
        return self.name in ("decimal", "money", "smallmoney")

    @property
    def is_float(self) -> bool:
        """float or real."""
        return self.name in ("float", "real")

    @property
    def is_number(self) -> bool:
        """Any number, bit included."""
        return self.is_int or self.is_exact or self.is_float

    @property
    def is_string(self) -> bool:
        """Any character type."""
        return self.name in _STRINGS

    @property
    def is_binary(self) -> bool:
        """binary or varbinary."""
        return self.name in _BINARY

    @property
    def is_stamp(self) -> bool:
        """Date and time together."""
        return self.name in _STAMPS

    @property
    def is_temporal(self) -> bool:
        """Dates and times."""
        return self.is_stamp or self.name in ("date", "time")

    def duck(self) -> str:
        """The DuckDB type that stores it; datetime2(0) and (3) round there as T-SQL does."""
        if self.name == "decimal":
            return f"DECIMAL({self.precision},{self.scale})"
        if self.name == "datetime2":
            return {0: "TIMESTAMP_S", 3: "TIMESTAMP_MS"}.get(self.scale, "TIMESTAMP")
        if self.is_binary:
            return "BLOB"
        return _DUCK.get(self.name, "VARCHAR")

    def __str__(self) -> str:
        if self.name == "decimal":
            return f"decimal({self.precision},{self.scale})"
        if self.name in _STRINGS or self.name in _BINARY:
            return f"{self.name}({'max' if self.length == MAX else self.length})"
        if self.name in ("datetime2", "time", "datetimeoffset"):
            return f"{self.name}({self.scale})"
        return self.name


BIT, INT, BIGINT, FLOAT, DATE = (SqlType(name) for name in ("bit", "int", "bigint", "float", "date"))
DATETIME = SqlType("datetime", scale=3)
DATETIME2 = SqlType("datetime2", scale=7)


def nvarchar(length: int) -> SqlType:
    """nvarchar of a length, MAX beyond 4000."""
    return SqlType("nvarchar", length if 0 <= length <= 4000 else MAX)


def varchar(length: int) -> SqlType:
    """varchar of a length, MAX beyond 8000."""
    return SqlType("varchar", length if 0 <= length <= 8000 else MAX)


def decimal(precision: int, scale: int) -> SqlType:
    """decimal, squeezed into 38 digits as the T-SQL rules do (at least 6 decimals are kept)."""
    if precision > 38:
        scale = max(min(scale, 6), scale - (precision - 38))
        precision = 38
    return SqlType("decimal", precision=precision, scale=scale)


def resolve(spec: TypeSpec, *, cast: bool = False) -> SqlType:
    """The type of a spec; a string without a length is 1 long in a declaration and 30 in a CAST."""
    name = _SYNONYMS.get(spec.name, spec.name)
    if spec.name == "sysname":
        return nvarchar(128)
    if name == "decimal":
        precision = spec.length if spec.length is not None else 18
        return SqlType(name, precision=precision, scale=spec.scale or 0)
    if name == "float":
        return SqlType("real" if spec.length is not None and spec.length <= 24 else "float")
    if name in _STRINGS or name in _BINARY:
        return SqlType(name, spec.length if spec.length is not None else (30 if cast else 1))
    if name in ("datetime2", "time", "datetimeoffset"):
        return SqlType(name, scale=7 if spec.length is None else spec.length)
    if name == "datetime":
        return DATETIME
    return SqlType(name)


def from_text(text: str) -> SqlType:
    """The inverse of str()."""
    name, _, rest = text.partition("(")
    numbers = [MAX if part == "max" else int(part) for part in rest.rstrip(")").split(",") if part]
    if name == "decimal":
        return SqlType(name, precision=numbers[0], scale=numbers[1])
    spec = TypeSpec(name, numbers[0] if numbers else None)
    return resolve(spec)


def as_decimal(kind: SqlType) -> SqlType:
    """The decimal that holds an integer or money type."""
    if kind.name == "money":
        return decimal(19, 4)
    if kind.name == "smallmoney":
        return decimal(10, 4)
    if kind.is_int:
        return decimal(_INT_DIGITS[kind.name], 0)
    return kind


def unify(left: SqlType | None, right: SqlType | None) -> SqlType | None:
    """The type of CASE branches, UNION columns, COALESCE: the one of higher precedence, wide enough for both."""
    if left is None or right is None:
        return left or right
    if left == right:
        return left
    high, low = (left, right) if _rank(left) >= _rank(right) else (right, left)
    if (high.is_string and low.is_string) or (high.is_binary and low.is_binary):
        length = MAX if MAX in (high.length, low.length) else max(high.length, low.length)
        return SqlType(_widest_string(high.name, low.name), length)
    if high.name == "decimal" and (low.is_exact or low.is_int):
        other = as_decimal(low)
        scale = max(high.scale, other.scale)
        return decimal(max(high.precision - high.scale, other.precision - other.scale) + scale, scale)
    if high.name == low.name:
        return SqlType(high.name, scale=max(high.scale, low.scale))
    return high


def _widest_string(one: str, other: str) -> str:
    if one == other:
        return one
    return (
        "n" if ("n" in (one[0], other[0]) and "nchar" in (one[:5], other[:5])) or "nvarchar" in (one, other) else ""
    ) + ("varchar" if not one.endswith("binary") else "varbinary")


def _rank(kind: SqlType) -> int:
    return _PRECEDENCE.index(kind.name) if kind.name in _PRECEDENCE else 0


def higher(left: SqlType, right: SqlType) -> SqlType:
    """The operand type of a comparison."""
    return left if _rank(left) >= _rank(right) else right


def arithmetic(op: str, left: SqlType, right: SqlType) -> SqlType:
    """The type of left op right for numbers."""
    if left.is_float or right.is_float:
        return FLOAT if "float" in (left.name, right.name) or left.is_float != right.is_float else left
    if left.is_int and right.is_int:
        wider = left if _INTS[left.name] >= _INTS[right.name] else right
        return wider if wider.name != "bit" else INT
    a, b = as_decimal(left), as_decimal(right)
    p1, s1, p2, s2 = a.precision, a.scale, b.precision, b.scale
    if op in "+-":
        return decimal(max(s1, s2) + max(p1 - s1, p2 - s2) + 1, max(s1, s2))
    if op == "*":
        return decimal(p1 + p2 + 1, s1 + s2)
    if op == "/":
        scale = max(6, s1 + p2 + 1)
        return decimal(p1 - s1 + s2 + scale, scale)
    return decimal(min(p1 - s1, p2 - s2) + max(s1, s2), max(s1, s2))
