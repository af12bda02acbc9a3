"""Formats whose records are elements of a document: many may stand in a line, so that `_line` is their number."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pyarrow as pa

from landfall_jobs.formats.format import Excerpt, Format, Place, Row, Source, as_text, whole
from landfall_jobs.formats.guarded import ByteStream
from landfall_jobs.formats.json_rows import Flattening, Path
from landfall_jobs.formats.opening import Packing

BATCH_ROWS = 10_000
LONGEST_ELEMENT = 64 << 20
Element = tuple[str, object]
"""The text of a record and its value, an object if all is well."""


@dataclass(frozen=True)
class RecordsFormat(Format):
    """Records are the elements at `records`. A document that breaks off gives none: nobody knows what is missing."""

    packing: Packing = field(default_factory=Packing)
    flattening: Flattening = field(default_factory=lambda: Flattening(()))
    records: Path = ()

    problem = ""
    """What an element is called that is no record, and the sentence for it."""
    complaint = ""

    @abstractmethod
    def elements(self, stream: ByteStream, source: Source) -> Iterator[Element]:
        """Give the elements; raise UnreadableFile where the document is none."""

    @property
    def explodes(self) -> bool:
        """Whether an element may give several rows."""
        return bool(self.flattening.explode)

    def read(self, source: Source) -> Iterator[pa.Table]:
        """Give the records of one file, all as text."""
        first = 1
        with self.packing.open(source) as stream:
            elements = self.elements(stream, source)
            while batch := list(islice(elements, BATCH_ROWS)):
                table = self.parse_whole(batch, first)
                yield self._table(batch, first) if table is None else table
                first += len(batch)

    def parse_whole(self, batch: list[Element], first: int) -> pa.Table | None:
        """Turn elements into columns in a faster way than one by one, where there is one."""
        return None

    def first_documents(self, source: Source, most: int) -> list[object]:
        """Give the first elements as they are."""
        with self.packing.open(source) as stream:
            return [value for _, value in islice(self.elements(stream, source), most)]

    def excerpts(self, source: Source, places: Sequence[Place]) -> Iterator[Excerpt]:
        """Give what stands at places."""
        wanted = iter(places)
        place = next(wanted, None)
        with self.packing.open(source) as stream:
            for number, (raw, value) in enumerate(self.elements(stream, source), 1):
                while place is not None and place.line == number:
                    yield self._excerpt(place, raw, value)
                    place = next(wanted, None)
                if place is None:
                    return

    @abstractmethod
    def wrap(self, elements: list[bytes]) -> bytes:
        """Give the document whose records these are."""

    def compose(self, excerpts: Iterable[Excerpt]) -> bytes:
        """Give a document with the elements at the path of the records; what stood around them is not there."""
        return self.packing.encode(self.wrap([excerpt.whole for excerpt in excerpts if excerpt.whole is not None]))

    def _excerpt(self, place: Place, raw: str, value: object) -> Excerpt:
        text = as_text(raw.encode())
        if place.problem:
            return Excerpt(text, {}, self.complaint, whole=whole(raw.encode()))
        row = list(self.flattening.rows(value))[place.item - 1]
        values = {name: value for (name, _), value in zip(self.columns, row[0], strict=True)}
        return Excerpt(text, values, whole=whole(raw.encode()))

    def _table(self, batch: list[Element], first: int) -> pa.Table:
        rows: list[Row] = []
        for number, (raw, value) in enumerate(batch, first):
            if isinstance(value, dict):
                of_value = enumerate(self.flattening.rows(value), 1)
                rows += [Row(number, item, texts, extra) for item, (texts, extra) in of_value]
            else:
                nothing = [None] * len(self.columns)
                rows.append(Row(number, 1, nothing, None, self.problem, as_text(raw.encode())))
        return self.arrange_rows(rows)
