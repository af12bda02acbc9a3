"""Access logs in the W3C Extended Log File Format, as IIS and Azure write them: https://www.w3.org/TR/WD-logfile.html."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import pyarrow as pa

from landfall_jobs.formats.format import ENCODING, Source, as_text
from landfall_jobs.formats.guarded import ByteStream
from landfall_jobs.formats.lines import LineFormat

FIELDS = "fields"
DIRECTIVE = b"#Fields:"
DATETIME = "datetime"
"""What a column names to get `date` and `time` as one, in UTC."""


class Layout:
    """The fields of the lines that follow; a directive changes them at any line."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.line = b""

    def read(self, line: bytes) -> None:
        """Take a directive into account."""
        if line.startswith(DIRECTIVE):
            self.names = line.decode("utf-8", errors="replace").split()[1:]
            self.line = line.rstrip(b"\r")


class _Row(NamedTuple):
    line: int
    fields: dict[str, str]
    extra: str | None = None
    problem: str | None = None
    raw: str | None = None


@dataclass(frozen=True)
class W3cLogFormat(LineFormat):
    """Entries whose fields the file itself declares; a column is one of them, null where the file lacks it."""

    follows = True

    def begin(self, stream: ByteStream, source: Source) -> tuple[Layout, int, bytes]:
        """Begin without fields: the first directive brings them."""
        return Layout(), 0, b""

    def parse_whole(self, layout: Layout, segment: bytes, line: int) -> pa.Table | None:
        """Lines are read one by one, since any may be a directive."""
        return self.parse_lines(layout, segment, line)

    def parse_lines(self, layout: Layout, segment: bytes, line: int) -> pa.Table:
        """Parse lines one by one."""
        found = list(self._rows(layout, segment, line))
        return self.arrange(
            [pa.array([row.fields.get(name) for row in found], pa.string()) for _, name in self.columns],
            pa.array([row.line for row in found], pa.int32()),
            extra=pa.array([row.extra for row in found], pa.string()),
            problem=pa.array([row.problem for row in found], pa.string()),
            raw=pa.array([row.raw for row in found], pa.string()),
        )

    def advance(self, layout: Layout, lines: list[bytes]) -> None:
        """Take the directives of lines into account that are not parsed themselves."""
        for raw in lines:
            layout.read(raw)

    def values(self, layout: Layout, raw: bytes, item: int) -> dict[str, str | None]:
        """Give the text of each column."""
        fields = next((row.fields for row in self._rows(layout, raw, 1)), {})
        return {name: fields.get(source) for name, source in self.columns}

    def head(self, layout: Layout) -> bytes:
        """Give the directive that names the fields."""
        return layout.line

    def explain(self, layout: Layout, problem: str, raw: bytes) -> str:
        """Count the fields."""
        if not layout.names:
            return "the line stands before any #Fields directive"
        return f"the line has {len(raw.split())} fields, #Fields {len(layout.names)}"

    def _rows(self, layout: Layout, segment: bytes, line: int) -> Iterator[_Row]:
        for at, raw in enumerate(segment.split(b"\n"), line):
            raw = raw.rstrip(b"\r")
            if raw.startswith(b"#"):
                layout.read(raw)
            elif raw.strip():
                yield self._row(layout, at, raw)

    def _row(self, layout: Layout, line: int, raw: bytes) -> _Row:
        try:
            fields = raw.decode("utf-8").split()
        except UnicodeDecodeError:
            return _Row(line, {}, None, ENCODING, as_text(raw))
        if len(fields) != len(layout.names):
            return _Row(line, {}, None, FIELDS, as_text(raw))
        named = dict(zip(layout.names, fields, strict=True))
        beside = {name: text for name, text in named.items() if name not in self._known}
        if "date" in named and "time" in named:
            named[DATETIME] = f"{named['date']}T{named['time']}Z"
        return _Row(line, named, json.dumps(beside) if beside else None)

    @cached_property
    def _known(self) -> frozenset[str]:
        """Fields of which the contract takes something."""
        names = {source for _, source in self.columns}
        return frozenset(names | {"date", "time"} if DATETIME in names else names)
