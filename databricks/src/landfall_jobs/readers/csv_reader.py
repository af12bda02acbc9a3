"""CSV as it really arrives: regular parts through Arrow, the rest record by record with exact lines."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, NamedTuple

import pyarrow as pa
import pyarrow.csv as arrow_csv

from landfall_jobs import lineage, storage
from landfall_jobs.errors import JobError

SEGMENT_BYTES = 8 << 20
BLOCK_BYTES = 1 << 16
LONGEST_SEGMENT_BYTES = 64 << 20
BOM = b"\xef\xbb\xbf"
FIELDS, ENCODING = "fields", "encoding"

csv.field_size_limit(LONGEST_SEGMENT_BYTES)


@dataclass(frozen=True)
class CsvFormat:
    """How a dataset's files are written: pairs of (column, header in the file)."""

    delimiter: str
    columns: tuple[tuple[str, str], ...]

    def spark_schema(self) -> str:
        """Schema of the rows that `read_files` gives."""
        texts = [name for name, _ in self.columns] + [lineage.EXTRA, lineage.PROBLEM, lineage.RAW]
        lines = f"{lineage.LINE} int, {lineage.LINES} int, {lineage.FILE} string, {lineage.LANDED_AT} string"
        return ", ".join(f"`{name}` string" for name in texts) + f", {lines}"


@dataclass(frozen=True)
class Header:
    """Where each column is in this file, and what else the file has."""

    width: int
    positions: tuple[int, ...]
    extra: tuple[tuple[str, int], ...]


class Record(NamedTuple):
    """One record as it stands in the file; `problem` says why it is none, and `raw` then is its text."""

    line: int
    lines: int
    fields: list[str] | None
    problem: str | None
    raw: str | None


def read_files(format: CsvFormat, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Read the files of a manifest (uri, path, landed_at); made for DataFrame.mapInArrow."""
    for batch in batches:
        for row in batch.to_pylist():
            for table in read_file(format, row["uri"], row["path"]):
                file = pa.repeat(pa.scalar(row["path"]), table.num_rows)
                landed_at = pa.repeat(pa.scalar(row["landed_at"]), table.num_rows)
                yield from (
                    table.append_column(lineage.FILE, file)
                    .append_column(lineage.LANDED_AT, landed_at)
                    .combine_chunks()
                    .to_batches()
                )


def read_file(format: CsvFormat, uri: str, path: str) -> Iterator[pa.Table]:
    """Give the records of one file, all as text; raise JobError when the header lacks a column."""
    with storage.open_stream(uri) as stream:
        first, rest = _first_line(stream)
        header = read_header(format, first, path)
        line = 2
        for segment in _segments(stream, rest, SEGMENT_BYTES):
            yield from _parse(format, header, segment, line)
            line += segment.count(b"\n")


def check_header(format: CsvFormat, uri: str, path: str) -> None:
    """Raise FileNotFoundError when the file is not there, JobError when its header lacks a column."""
    with storage.open_stream(uri) as stream:
        read_header(format, _first_line(stream)[0], path)


def read_header(format: CsvFormat, line: bytes, path: str) -> Header:
    """Find the columns of the contract in the first line, in any order and case."""
    text = line.removeprefix(BOM).decode("utf-8", errors="replace").rstrip("\r\n")
    names = next(csv.reader([text], delimiter=format.delimiter), [])
    spelled = [_normal(name) for name in names]
    positions = []
    missing = []
    for name, source in format.columns:
        found = next((i for i, text in enumerate(spelled) if text in (_normal(source), _normal(name))), None)
        positions.append(-1 if found is None else found)
        if found is None:
            missing.append(source)
    if missing:
        raise JobError(
            f"{path} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            f"its header is: {text[:300] or '(empty)'}. Land a file with these columns, or change the contract."
        )
    extra = tuple((name.strip(), i) for i, name in enumerate(names) if i not in positions)
    return Header(len(names), tuple(positions), extra)


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
        return Record(line, 1, None, ENCODING if not _decodes(lines[at]) else FIELDS, _text(lines[at]))
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


def _parse(format: CsvFormat, header: Header, segment: bytes, line: int) -> Iterator[pa.Table]:
    """Parse a segment whole; where it is irregular, block by block, and record by record only in the block at fault."""
    table = _parse_regular(format, header, segment, line)
    if table is not None:
        yield table
        return
    for block in _segments(io.BytesIO(segment), b"", BLOCK_BYTES):
        table = _parse_regular(format, header, block, line)
        yield table if table is not None else _parse_records(format, header, block, line)
        line += block.count(b"\n")


def _parse_regular(format: CsvFormat, header: Header, segment: bytes, line: int) -> pa.Table | None:
    """Parse a segment in one go, or give None where a line is not a record of the header's width."""
    body = segment.rstrip(b"\r\n")
    if not body:
        return _table(format, header, [[] for _ in range(header.width)], pa.array([], pa.int32()))
    if b"\n\n" in body or b"\n\r\n" in body or body.startswith((b"\n", b"\r\n")):
        return None
    names = [str(i) for i in range(header.width)]
    try:
        parsed = arrow_csv.read_csv(
            pa.BufferReader(segment),
            read_options=arrow_csv.ReadOptions(column_names=names),
            parse_options=arrow_csv.ParseOptions(delimiter=format.delimiter, newlines_in_values=b'"' in body),
            convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )
    except pa.ArrowInvalid:
        return None
    if parsed.num_rows != body.count(b"\n") + 1:
        return None
    lines = pa.array(range(line, line + parsed.num_rows), pa.int32())
    return _table(format, header, parsed.columns, lines)


def _parse_records(format: CsvFormat, header: Header, segment: bytes, line: int) -> pa.Table:
    found = list(records(segment, line, header.width, format.delimiter))
    nothing = [None] * header.width
    columns = list(zip(*(r.fields or nothing for r in found), strict=True)) or [()] * header.width
    return _table(
        format,
        header,
        columns,
        pa.array([r.line for r in found], pa.int32()),
        pa.array([r.lines for r in found], pa.int32()),
        pa.array([r.problem for r in found], pa.string()),
        pa.array([r.raw for r in found], pa.string()),
    )


def _table(
    format: CsvFormat,
    header: Header,
    columns: list,
    line: pa.Array,
    lines: pa.Array | None = None,
    problem: pa.Array | None = None,
    raw: pa.Array | None = None,
) -> pa.Table:
    """Arrange the parsed columns as `CsvFormat.spark_schema` says."""
    arrays = {
        name: columns[i] if isinstance(columns[i], pa.ChunkedArray) else pa.array(columns[i], pa.string())
        for (name, _), i in zip(format.columns, header.positions, strict=True)
    }
    nothing = pa.nulls(len(line), pa.string())
    arrays[lineage.EXTRA] = _extra(header, columns) if header.extra else nothing
    arrays[lineage.PROBLEM] = nothing if problem is None else problem
    arrays[lineage.RAW] = nothing if raw is None else raw
    arrays[lineage.LINE] = line
    arrays[lineage.LINES] = pa.repeat(pa.scalar(1, pa.int32()), len(line)) if lines is None else lines
    return pa.table(arrays)


def _extra(header: Header, columns: list) -> pa.Array:
    names = [name for name, _ in header.extra]
    texts = [c.to_pylist() if isinstance(c, pa.ChunkedArray) else c for c in (columns[i] for _, i in header.extra)]
    rows = zip(*texts, strict=True)
    return pa.array(
        [None if row[0] is None else json.dumps(dict(zip(names, row, strict=True))) for row in rows], pa.string()
    )


def _first_line(stream: IO[bytes]) -> tuple[bytes, bytes]:
    """Give the header's line and what was read beyond it."""
    data = b""
    while chunk := stream.read(SEGMENT_BYTES):
        data += chunk
        if b"\n" in chunk:
            break
    line, _, rest = data.partition(b"\n")
    return line, rest


def _segments(stream: IO[bytes], pending: bytes, size: int) -> Iterator[bytes]:
    """Cut the data into pieces that end with a line, and not inside a quoted field as far as that can be told."""
    end = False
    while not end:
        chunk = stream.read(size)
        end = not chunk
        data = pending + chunk
        cut = len(data) if end else data.rfind(b"\n") + 1
        open_quote = data.count(b'"', 0, cut) % 2 == 1
        if not end and (cut == 0 or (open_quote and len(data) < LONGEST_SEGMENT_BYTES)):
            pending = data
            continue
        if cut:
            yield data[:cut]
        pending = data[cut:]


def _normal(name: str) -> str:
    return name.strip().casefold()


def _decodes(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _text(raw: bytes) -> str:
    return raw.removesuffix(b"\r").decode("utf-8", errors="backslashreplace")
