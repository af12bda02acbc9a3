"""JSON documents: one object, or an array of them at the root or at a path, read element by element."""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from landfall_jobs.formats.format import Source, UnreadableFile, consecutive
from landfall_jobs.formats.guarded import ByteStream
from landfall_jobs.formats.json_lines import JSON, arrow_schema, parse_objects
from landfall_jobs.formats.json_rows import Path, check_text, refuse_constant
from landfall_jobs.formats.opening import CHUNK_BYTES
from landfall_jobs.formats.records import LONGEST_ELEMENT, Element, RecordsFormat

NEAR_END = 16
"""An error closer to the end of what was read may only mean that more is to come."""
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(parse_constant=refuse_constant)


@dataclass(frozen=True)
class JsonDocumentFormat(RecordsFormat):
    """Records are the elements of the array at `records`; `types` are the contract's, column by column."""

    types: tuple[str, ...] = ()

    problem = JSON
    complaint = "the element is not a JSON object, or not one that can be text"

    def elements(self, stream: ByteStream, source: Source) -> Iterator[Element]:
        """Give the elements of the document."""
        return _elements(stream, self.records, source.path)

    def wrap(self, elements: list[bytes]) -> bytes:
        """Give the array, in objects as far as the path leads."""
        around = "".join(f"{{{json.dumps(key, ensure_ascii=False)}: " for key in self.records)
        return around.encode() + b"[\n" + b",\n".join(elements) + b"\n]" + b"}" * len(self.records) + b"\n"

    def parse_whole(self, batch: list[Element], first: int) -> pa.Table | None:
        """Have Arrow read elements again, all at once: turning values into columns takes Python longer."""
        schema = None if self.explodes else arrow_schema(self.flattening.paths, self.types)
        if schema is None or not all(isinstance(value, dict) for _, value in batch):
            return None
        data = "\n".join(raw for raw, _ in batch).encode()
        columns = parse_objects(schema, self.flattening.paths, data, len(batch), over_lines=True)
        numbers = consecutive(first, len(batch))
        return None if columns is None else self.arrange(columns, numbers)


def _elements(stream: ByteStream, records: Path, path: str) -> Iterator[Element]:
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


def _sound(raw: str, value: object) -> object:
    """Give the value, or None where its text cannot be a column's: it is refused then, as what is no object."""
    try:
        check_text(raw, value)
    except ValueError:
        return None
    return value


class _Text:
    """A JSON text that is read as far as it is needed."""

    def __init__(self, stream: ByteStream, path: str) -> None:
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
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
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
                    return raw, _sound(raw, value)
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
