"""Excel: the rows of a sheet, read one by one, since a workbook may say that it is much larger than its file."""

import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO, TYPE_CHECKING

import pyarrow as pa

from landfall_jobs import storage
from landfall_jobs.formats.format import (
    Excerpt,
    Format,
    Place,
    Source,
    UnreadableFile,
    as_json_lines,
    as_text,
    extra_json,
    whole,
)
from landfall_jobs.formats.guarded import Guarded
from landfall_jobs.formats.header import Header, locate
from landfall_jobs.formats.json_rows import json_text
from landfall_jobs.formats.opening import HARMLESS_BYTES, LARGEST_RATIO

if TYPE_CHECKING:
    from openpyxl import Workbook

FIELDS = "fields"
BATCH_ROWS = 10_000
BATCH_CELLS = 1_000_000
"""A row whose one cell is the last of 16,384 brings as many."""
MOST_BYTES = 512 << 20
CHUNK_BYTES = 1 << 20
IN_MEMORY_BYTES = 16 << 20
"""Of a larger workbook the copy that is read is on the disk: in the lake each jump in it would be a request."""
LARGEST_PART_BYTES = 128 << 20
"""All parts are held in memory (shared texts, styles), but sheets and what is not read."""
NOT_IN_MEMORY = ("xl/worksheets/", "xl/media/", "xl/embeddings/")
MOST_ROWS = 1 << 20
"""As many rows as Excel has; those that are left out between two others are given, too."""
Row = tuple[int, list[object]]


@dataclass(frozen=True)
class ExcelFormat(Format):
    """A sheet (None: the first) with its header in a row (None: the first that is not empty).

    `types` are the contract's, column by column: Excel itself tells no date from a time of day at midnight. Of a
    formula its last value counts. Empty rows are no records; `_line` is the row's number in the sheet.
    """

    types: tuple[str, ...] = ()
    sheet: str | None = None
    header_row: int | None = None

    def read(self, source: Source) -> Iterator[pa.Table]:
        """Give the rows as text; raise UnreadableFile when the file is no workbook, or lacks a column."""
        with _opened(source, self.sheet) as rows:
            header = self._header(rows, source)
            for batch in _batches(rows):
                yield self._table(header, batch)

    def excerpts(self, source: Source, places: Sequence[Place]) -> Iterator[Excerpt]:
        """Give rows as JSON: a list of what is in their cells."""
        wanted = iter(places)
        place = next(wanted, None)
        with _opened(source, self.sheet) as rows:
            header = self._header(rows, source)
            for number, cells in rows:
                if place is None:
                    return
                if place.line == number:
                    yield self._excerpt(header, cells, place)
                    place = next(wanted, None)

    def compose(self, excerpts: Iterable[Excerpt]) -> bytes:
        """Give the rows as JSON Lines."""
        return as_json_lines(excerpts)

    def headings(self, source: Source) -> list[str]:
        """Give the names in the header."""
        with _opened(source, self.sheet) as rows:
            return _names(self._header_cells(rows, source))

    def _header(self, rows: Iterator[Row], source: Source) -> Header:
        names = _names(self._header_cells(rows, source))
        return locate(self.columns, self.optional, names, ", ".join(names), source.path)

    def _header_cells(self, rows: Iterator[Row], source: Source) -> list[object]:
        for number, cells in rows:
            if self.header_row is None or number == self.header_row:
                return cells
            if number > self.header_row:
                break
        where = "The sheet" if self.header_row is None else f"Row {self.header_row} of the sheet"
        raise UnreadableFile(f"{where} in {source.path} is empty; there should be a header.")

    def _table(self, header: Header, batch: list[Row]) -> pa.Table:
        columns: list[list[str | None]] = [[] for _ in self.columns]
        extras: list[list[str | None]] = [[] for _ in header.extra]
        problems: list[str | None] = []
        raws: list[str | None] = []
        for _, cells in batch:
            fits = len(cells) <= header.width
            problems.append(None if fits else FIELDS)
            raws.append(None if fits else _raw(cells))
            for texts, at, kind in zip(columns, header.positions, self.types, strict=True):
                texts.append(_text(cells[at], kind) if fits and at is not None and at < len(cells) else None)
            for texts, (_, at) in zip(extras, header.extra, strict=True):
                texts.append(_text(cells[at]) if fits and at < len(cells) else None)
        return self.arrange(
            [pa.array(texts, pa.string()) for texts in columns],
            pa.array([number for number, _ in batch], pa.int32()),
            extra=extra_json([name for name, _ in header.extra], extras) if extras else None,
            problem=pa.array(problems, pa.string()),
            raw=pa.array(raws, pa.string()),
            absent=header.absent,
        )

    def _excerpt(self, header: Header, cells: list[object], place: Place) -> Excerpt:
        raw = _raw(cells)
        kept = whole(json_text(self._named(header, cells)).encode())
        if place.problem:
            return Excerpt(raw, {}, f"the row has {len(cells)} cells, the header {header.width}", kept)
        found = zip(self.columns, header.positions, self.types, strict=True)
        values = {name: _text(cells[at], kind) for (name, _), at, kind in found if at is not None and at < len(cells)}
        return Excerpt(raw, values, whole=kept)

    def _named(self, header: Header, cells: list[object]) -> dict[str, str | None]:
        """Give a row by its headings; what stands below none goes by the letter of its column."""
        from openpyxl.utils import get_column_letter

        columns = zip(self.columns, header.positions, self.types, strict=True)
        known = {at: (source, kind) for (_, source), at, kind in columns if at is not None}
        known |= {at: (name, "string") for name, at in header.extra if name}
        row: dict[str, str | None] = {}
        for at in range(max(header.width, len(cells))):
            cell = cells[at] if at < len(cells) else None
            heading, kind = known.get(at, (get_column_letter(at + 1), "string"))
            if at in known or _text(cell) is not None:
                row[heading] = _text(cell, kind)
        return row


def sheets(source: Source) -> list[str]:
    """Give the names of a workbook's sheets."""
    with _workbook(source) as book:
        return [sheet.title for sheet in book.worksheets]


@contextmanager
def _opened(source: Source, sheet: str | None) -> Iterator[Iterator[Row]]:
    with _workbook(source) as book:
        names = [found.title for found in book.worksheets]
        if not names or (sheet is not None and sheet not in names):
            has = f"its sheets are {', '.join(names)[:300]}" if names else "it has none"
            raise UnreadableFile(f"{source.path} has no sheet {sheet or 'with cells'}; {has}.")
        found = book[sheet or names[0]]
        # What a workbook says of its own extent may be wrong, and rows would be left out.
        found.reset_dimensions()
        yield _rows(found.iter_rows(values_only=True), source)


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    count = 0
    for row in rows:
        batch.append(row)
        count += len(row[1])
        if len(batch) == BATCH_ROWS or count >= BATCH_CELLS:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch


def _rows(rows: Iterator[tuple[object, ...]], source: Source) -> Iterator[Row]:
    """Give the rows that are not empty, up to their last cell that is not."""
    try:
        for number, values in enumerate(rows, 1):
            if number > MOST_ROWS:
                raise UnreadableFile(f"{source.path} has more than {MOST_ROWS:,} rows, which no Excel sheet has.")
            cells = list(values)
            while cells and (cells[-1] is None or cells[-1] == ""):
                cells.pop()
            if cells:
                yield number, cells
    except UnreadableFile:
        raise
    except Exception as error:
        raise _damaged(source, error) from error


@contextmanager
def _workbook(source: Source) -> Iterator["Workbook"]:
    # Imported where a workbook comes: it takes a quarter of a second.
    from openpyxl import load_workbook

    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as copy:
        with Guarded(storage.open_stream(source.uri)) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                copy.write(chunk)
                if copy.tell() > MOST_BYTES:
                    raise UnreadableFile(f"{source.path} is a workbook of more than {MOST_BYTES >> 20} MiB.")
        copy.seek(0)
        try:
            _check_size(copy, source)
            book = load_workbook(copy, read_only=True, data_only=True)
        except UnreadableFile:
            raise
        except Exception as error:
            raise _damaged(source, error) from error
        with closing(book):
            yield book


def _damaged(source: Source, error: Exception) -> UnreadableFile:
    """Give what openpyxl's errors mean, and those of Python that it lets through."""
    return UnreadableFile(f"{source.path} is no Excel workbook (.xlsx), or a damaged one: {error}")


def _check_size(copy: IO[bytes], source: Source) -> None:
    """Raise UnreadableFile for what would take much more memory or time than its size says."""
    with zipfile.ZipFile(copy) as archive:
        parts = archive.infolist()
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if unpacked > HARMLESS_BYTES and unpacked > LARGEST_RATIO * packed:
        raise UnreadableFile(f"{source.path} gives more than {LARGEST_RATIO} times its size; it was not read.")
    for part in parts:
        if not part.filename.startswith(NOT_IN_MEMORY) and part.file_size > LARGEST_PART_BYTES:
            raise UnreadableFile(
                f"{source.path} has a part {part.filename[:100]} of more than {LARGEST_PART_BYTES >> 20} MiB."
            )


def _names(cells: Sequence[object]) -> list[str]:
    return [(_text(cell) or "").strip() for cell in cells]


def _text(value: object, kind: str = "string") -> str | None:
    """Give a cell as text, a time as the type of its column has it."""
    match value:
        case None | str():
            return value or None
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() if kind != "timestamp" and value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return str(value.total_seconds())
    return str(value)


def _raw(cells: Sequence[object]) -> str:
    return as_text(json.dumps([_text(cell) for cell in cells], ensure_ascii=False).encode())
