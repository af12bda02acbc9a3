"""XML documents: the elements at a path, their attributes, children and text as objects."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat

from landfall_jobs.formats.format import Source, UnreadableFile
from landfall_jobs.formats.guarded import ByteStream
from landfall_jobs.formats.json_rows import Path
from landfall_jobs.formats.opening import CHUNK_BYTES, Packing
from landfall_jobs.formats.records import LONGEST_ELEMENT, Element, RecordsFormat

DEEPEST = 100
DEEPEST_RECORDS = 4
TEXT = "#text"
"""Where the text of an element is that has attributes or children, too."""
_START_TAG = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")


@dataclass(frozen=True)
class XmlFormat(RecordsFormat):
    """Elements at a path from the root. A source is a path of tags, `@name` an attribute."""

    problem = "xml"
    complaint = "the element holds nothing but text"

    def elements(self, stream: ByteStream, source: Source) -> Iterator[Element]:
        """Give the elements of the document."""
        return Reader(self.records, source.path).read(stream)

    def wrap(self, elements: list[bytes]) -> bytes:
        """Give the elements in those that lead to them, without their attributes."""
        around = self.records[:-1]
        opened, closed = "".join(f"<{tag}>" for tag in around), "".join(f"</{tag}>" for tag in reversed(around))
        return b"\n".join([opened.encode(), *elements, closed.encode(), b""])


class Reader:
    """Builds the records that a parser comes by, and keeps no more of the document than the record it is in."""

    def __init__(self, records: Path, path: str) -> None:
        self._records, self._path = list(records), path
        # What comes is UTF-8 by now, whatever the document says of itself.
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._entity
        self._tags: list[str] = []
        self._open: list[dict[str, object]] = []
        self._buffer, self._base, self._begin = b"", 0, 0
        self._found: list[Element] = []

    def read(self, stream: ByteStream) -> Iterator[Element]:
        """Give each record when its end has been read."""
        while True:
            chunk = stream.read(CHUNK_BYTES)
            # What has to stay is what an open record has brought so far, and what the parser has not looked at yet.
            keep = self._begin if self._open else max(self._base, self._parser.CurrentByteIndex)
            self._buffer, self._base = self._buffer[keep - self._base :] + chunk, keep
            if len(self._buffer) > LONGEST_ELEMENT + CHUNK_BYTES:
                self._refuse(f"is an element of more than {LONGEST_ELEMENT >> 20} MiB")
            try:
                self._parser.Parse(chunk, not chunk)
            except expat.ExpatError as error:
                raise self._unreadable(
                    error.lineno, f"stands something else: {expat.ErrorString(error.code)}"
                ) from error
            yield from self._found
            self._found.clear()
            if not chunk:
                return

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._tags.append(tag)
        if self._open or self._tags == self._records:
            if not self._open:
                self._begin = self._parser.CurrentByteIndex
            if len(self._open) > DEEPEST:
                self._refuse(f"are elements nested deeper than {DEEPEST}")
            self._open.append({f"@{name}": value for name, value in attributes.items()})

    def _end(self, tag: str) -> None:
        self._tags.pop()
        if not self._open:
            return
        value = _plain(self._open.pop())
        if self._open:
            _add(self._open[-1], tag, value)
        else:
            self._found.append((self._raw(), value))

    def _text(self, text: str) -> None:
        if self._open:
            holder = self._open[-1]
            holder[TEXT] = f"{holder.get(TEXT, '')}{text}"

    def _entity(self, *declaration: object) -> None:
        self._refuse("is the declaration of an entity, which is not read: it could stand for anything, of any size")

    def _raw(self) -> str:
        begin = self._begin - self._base
        tag = _START_TAG.match(self._buffer, begin)
        if tag is not None and tag[0].endswith(b"/>"):
            end = tag.end()
        else:
            end = self._buffer.index(b">", self._parser.CurrentByteIndex - self._base) + 1
        return self._buffer[begin:end].decode("utf-8", errors="backslashreplace")

    def _refuse(self, what: str) -> NoReturn:
        raise self._unreadable(self._parser.CurrentLineNumber, what)

    def _unreadable(self, line: int, what: str) -> UnreadableFile:
        return UnreadableFile(
            f"{self._path} is not the XML that is expected: in line {line} {what}. Nothing was taken."
        )


def repeated_path(packing: Packing, source: Source) -> Path:
    """Give the path of the elements nearest to the root that come more than once, or an empty one where none do."""
    counts: dict[Path, int] = {}
    tags: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        tags.append(tag)
        if len(tags) <= DEEPEST_RECORDS:
            counts[tuple(tags)] = counts.get(tuple(tags), 0) + 1

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: tags.pop()
    with packing.open(source) as stream:
        try:
            while chunk := stream.read(CHUNK_BYTES):
                parser.Parse(chunk)
        except expat.ExpatError as error:
            raise UnreadableFile(f"{source.path} is no XML: {error}") from error
    repeated = [path for path, count in counts.items() if count > 1]
    return min(repeated, key=lambda path: (len(path), -counts[path]), default=())


def _plain(element: dict[str, object]) -> object:
    """Give an element as its text where it has nothing else; spaces around and between tags mean nothing."""
    text = str(element.pop(TEXT, "")).strip()
    if not element:
        return text or None
    return {**element, TEXT: text} if text else element


def _add(holder: dict[str, object], tag: str, value: object) -> None:
    """Put a child into its parent; children of one tag make an array."""
    if tag not in holder:
        holder[tag] = value
    elif isinstance(found := holder[tag], list):
        found.append(value)
    else:
        holder[tag] = [found, value]
