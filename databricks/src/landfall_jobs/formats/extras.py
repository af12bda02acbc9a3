"""What files have beside the contract's columns: names, and of which types all their values are."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from landfall_jobs.formats.json_rows import Path, Tree, as_column, path_text
from landfall_jobs.transforms.checks import FORMS

LOOKED_AT = 1000
"""Rows of a piece of a file that are looked at for names alone."""
EXAMPLES = 3
LONGEST_EXAMPLE = 100
EXACT = 2**53
"""Up to here a double tells whole numbers apart."""
LARGEST = 2**63


def _is_whole(text: str) -> bool:
    return _BIGINT.match(text) is not None and _CODE.match(text) is None and -LARGEST <= int(text) < LARGEST


def _is_double(text: str) -> bool:
    if _DOUBLE.match(text) is None or _CODE.match(text) is not None:
        return False
    return _DIGITS.match(text) is None or abs(int(text)) <= EXACT


def _is_date(text: str) -> bool:
    return _DATE.match(text) is not None and _parses(date.fromisoformat, text)


def _is_timestamp(text: str) -> bool:
    return _TIMESTAMP.match(text) is not None and _parses(datetime.fromisoformat, text)


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


_BIGINT, _DOUBLE, _DATE = (re.compile(FORMS[kind]) for kind in ("bigint", "double", "date"))
# To the second: what engines make of shorter times varies.
_TIMESTAMP = re.compile(
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?(Z|[+-][0-9]{2}:?[0-9]{2})?$"
)
_DIGITS = re.compile(r"^[+-]?[0-9]+$")
_CODE = re.compile(r"^[+-]?0[0-9]")
"""Digits that begin with a zero are a code, not a number."""
TYPES: dict[str, Callable[[str], bool]] = {
    "boolean": lambda text: text in ("true", "false", "True", "False", "TRUE", "FALSE"),
    "bigint": _is_whole,
    "double": _is_double,
    "date": _is_date,
    "timestamp": _is_timestamp,
}
"""The narrowest first. A whole number is never an int: the next file may bring a larger one."""


@dataclass
class ExtraColumn:
    """A column that the contract does not know: the types of which all its values are, and some of them."""

    types: set[str] = field(default_factory=lambda: set(TYPES))
    rows: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Take a value into account."""
        self.rows += 1
        if self.types:
            self.types = {kind for kind in self.types if TYPES[kind](text)}
        if len(self.examples) < EXAMPLES and text[:LONGEST_EXAMPLE] not in self.examples:
            self.examples.append(text[:LONGEST_EXAMPLE])

    def merge(self, other: "ExtraColumn") -> "ExtraColumn":
        """Give both as one."""
        examples = list(dict.fromkeys([*self.examples, *other.examples]))[:EXAMPLES]
        return ExtraColumn(self.types & other.types, self.rows + other.rows, examples)

    @property
    def type(self) -> str:
        """The narrowest type of all values; text when in doubt."""
        return next((kind for kind in TYPES if kind in self.types), "string")

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"types": sorted(self.types), "rows": self.rows, "examples": self.examples}

    @staticmethod
    def from_json(item: dict[str, Any]) -> "ExtraColumn":
        """Read what `to_json` gives."""
        return ExtraColumn(set(item["types"]), item["rows"], item["examples"])


@dataclass(frozen=True)
class Extras:
    """How closely to look: at the types of all values, or at names only, of which the first rows tell most.

    `null_values` are texts that stand for no value. `known` are keys that lead to columns, where names are paths of
    keys (None: they are not), so that what stands beside them in a nested object is told by its path.
    """

    types: bool = False
    null_values: frozenset[str] = frozenset()
    known: Tree | None = None

    def look(self, column: pa.ChunkedArray, found: dict[str, ExtraColumn]) -> None:
        """Enter what a piece of a file has, from the JSON beside its rows; where that is null this costs nothing."""
        if column.null_count == len(column):
            return
        rows = column.drop_null()
        for text in (rows if self.types else rows.slice(0, LOOKED_AT)).to_pylist():
            for path, value in _leaves(json.loads(text), self.known or {}, ()):
                name = path[0] if self.known is None else path_text(path)
                value_text = as_column(value)
                if not name.strip() or value_text is None or value_text in self.null_values:
                    continue
                if (known := found.get(name)) is None:
                    known = found[name] = ExtraColumn()
                known.add(value_text)


def _leaves(beside: dict[str, Any], known: Tree, path: Path) -> Iterator[tuple[Path, object]]:
    """Give what stands beside known keys; an object that has none is one value."""
    for name, value in beside.items():
        below = known.get(name)
        if below is not None and isinstance(value, dict):
            yield from _leaves(value, below, (*path, name))
        else:
            yield (*path, name), value
