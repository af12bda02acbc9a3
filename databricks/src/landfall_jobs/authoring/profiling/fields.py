"""The fields of a file, and what their columns would be called."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from landfall_jobs.formats.format import Source
from landfall_jobs.formats.json_rows import Path, parse_json
from landfall_jobs.formats.opening import Packing
from landfall_jobs.naming import free_name, snake

DEEPEST_RECORDS = 3
LARGEST_DOCUMENT = 64 << 20


class Field(NamedTuple):
    """A column's name, and how the file calls it."""

    name: str
    source: str


def named(paths: Iterable[Sequence[str]], numbered: bool = False) -> list[Field]:
    """Give each path a name of its own; where the file has no names their numbers are no sources."""
    fields: list[Field] = []
    taken: set[str] = set()
    for path in paths:
        name = free_name(snake("_".join(path)), taken)
        taken.add(name)
        source = path[0] if len(path) == 1 else ".".join(key.replace(".", "\\.") for key in path)
        fields.append(Field(name, name if numbered else source))
    return fields


def kebab(text: str) -> str:
    """Give a name of small letters, digits and hyphens."""
    return snake(text).replace("_", "-")[:40].strip("-")


def fields_of_documents(documents: Sequence[object]) -> tuple[list[Field], list[str]]:
    """Give the fields of JSON documents, and the arrays of objects to explode: one, and what is nested in it."""
    leaves: dict[Path, None] = {}
    arrays: dict[Path, int] = {}
    for document in documents:
        _walk(document, (), leaves, arrays)
    explode: list[Path] = []
    while inner := [path for path in arrays if path not in explode and (not explode or _within(path, explode[-1]))]:
        explode.append(max(inner, key=lambda path: (-len(path), arrays[path])))
    whole = [path for path in arrays if path not in explode]
    kept = [path for path in [*leaves, *whole] if not any(_within(path, array) for array in whole)]
    return named(path for path in kept if path not in explode), [".".join(path) for path in explode]


def _within(path: Path, array: Path) -> bool:
    return len(path) > len(array) and path[: len(array)] == array


def _walk(value: object, path: Path, leaves: dict[Path, None], arrays: dict[Path, int]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _walk(inner, (*path, key), leaves, arrays)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        arrays[path] = arrays.get(path, 0) + len(value)
        for item in value:
            _walk(item, path, leaves, arrays)
    elif path:
        leaves.setdefault(path)


def records_path(packing: Packing, source: Source) -> Path:
    """Give where in a document its longest array of objects is; an empty path where there is none."""
    with packing.open(source) as stream:
        document = parse_json(b"".join(iter(lambda: stream.read(LARGEST_DOCUMENT), b"")))
    best: tuple[int, Path] = (0, ())
    level: list[tuple[Path, object]] = [((), document)]
    for _ in range(DEEPEST_RECORDS):
        level = [
            ((*path, key), inner) for path, value in level if isinstance(value, dict) for key, inner in value.items()
        ]
        for path, value in level:
            if isinstance(value, list) and any(isinstance(item, dict) for item in value):
                best = max(best, (len(value), path))
    return best[1] if best[0] > 1 else ()
