"""From a JSON document to rows of texts: paths into it, arrays exploded."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

Path = tuple[str, ...]

SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
EXACT = 1e15
"""Up to here every whole number is one as a double, and is written without an exponent."""


def parse_path(text: str) -> Path:
    """Read a path of keys, separated by dots; a dot in a key is written `\\.`."""
    return tuple(part.replace("\\.", ".") for part in re.split(r"(?<!\\)\.", text))


def path_text(path: Sequence[str]) -> str:
    """Write a path as `parse_path` reads it."""
    return ".".join(key.replace(".", "\\.") for key in path)


Tree = dict[str, "Tree | None"]
"""Keys of an object that are known: None where all below is, else what is known below."""


def known_keys(paths: Iterable[Path], explode: Iterable[Path]) -> Tree:
    """Give the keys that lead to columns, and to arrays that are exploded."""
    root: Tree = {}
    for path, whole in [*((path, True) for path in paths), *((path, False) for path in explode)]:
        node: Tree | None = root
        for key in path[:-1]:
            node = None if node is None else node.setdefault(key, {})
        if node is not None and whole:
            node[path[-1]] = None
        elif node is not None:
            node.setdefault(path[-1], {})
    return root


def unknown_part(value: dict, known: Tree) -> dict:
    """Give what an object has beside its known keys, nested as it is."""
    beside = {name: inner for name, inner in value.items() if name not in known}
    for name, below in known.items():
        inner = value.get(name)
        if below is not None and isinstance(inner, dict):
            part = unknown_part(inner, below)
            if part:
                beside[name] = part
    return beside


def parse_json(text: str | bytes) -> object:
    """Read JSON as its standard has it: NaN and Infinity are none. Raises ValueError."""
    value = json.loads(text, parse_constant=refuse_constant)
    check_text(text if isinstance(text, str) else text.decode("utf-8"), value)
    return value


def check_text(text: str, value: object) -> None:
    """Raise ValueError when an escape in the text stands for half a character: no column can hold that."""
    if SURROGATE.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("an escape stands for half a character (a surrogate alone)") from None


def json_text(value: object) -> str:
    """Write JSON as its standard has it: a number that it does not know, such as infinity, as a text."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False)


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def refuse_constant(name: str) -> object:
    """Refuse what Python takes for a number and JSON does not know."""
    raise ValueError(f"{name} is no JSON")


class NoObject(ValueError):
    """A document that is not a JSON object."""


@dataclass(frozen=True)
class Flattening:
    """How documents become rows: a path for each column, and the arrays of which each element gives a row."""

    paths: tuple[Path, ...]
    explode: tuple[Path, ...] = ()

    def rows(self, document: object) -> Iterator[tuple[list[str | None], str | None]]:
        """Give for each row the text of its columns, and as JSON what is beside them.

        An array that is missing or empty gives one row, in which its columns are null: no record vanishes. Raises
        NoObject where the document is none.
        """
        if not isinstance(document, dict):
            raise NoObject
        for row in _exploded(document, self.explode):
            if not isinstance(row, dict):
                yield [None] * len(self.paths), None
                continue
            texts = [as_column(row.get(path[0]) if len(path) == 1 else value_at(row, path)) for path in self.paths]
            yield texts, self.beside(row)

    def beside(self, row: dict) -> str | None:
        """Give as JSON what a row has beside its columns, None where that is nothing."""
        extra = unknown_part(row, self.known)
        return json.dumps(extra, ensure_ascii=False, sort_keys=True) if extra else None

    @cached_property
    def known(self) -> Tree:
        """Keys that lead to columns."""
        return known_keys(self.paths, self.explode)


def as_column(value: object) -> str | None:
    """Give a value as the text of a column; what is nested stays JSON. To JSON 5.0 is the whole number 5."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < EXACT else repr(value)
    return json.dumps(value, ensure_ascii=False)


def value_at(value: object, path: Sequence[str]) -> object:
    """Give what is at a path of keys; None where there is nothing."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _exploded(document: object, arrays: Sequence[Path]) -> Iterator[object]:
    if not arrays:
        yield document
        return
    for row in _one_exploded(document, arrays[0]):
        yield from _exploded(row, arrays[1:])


def _one_exploded(value: object, path: Path) -> Iterator[object]:
    """Give the value once for each element of the array at a path, with the element in place of the array."""
    if not path:
        if isinstance(value, list):
            yield from value or [None]
        else:
            yield value
    elif isinstance(value, dict) and path[0] in value:
        for inner in _one_exploded(value[path[0]], path[1:]):
            yield {**value, path[0]: inner}
    else:
        yield value
