"""Avro: records by the schema of their file, turned into the text that all formats give."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc

from landfall_jobs import storage
from landfall_jobs.formats.avro_container import Container, Record, open_container
from landfall_jobs.formats.format import (
    ENCODING,
    Excerpt,
    Format,
    Place,
    Row,
    Source,
    as_json_lines,
    as_text,
    consecutive,
    whole,
)
from landfall_jobs.formats.guarded import Guarded
from landfall_jobs.formats.header import locate_paths, spelling
from landfall_jobs.formats.json_rows import Flattening, as_column, json_text, value_at

BATCH_ROWS = 10_000
BATCH_CELLS = 1_000_000
BATCH_BYTES = 8 << 20
_ARROW_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


@dataclass(frozen=True)
class AvroFormat(Format):
    """Records of an Avro file, whose values come out as Parquet's do; `_line` is their number."""

    flattening: Flattening = field(default_factory=lambda: Flattening(()))

    @property
    def explodes(self) -> bool:
        """Whether a record may give several rows."""
        return bool(self.flattening.explode)

    def read(self, source: Source) -> Iterator[pa.Table]:
        """Give the records as text; raise UnreadableFile when the file is none of Avro, damaged, or lacks a column."""
        with _opened(source) as container:
            flattening, absent = self._locate(container, source)
            first = 1
            for records in _batches(container):
                yield self._table(flattening, first, records, absent)
                first += len(records)

    def excerpts(self, source: Source, places: Sequence[Place]) -> Iterator[Excerpt]:
        """Give records as JSON; blocks without a place are not decoded."""
        wanted = iter(places)
        place = next(wanted, None)
        with _opened(source) as container:
            flattening, _ = self._locate(container, source)
            first = 1
            for block in container.blocks:
                if place is None:
                    return
                if place.line < first + block.count:
                    for number, record in enumerate(block.records, first):
                        while place is not None and place.line == number:
                            yield self._excerpt(flattening, record, place)
                            place = next(wanted, None)
                first += block.count

    def compose(self, excerpts: Iterable[Excerpt]) -> bytes:
        """Give the records as JSON Lines."""
        return as_json_lines(excerpts)

    def _locate(self, container: Container, source: Source) -> tuple[Flattening, list[str]]:
        """Give the flattening with keys as the file spells them, and the columns that it lacks."""
        names = list(container.schema.example)
        written = self.flattening.paths
        found = locate_paths(self.columns, written, self.optional, names, source.path)
        absent = [column for (column, _), path in zip(self.columns, found, strict=True) if not path]
        # A column that is not there keeps a path at which no record has anything.
        paths = tuple(path or keys for path, keys in zip(found, written, strict=True))
        spelled = spelling(names)
        explode = tuple((spelled(keys[0]) or keys[0], *keys[1:]) for keys in self.flattening.explode)
        return Flattening(paths, explode), absent

    def _table(self, flattening: Flattening, first: int, records: list[Record], absent: list[str]) -> pa.Table:
        try:
            if flattening.explode:
                return self.arrange_rows(list(_rows(flattening, first, records)), absent)
            columns = [_texts([value_at(record, path) for record in records]) for path in flattening.paths]
            extra = pa.array([flattening.beside(record) for record in records], pa.string())
            return self.arrange(columns, consecutive(first, len(records)), extra=extra, absent=absent)
        except UnicodeEncodeError:
            checked = (self._checked(flattening, number, record) for number, record in enumerate(records, first))
            return self.arrange_rows(list(chain.from_iterable(checked)), absent)

    def _checked(self, flattening: Flattening, number: int, record: Record) -> Iterator[Row]:
        """Give the rows of a record, or that it is none where one of its texts is not UTF-8."""
        raw = _json(record)
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            yield Row(number, 1, [None] * len(self.columns), None, ENCODING, as_text(raw))
        else:
            yield from _rows(flattening, number, [record])

    def _excerpt(self, flattening: Flattening, record: Record, place: Place) -> Excerpt:
        raw = _json(record)
        if place.problem:
            return Excerpt(as_text(raw), {}, "a text of the record is not UTF-8", whole(raw))
        row = self._table(flattening, 1, [record], []).slice(place.item - 1, 1).to_pylist()[0]
        return Excerpt(as_text(raw), {name: row[name] for name, _ in self.columns}, whole=whole(raw))


def example(source: Source) -> Record:
    """Give a record by the schema of a file: with all its keys, one element in each array, null for each value."""
    with _opened(source) as container:
        return container.schema.example


@contextmanager
def _opened(source: Source) -> Iterator[Container]:
    with Guarded(storage.open_stream(source.uri)) as stream:
        yield open_container(stream, source.path)


def _batches(container: Container) -> Iterator[list[Record]]:
    """Give records in lists that do not need much memory, whatever they are."""
    most = max(1, min(BATCH_ROWS, BATCH_CELLS // max(1, len(container.schema.example))))
    batch: list[Record] = []
    size = 0
    for block in container.blocks:
        for record in block.records:
            batch.append(record)
            if len(batch) == most:
                yield batch
                batch = []
        size += block.size
        if size >= BATCH_BYTES and batch:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _rows(flattening: Flattening, first: int, records: list[Record]) -> Iterator[Row]:
    for number, record in enumerate(records, first):
        for item, (texts, extra) in enumerate(flattening.rows(record), 1):
            yield Row(number, item, texts, extra)


def _texts(values: list[object]) -> pa.Array:
    """Give values as text: those of one type through Arrow, as Parquet's are."""
    kinds = set(map(type, values)) - {type(None)}
    kind = _ARROW_TYPES.get(kinds.pop()) if len(kinds) == 1 else None
    if kind is None:
        return pa.array(list(map(as_column, values)), pa.string())
    return pc.cast(pa.array(values, kind), pa.string())


def _json(record: Record) -> bytes:
    """Give a record as JSON; bytes that are no text stand in it as they were."""
    return json_text(record).encode("utf-8", errors="surrogateescape")
