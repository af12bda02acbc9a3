"""Files of lines: cut into segments that can be parsed whole, and walked line by line only where one is at fault."""

import io
from abc import abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from landfall_jobs.formats.format import ENCODING, TOO_LONG, Excerpt, Format, Place, Source, as_text, whole
from landfall_jobs.formats.guarded import ByteStream, Guarded
from landfall_jobs.formats.opening import Packing

SEGMENT_BYTES = 1 << 20
"""What is parsed at once. Engines queue so many pieces, whatever their size: small ones bound what they hold."""
BLOCK_BYTES = 1 << 16
LONGEST_LINE_BYTES = 16 << 20
LONGEST_SEGMENT_BYTES = 64 << 20


class Segment(NamedTuple):
    """Whole lines, or the beginning of one that is too long to be read."""

    data: bytes
    too_long: bool = False

    def lines(self) -> int:
        """Count the lines that end here."""
        return 1 if self.too_long else count_lines(self.data)


@dataclass(frozen=True)
class LineFormat(Format):
    """A format whose records end with a line.

    Each file begins with `begin`, which gives what the parser has to know of it (a header, say) and how many lines that
    took.
    """

    packing: Packing = field(default_factory=Packing)

    quoted = False
    """Whether a line may end inside a quoted field."""
    follows = False
    """Whether a line may change how those after it are parsed: `advance` then does that for skipped ones."""

    @abstractmethod
    def begin(self, stream: ByteStream, source: Source) -> tuple[Any, int, bytes]:
        """Give the state, the lines that are read, and what was read beyond them."""

    @abstractmethod
    def parse_whole(self, state: Any, segment: bytes, line: int) -> pa.Table | None:  # noqa: ANN401
        """Parse lines in one go, or give None where one of them is not as all others."""

    @abstractmethod
    def parse_lines(self, state: Any, segment: bytes, line: int) -> pa.Table:  # noqa: ANN401
        """Parse lines one by one."""

    def advance(self, state: Any, lines: list[bytes]) -> None:  # noqa: ANN401
        """Take lines into account that are not parsed."""

    @abstractmethod
    def values(self, state: Any, raw: bytes, item: int) -> dict[str, str | None]:  # noqa: ANN401
        """Give the text of each column of a record, as far as it can be told."""

    @abstractmethod
    def explain(self, state: Any, problem: str, raw: bytes) -> str:  # noqa: ANN401
        """Say in a sentence why a line is no record."""

    def head(self, state: Any) -> bytes:  # noqa: ANN401
        """Give the line by which those that follow are read, where there is one."""
        return b""

    def read(self, source: Source) -> Iterator[pa.Table]:
        """Give the records of one file, all as text."""
        with self.packing.open(source) as stream:
            state, skipped, rest = self.begin(stream, source)
            line = 1 + skipped
            for segment in segments(stream, rest, SEGMENT_BYTES, self.quoted):
                if segment.too_long:
                    yield self.refused(line, TOO_LONG, as_text(segment.data))
                else:
                    yield from self._parse(state, segment.data, line)
                line += segment.lines()

    def _parse(self, state: Any, segment: bytes, line: int) -> Iterator[pa.Table]:  # noqa: ANN401
        """Parse a segment whole; where that fails block by block, and line by line only in the block at fault."""
        table = self.parse_whole(state, segment, line)
        if table is not None:
            yield table
            return
        for block in segments(Guarded(io.BytesIO(segment)), b"", BLOCK_BYTES, self.quoted):
            if block.too_long:
                yield self.refused(line, TOO_LONG, as_text(block.data))
            else:
                table = self.parse_whole(state, block.data, line)
                yield self.parse_lines(state, block.data, line) if table is None else table
            line += block.lines()

    def excerpts(self, source: Source, places: Sequence[Place]) -> Iterator[Excerpt]:
        """Give what stands at places, reading no more of the file than up to the last one."""
        left = deque(places)
        with self.packing.open(source) as stream:
            state, skipped, rest = self.begin(stream, source)
            line = 1 + skipped
            for segment in segments(stream, rest, SEGMENT_BYTES, self.quoted):
                if not left:
                    return
                yield from self._excerpts(state, segment, line, left)
                line += segment.lines()

    def compose(self, excerpts: Iterable[Excerpt]) -> bytes:
        """Give the lines, each behind its head unless that stands there already."""
        lines: list[bytes] = []
        head = b""
        for excerpt in excerpts:
            if excerpt.whole is None:
                continue
            if excerpt.head != head:
                head = excerpt.head
                lines.append(head)
            lines.append(excerpt.whole)
        return self.packing.encode(b"".join(line + b"\n" for line in lines))

    def _excerpts(self, state: Any, segment: Segment, line: int, left: deque[Place]) -> Iterator[Excerpt]:  # noqa: ANN401
        beyond = line + segment.lines() + (not segment.data.endswith(b"\n"))
        if not self.follows and left[0].line >= beyond:
            return
        lines = [segment.data] if segment.too_long else segment.data.split(b"\n")
        at = 0
        while left and left[0].line < beyond:
            place = left.popleft()
            first = place.line - line
            self.advance(state, lines[at:first])
            at = first
            raw = b"\n".join(lines[first : first + place.lines]).removesuffix(b"\r")
            excerpt = self._excerpt(state, place, raw, segment.too_long)
            yield excerpt._replace(whole=None if segment.too_long else whole(raw), head=self.head(state))
        self.advance(state, lines[at:])

    def _excerpt(self, state: Any, place: Place, raw: bytes, too_long: bool) -> Excerpt:  # noqa: ANN401
        if too_long or place.problem == TOO_LONG:
            return Excerpt(as_text(raw), {}, f"the line is longer than {LONGEST_LINE_BYTES >> 20} MiB")
        if not place.problem:
            return Excerpt(as_text(raw), self.values(state, raw, place.item))
        if place.problem == ENCODING:
            return Excerpt(as_text(raw), {}, f"the line is not {self.packing.encoding.upper()} text")
        return Excerpt(as_text(raw), {}, self.explain(state, place.problem, raw))


def count_lines(data: bytes) -> int:
    """Count the lines that end in the data; five times as fast as bytes.count where lines are short."""
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == ord("\n")))


def segments(stream: ByteStream, pending: bytes, size: int, quoted: bool) -> Iterator[Segment]:
    """Cut the data into pieces that end with a line, and not inside a quoted field as far as that can be told."""
    end = False
    while not end:
        chunk = stream.read(size)
        end = not chunk
        data = pending + chunk
        cut = len(data) if end else data.rfind(b"\n") + 1
        if not end and cut == 0 and len(data) >= LONGEST_LINE_BYTES:
            pending = _skip_line(stream, size)
            yield Segment(data[:BLOCK_BYTES], too_long=True)
            continue
        open_quote = quoted and data.count(b'"', 0, cut) % 2 == 1
        if not end and (cut == 0 or (open_quote and len(data) < LONGEST_SEGMENT_BYTES)):
            pending = data
            continue
        if cut:
            yield Segment(data[:cut])
        pending = data[cut:]


def _skip_line(stream: ByteStream, size: int) -> bytes:
    """Read on to the end of a line, and give what was read beyond it."""
    while chunk := stream.read(size):
        _, found, rest = chunk.partition(b"\n")
        if found:
            return rest
    return b""


def first_line(stream: ByteStream) -> tuple[bytes, bytes]:
    """Give the first line, as much of it as may be one, and what was read beyond it."""
    data = b""
    while len(data) < LONGEST_LINE_BYTES and (chunk := stream.read(SEGMENT_BYTES)):
        data += chunk
        if b"\n" in chunk:
            break
    line, _, rest = data.partition(b"\n")
    return line, rest


def decodes(line: bytes) -> bool:
    """Tell whether bytes are UTF-8."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
