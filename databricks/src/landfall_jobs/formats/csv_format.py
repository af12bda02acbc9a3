"""CSV as it really arrives: regular parts through Arrow, the rest record by record with exact lines."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
import pyarrow.csv as arrow_csv

from landfall_jobs.formats.format import ENCODING, Source, as_text, consecutive, extra_json
from landfall_jobs.formats.guarded import ByteStream
from landfall_jobs.formats.header import Header, locate
from landfall_jobs.formats.lines import LONGEST_SEGMENT_BYTES, LineFormat, count_lines, decodes, first_line

FIELDS = "fields"
MOST_HEADER_LINES = 50

csv.field_size_limit(LONGEST_SEGMENT_BYTES)


class Record(NamedTuple):
    """One record as it stands in the file; `problem` says why it is none, and `raw` then is its text."""

    line: int
    lines: int
    fields: list[str] | None
    problem: str | None
    raw: str | None


@dataclass(frozen=True)
class CsvFormat(LineFormat):
    """Separated fields; without a header they come in the contract's order."""

    delimiter: str = ","
    header: bool = True

    quoted = True

    def begin(self, stream: ByteStream, source: Source) -> tuple[Header, int, bytes]:
        """Find the columns; raise UnreadableFile when the header lacks one."""
        if not self.header:
            width = len(self.columns)
            return Header(width, tuple(range(width)), ()), 0, b""
        line, rest = first_line(stream)
        header, rest = _whole_header(line, rest)
        return read_header(self, header, source.path), 1 + header.count(b"\n"), rest

    def parse_whole(self, header: Header, segment: bytes, line: int) -> pa.Table | None:
        """Parse a segment in one go, or give None where a line is not a record of the header's width."""
        lines = count_lines(segment) + (segment != b"" and not segment.endswith(b"\n"))
        if not lines:
            return self._table(header, [pa.array([], pa.string())] * header.width, pa.array([], pa.int32()))
        if b"\r" in segment and segment.count(b"\r") != segment.count(b"\r\n"):
            return None  # Arrow takes a return alone for the end of a line.
        names = [str(i) for i in range(header.width)]
        quoted = b'"' in segment
        try:
            parsed = arrow_csv.read_csv(
                pa.BufferReader(segment),
                # One block: the rows come in one piece, which is not copied again.
                read_options=arrow_csv.ReadOptions(column_names=names, block_size=len(segment) + 1),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.delimiter, quote_char=quoted and '"', newlines_in_values=quoted
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), check_utf8=not segment.isascii()
                ),
            )
        except pa.ArrowInvalid:
            return None
        if parsed.num_rows != lines:
            return None  # A line is blank, or ends inside a quoted field.
        return self._table(header, parsed.columns, consecutive(line, lines))

    def parse_lines(self, header: Header, segment: bytes, line: int) -> pa.Table:
        """Parse a segment record by record."""
        found = list(records(segment, line, header.width, self.delimiter))
        nothing = [None] * header.width
        columns = list(zip(*(r.fields or nothing for r in found), strict=True)) or [()] * header.width
        return self._table(
            header,
            [pa.array(column, pa.string()) for column in columns],
            pa.array([r.line for r in found], pa.int32()),
            lines=pa.array([r.lines for r in found], pa.int32()),
            problem=pa.array([r.problem for r in found], pa.string()),
            raw=pa.array([r.raw for r in found], pa.string()),
        )

    def values(self, header: Header, raw: bytes, item: int) -> dict[str, str | None]:
        """Give the fields by column."""
        fields = self._fields(raw)
        found = zip(self.columns, header.positions, strict=True)
        return {name: fields[i] for (name, _), i in found if i is not None and i < len(fields)}

    def explain(self, header: Header, problem: str, raw: bytes) -> str:
        """Count the fields."""
        count = len(self._fields(raw))
        fields = f"{count} field{'' if count == 1 else 's'}"
        return f"the line has {fields}, the {'header' if self.header else 'contract'} {header.width}"

    def head(self, header: Header) -> bytes:
        """Give the header as the file has it."""
        return header.line

    def _fields(self, raw: bytes) -> list[str]:
        text = io.StringIO(raw.decode("utf-8", errors="replace"), newline="")
        return next(csv.reader(text, delimiter=self.delimiter), [])

    def _table(self, header: Header, columns: list, line: pa.Array, **more: pa.Array) -> pa.Table:
        extra = None
        if header.extra:
            beside = [columns[i].to_pylist() for _, i in header.extra]
            extra = extra_json([name for name, _ in header.extra], beside)
        nothing = pa.nulls(len(line), pa.string())
        found = [nothing if i is None else columns[i] for i in header.positions]
        return self.arrange(found, line, extra=extra, absent=header.absent, **more)


def _whole_header(line: bytes, rest: bytes) -> tuple[bytes, bytes]:
    """Add the lines over which a quoted name goes on; a quote that does not end soon is a stray one."""
    header, after = line, rest
    for _ in range(MOST_HEADER_LINES):
        if header.count(b'"') % 2 == 0:
            return header, after
        more, _, after = after.partition(b"\n")
        header += b"\n" + more
    return line, rest


def read_header(format: CsvFormat, line: bytes, path: str) -> Header:
    """Find the columns of the contract in the first line, in any order and case."""
    text = line.decode("utf-8", errors="replace").rstrip("\r\n")
    names = next(csv.reader(io.StringIO(text, newline=""), delimiter=format.delimiter), [])
    return locate(format.columns, format.optional, names, text, path)._replace(line=line.rstrip(b"\r\n"))


def records(segment: bytes, first_line: int, width: int, delimiter: str) -> Iterator[Record]:
    """Walk a segment record by record.

    A record over several lines that does not come out right costs its first line only: a stray quote must not
    swallow the good lines after it.
    """
    lines = segment.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    at = 0
    while at < len(lines):
        raw = lines[at].removesuffix(b"\r")
        if not raw:
            at += 1
            continue
        if b'"' in raw:
            record = _record(lines, at, first_line + at, width, delimiter)
        else:
            record = _plain_record(raw, first_line + at, width, delimiter)
        yield record
        at += record.lines


def _plain_record(raw: bytes, line: int, width: int, delimiter: str) -> Record:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return Record(line, 1, None, ENCODING, _text(raw))
    fields = text.split(delimiter)
    if len(fields) != width:
        return Record(line, 1, None, FIELDS, text)
    return Record(line, 1, fields, None, None)


def _record(lines: list[bytes], at: int, line: int, width: int, delimiter: str) -> Record:
    """Read the record that starts at a line which holds quotes."""
    taken = 0

    def texts() -> Iterator[str]:
        nonlocal taken
        while at + taken < len(lines):
            text = lines[at + taken].decode("utf-8")
            taken += 1
            yield text + "\n"

    try:
        fields = next(csv.reader(texts(), delimiter=delimiter), [])
    except UnicodeDecodeError:
        return Record(line, 1, None, ENCODING if not decodes(lines[at]) else FIELDS, _text(lines[at]))
    except csv.Error:
        return Record(line, 1, None, FIELDS, _text(lines[at]))
    raw = b"\n".join(lines[at : at + taken])
    cut_off = at + taken == len(lines) and not _ends(raw, delimiter)
    if len(fields) != width or cut_off:
        return Record(line, 1, None, FIELDS, _text(lines[at]))
    return Record(line, taken, fields, None, None)


def _ends(raw: bytes, delimiter: str) -> bool:
    """Tell whether a record at the end of the data is whole, rather than cut off inside a quoted field."""
    if raw.count(b'"') % 2 == 0:
        return True
    try:
        list(csv.reader(io.StringIO(raw.decode("utf-8"), newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" not in str(error)
    return True


def _text(raw: bytes) -> str:
    return as_text(raw.removesuffix(b"\r"))
