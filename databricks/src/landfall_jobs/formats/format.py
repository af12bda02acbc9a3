"""What the job asks of a format: the records of a file as text, and the exact text of those that were refused."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from landfall_jobs import lineage
from landfall_jobs.errors import JobError

WIDEST = 10_000
"""More columns than this are a mistake: each costs memory in every step."""
ENCODING, TOO_LONG = "encoding", "too-long"
"""Why a record is none, in any format; the others are the format's own."""
ABSENT = b"absent"
"""In the metadata of a table: JSON, names of the columns that the file does not have."""
LONGEST_RAW_BYTES = 1 << 16
"""What is kept of the text of a record that is longer."""
LONGEST_WHOLE_BYTES = 1 << 20
"""A refused record that is longer is not given back in the format of its file; landing has it still."""


class UnreadableFile(JobError):
    """A file of which nothing can be taken: the ledger says why, and the other files of its batch go on."""


@dataclass(frozen=True)
class Source:
    """A landed file: where it is, and how the ledger calls it."""

    uri: str
    path: str


class Place(NamedTuple):
    """Where a record stands: its first line (of formats without lines its number), how many, and which of its rows.

    `problem` says why it is none; it is empty for a record.
    """

    line: int
    lines: int = 1
    item: int = 1
    problem: str = ""


class Excerpt(NamedTuple):
    """A record as it stands in the file: its text, that of each column, and in a sentence why it is none.

    `whole` is the record in UTF-8, of which nothing is cut; None where that would be too much. `head` is the line that
    says how to read it, where there is one: the header of a CSV file, the fields of a log.
    """

    raw: str
    values: Mapping[str, str | None]
    message: str | None = None
    whole: bytes | None = None
    head: bytes = b""


class Row(NamedTuple):
    """A row that a record gives: the text of each column, as JSON what is beside them; or why there is none."""

    line: int
    item: int
    texts: Sequence[str | None]
    extra: str | None = None
    problem: str | None = None
    raw: str | None = None


@dataclass(frozen=True)
class Format(ABC):
    """How a dataset's files are written; `columns` are pairs of (column, how the file calls it).

    A file may lack the columns of `optional`, which then are null; formats of documents let it lack any.
    """

    columns: tuple[tuple[str, str], ...]
    optional: frozenset[str] = field(default=frozenset(), kw_only=True)

    @abstractmethod
    def read(self, source: Source) -> Iterator[pa.Table]:
        """Give the records, arranged by `arrange`; raise UnreadableFile when the file is not of this format."""

    @abstractmethod
    def excerpts(self, source: Source, places: Sequence[Place]) -> Iterator[Excerpt]:
        """Give what stands at places, which come in order."""

    @abstractmethod
    def compose(self, excerpts: Iterable[Excerpt]) -> bytes:
        """Give a file of nothing but these records, without compression; those that are not whole are left out."""

    @property
    def explodes(self) -> bool:
        """Whether a record may give several rows, which lineage.ITEM then numbers."""
        return False

    def spark_schema(self) -> str:
        """Schema of the rows that `read_files` gives."""
        texts = [name for name, _ in self.columns] + [lineage.EXTRA, lineage.PROBLEM, lineage.RAW]
        lines = f"{lineage.LINE} int, {lineage.LINES} int"
        item = f", {lineage.ITEM} int" if self.explodes else ""
        origin = f"{lineage.FILE} string, {lineage.LANDED_AT} string"
        return ", ".join(f"`{name}` string" for name in texts) + f", {lines}{item}, {origin}"

    def arrange(
        self,
        columns: Sequence[pa.Array | pa.ChunkedArray],
        line: pa.Array,
        lines: pa.Array | None = None,
        item: pa.Array | None = None,
        extra: pa.Array | None = None,
        problem: pa.Array | None = None,
        raw: pa.Array | None = None,
        absent: Sequence[str] = (),
    ) -> pa.Table:
        """Arrange columns, which come in the contract's order as text, as `spark_schema` says.

        Columns that the file does not have at all are `absent`, which the table's metadata tells.
        """
        arrays = {name: column for (name, _), column in zip(self.columns, columns, strict=True)}
        nothing, one = pa.nulls(len(line), pa.string()), pa.repeat(pa.scalar(1, pa.int32()), len(line))
        arrays[lineage.EXTRA] = nothing if extra is None else extra
        arrays[lineage.PROBLEM] = nothing if problem is None else problem
        arrays[lineage.RAW] = nothing if raw is None else raw
        arrays[lineage.LINE] = line
        arrays[lineage.LINES] = one if lines is None else lines
        if self.explodes:
            arrays[lineage.ITEM] = one if item is None else item
        table = pa.table(arrays)
        return table.replace_schema_metadata({ABSENT: json.dumps(list(absent))}) if absent else table

    def arrange_rows(self, rows: Sequence[Row], absent: Sequence[str] = ()) -> pa.Table:
        """Arrange rows that were made one by one."""
        columns = list(zip(*(row.texts for row in rows), strict=True)) or [()] * len(self.columns)
        return self.arrange(
            [pa.array(column, pa.string()) for column in columns],
            pa.array([row.line for row in rows], pa.int32()),
            item=pa.array([row.item for row in rows], pa.int32()),
            extra=pa.array([row.extra for row in rows], pa.string()),
            problem=pa.array([row.problem for row in rows], pa.string()),
            raw=pa.array([row.raw for row in rows], pa.string()),
            absent=absent,
        )

    def refused(self, line: int, problem: str, raw: str) -> pa.Table:
        """Give the table of one record that is none."""
        nothing = pa.nulls(1, pa.string())
        one = pa.array([line], pa.int32())
        return self.arrange([nothing] * len(self.columns), one, problem=pa.array([problem]), raw=pa.array([raw]))


def consecutive(first: int, count: int) -> pa.Array:
    """Give the numbers of records that follow each other."""
    return pa.array(np.arange(first, first + count, dtype=np.int32))


def as_json_lines(excerpts: Iterable[Excerpt]) -> bytes:
    """Give records whose excerpts are JSON as JSON Lines: where nobody corrects files of the format by hand."""
    return b"".join(excerpt.whole + b"\n" for excerpt in excerpts if excerpt.whole is not None)


def whole(raw: bytes) -> bytes | None:
    """Give a record, unless it is so long that keeping many would cost too much memory."""
    return raw if len(raw) <= LONGEST_WHOLE_BYTES else None


def as_text(raw: bytes) -> str:
    """Give bytes as text; those that are not UTF-8 stand as \\xNN, and what is too long is cut."""
    if len(raw) > LONGEST_RAW_BYTES:
        return raw[:LONGEST_RAW_BYTES].decode("utf-8", errors="backslashreplace") + "…"
    return raw.decode("utf-8", errors="backslashreplace")


def extra_json(names: Sequence[str], columns: Sequence[Iterable[object]]) -> pa.Array:
    """Give the columns that the contract does not know as JSON, row by row; null where none of them has a value."""
    rows = zip(*columns, strict=True)
    return pa.array(
        [None if all(cell is None for cell in row) else json.dumps(dict(zip(names, row, strict=True))) for row in rows],
        pa.string(),
    )


def check_width(width: int, path: str) -> None:
    """Raise UnreadableFile when a file has absurdly many columns."""
    if width > WIDEST:
        raise UnreadableFile(f"{path} has {width} columns; at most {WIDEST} are read. Is its delimiter the contract's?")
