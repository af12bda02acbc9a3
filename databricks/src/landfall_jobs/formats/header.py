"""A header: which column of the contract is where."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from landfall_jobs.formats.format import UnreadableFile, check_width
from landfall_jobs.formats.json_rows import Path


class Header(NamedTuple):
    """Where each column is in this file (None: nowhere), what else it has, and its line as it stands there."""

    width: int
    positions: tuple[int | None, ...]
    extra: tuple[tuple[str, int], ...]
    line: bytes = b""
    absent: tuple[str, ...] = ()


def locate(
    columns: Sequence[tuple[str, str]], optional: Collection[str], names: Sequence[str], shown: str, path: str
) -> Header:
    """Find columns among the names of a header, in any order and case.

    Raises UnreadableFile when one is not there that is not optional.
    """
    check_width(len(names), path)
    spelled: dict[str, int] = {}
    for i, name in enumerate(names):
        if spelled.setdefault(normal(name), i) != i and name:
            raise UnreadableFile(f"{path} names the column {name.strip()} twice in its header.")
    found = [spelled.get(normal(source), spelled.get(normal(name))) for name, source in columns]
    absent = [column for column, i in zip(columns, found, strict=True) if i is None]
    missing = [source for name, source in absent if name not in optional]
    if missing:
        raise UnreadableFile(
            f"{path} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            f"its header is: {shown[:300] or '(empty)'}. Land a file with these columns, or change the contract."
        )
    taken = set(found)
    extra = tuple((name.strip(), i) for i, name in enumerate(names) if i not in taken)
    return Header(len(names), tuple(found), extra, absent=tuple(name for name, _ in absent))


def locate_paths(
    columns: Sequence[tuple[str, str]],
    paths: Sequence[Path],
    optional: Collection[str],
    names: Sequence[str],
    path: str,
) -> list[Path]:
    """Give the paths to columns as a file spells their first key; an empty one where a column is not there.

    Raises UnreadableFile when one is not there that is not optional.
    """
    spelled = spelling(names)
    found = [(spelled(keys[0]), keys[1:]) for keys in paths]
    missing = [
        ".".join(keys)
        for (column, _), keys, (name, _) in zip(columns, paths, found, strict=True)
        if name is None and column not in optional
    ]
    if missing:
        has = ", ".join(names)[:300]
        raise UnreadableFile(f"{path} lacks the columns {', '.join(missing)}; it has {has}.")
    return [() if name is None else (name, *rest) for name, rest in found]


def spelling(names: Sequence[str]) -> Callable[[str], str | None]:
    """Tell how a file spells a name; case counts only where two of its names differ by it alone."""
    spelled = {name.casefold(): name for name in reversed(names)} | {name: name for name in names}
    return lambda name: spelled.get(name, spelled.get(name.casefold()))


def normal(name: str) -> str:
    """Give what is the same of two names that mean one column."""
    return name.strip().casefold()
