"""A header: which column of the contract is where."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from landfall_jobs.formats.format import UnreadableFile, check_width


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
        if spelled.setdefault(_normal(name), i) != i and name:
            raise UnreadableFile(f"{path} names the column {name.strip()} twice in its header.")
    found = [spelled.get(_normal(source), spelled.get(_normal(name))) for name, source in columns]
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


def _normal(name: str) -> str:
    return name.strip().casefold()
