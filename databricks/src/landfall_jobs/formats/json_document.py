"""JSON documents: one object, or an array of them at the root or at a path, read element by element."""

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

import pyarrow as pa

from landfall_jobs.formats.format import Excerpt, Format, Place, Source, UnreadableFile, as_text
from landfall_jobs.formats.json_lines import JSON, arrow_schema, parse_objects
from landfall_jobs.formats.json_rows import Flattening, Path, refuse_constant
from landfall_jobs.formats.opening import CHUNK_BYTES, Packing

BATCH_ROWS = 10_000
LONGEST_ELEMENT = 64 << 20
Element = tuple[str, object]
"""The text of a record and its value."""
NEAR_END = 16
"""An error closer to the end of what was read may only mean that more is to come."""
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(parse_constant=refuse_constant)


@dataclass(frozen=True)
class JsonDocumentFormat(Format):
    """Records are the elements of the array at `records`; `_line` is their number, since many may stand in a line."""

    packing: Packing = field(default_factory=Packing)
    flattening: Flattening = field(default_factory=lambda: Flattening(()))
    records: Path = ()
    types: tuple[str, ...] = ()

    @property
    def explodes(self) -> bool:
        """Whether an element may give several rows."""
        return bool(self.flattening.explode)

    def read(self, source: Source) -> Iterator[pa.Table]:
        """Give the elements; a document that breaks off gives none, for nobody knows what is missing."""
        schema = None if self.explodes else arrow_schema(self.flattening.paths, self.types)
        first = 1
        with self.packing.open(source) as stream:
            elements = _elements(stream, self.records, source.path)
            while batch := list(islice(elements, BATCH_ROWS)):
                table = self._parse_whole(schema, batch, first) if schema else None
                yield table or self._table(batch, first)
                first += len(batch)

    def _parse_whole(self, schema: pa.Schema, batch: list[Element], first: int) -> pa.Table | None:
        """Have Arrow read elements again, all at once: turning values into columns takes Python longer."""
        if not all(isinstance(value, dict) for _, value in batch):
            return None
        data = "\n".join(raw for raw, _ in batch).encode()
        columns = parse_objects(schema, self.flattening.paths, data, len(batch), over_lines=True)
        return columns and self.arrange(columns, pa.array(range(first, first + len(batch)), pa.int32()))

    def _table(self, batch: list[Element], first: int) -> pa.Table:
        rows: list[tuple[int, int, list[str | None], str | None, str | None, str | None]] = []
        for number, (raw, value) in enumerate(batch, first):
            if isinstance(value, dict):
                texts = enumerate(self.flattening.rows(value), 1)
                rows += [(number, item, row, extra, None, None) for item, (row, extra) in texts]
            else:
                rows.append((number, 1, [None] * len(self.columns), None, JSON, as_text(raw.encode())))
        lines, items, texts, extras, problems, raws = zip(*rows, strict=True)
        return self.arrange(
            [pa.array(column, pa.string()) for column in zip(*texts, strict=True)],
            pa.array(lines, pa.int32()),
            item=pa.array(items, pa.int32()),
            extra=pa.array(extras, pa.string()),
            problem=pa.array(problems, pa.string()),
            raw=pa.array(raws, pa.string()),
        )

    def first_documents(self, source: Source, most: int) -> list[object]:
        """Give the first elements as they are."""
        with self.packing.open(source) as stream:
            return [value for _, value in islice(_elements(stream, self.records, source.path), most)]

    def excerpts(self, source: Source, places: Sequence[Place]) -> Iterator[Excerpt]:
        """Give what stands at places."""
        wanted = iter(places)
        place = next(wanted, None)
        with self.packing.open(source) as stream:
            for number, (raw, value) in enumerate(_elements(stream, self.records, source.path), 1):
                while place is not None and place.line == number:
                    yield self._excerpt(place, raw, value)
                    place = next(wanted, None)
                if place is None:
                    return

    def _excerpt(self, place: Place, raw: str, value: object) -> Excerpt:
        text = as_text(raw.encode())
        if place.problem:
            return Excerpt(text, {}, "the element is not a JSON object")
        row = list(self.flattening.rows(value))[place.item - 1]
        return Excerpt(text, {name: value for (name, _), value in zip(self.columns, row[0], strict=True)})


def _elements(stream: IO[bytes], records: Path, path: str) -> Iterator[Element]:
    """Give the text and the value of each element."""
    text = _Text(stream, path)
    for key in records:
        text.enter(key)
    if text.peek() != "[":
        if records:
            raise text.unreadable(f"there is no array at {'.'.join(records)}")
        if text.peek():
            yield text.value()
        text.expect_end()
        return
    text.take("[")
    while text.peek() != "]":
        yield text.value()
        if text.peek() != "]":
            text.take(",")
            if text.peek() == "]":
                raise text.unreadable("a comma stands before the end of the array")
    text.take("]")
    if not records:
        text.expect_end()


class _Text:
    """A JSON text that is read as far as it is needed."""

    def __init__(self, stream: IO[bytes], path: str) -> None:
        self._stream, self._path = stream, path
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._text, self._at, self._line, self._end = "", 0, 1, False

    def unreadable(self, what: str) -> UnreadableFile:
        line = self._line + self._text.count("\n", 0, self._at)
        return UnreadableFile(
            f"{self._path} is not the JSON that is expected: in line {line} {what}. Nothing was taken."
        )

    def peek(self) -> str:
        """Give the next character that is no space; an empty text at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()
            if self._at < len(self._text) or self._end:
                return self._text[self._at : self._at + 1]
            self._more()

    def take(self, character: str) -> None:
        if self.peek() != character:
            raise self.unreadable(f"'{character}' is missing" if self.peek() else "it ends too early")
        self._at += 1

    def expect_end(self) -> None:
        if self.peek():
            raise self.unreadable("more follows the document")

    def enter(self, key: str) -> None:
        """Go to the value of a key of the object that comes next."""
        self.take("{")
        while True:
            _, name = self.value()
            self.take(":")
            if name == key:
                return
            self.value()
            if self.peek() == "}":
                raise self.unreadable(f"there is no key '{key}'")
            self.take(",")

    def value(self) -> tuple[str, object]:
        """Take the next value."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                cut_off = error.pos >= len(self._text) - NEAR_END or error.msg.startswith("Unterminated string")
                if self._end or not cut_off:
                    raise self.unreadable(f"stands something else: {error.msg}") from error
            except (ValueError, RecursionError) as error:
                raise self.unreadable(f"stands something else: {error}") from error
            else:
                # A number at the end of what was read may go on.
                if end < len(self._text) or self._end or self._text[end - 1] in '}]"':
                    raw, self._at = self._text[self._at : end], end
                    return raw, value
            if len(self._text) - self._at > LONGEST_ELEMENT:
                raise self.unreadable(f"is an element of more than {LONGEST_ELEMENT >> 20} Mi characters")
            self._more()

    def _more(self) -> None:
        data = self._stream.read(max(CHUNK_BYTES, len(self._text) - self._at))
        self._end = not data
        try:
            more = self._decoder.decode(data, final=self._end)
        except UnicodeDecodeError as error:
            raise self.unreadable("stands text that is not UTF-8, or the next ones") from error
        self._line += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + more, 0
