"""Parquet: columns by name or path, turned into the text that all formats give."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet

from landfall_jobs import storage
from landfall_jobs.formats.format import (
    Excerpt,
    Format,
    Place,
    Source,
    UnreadableFile,
    as_json_lines,
    as_text,
    check_width,
    consecutive,
    extra_json,
    whole,
)
from landfall_jobs.formats.guarded import Guarded
from landfall_jobs.formats.header import locate_paths
from landfall_jobs.formats.json_rows import Path, Tree, json_text, known_keys

BATCH_ROWS = 1 << 16


@dataclass(frozen=True)
class ParquetFormat(Format):
    """Rows of a Parquet file; `_line` is their number. `paths` lead to the columns, through structs."""

    paths: tuple[Path, ...] = ()

    def read(self, source: Source) -> Iterator[pa.Table]:
        """Give the rows as text; raise UnreadableFile when the file is none, or lacks a column."""
        with _opened(source) as file:
            names = self._locate(file.schema_arrow, source.path)
            absent = [column for (column, _), name in zip(self.columns, names, strict=True) if not name]
            known = known_keys([name for name in names if name], ())
            number = 1
            for batch in file.iter_batches(BATCH_ROWS):
                lines = consecutive(number, batch.num_rows)
                columns = [_texts(_column(batch, name)) for name in names]
                extra = _extra(batch, known)
                yield self.arrange(columns, lines, extra=extra, absent=absent)
                number += batch.num_rows

    def excerpts(self, source: Source, places: Sequence[Place]) -> Iterator[Excerpt]:
        """Give rows as JSON."""
        wanted = iter(places)
        place = next(wanted, None)
        with _opened(source) as file:
            names = self._locate(file.schema_arrow, source.path)
            number = 1
            for batch in file.iter_batches(BATCH_ROWS):
                while place is not None and place.line < number + batch.num_rows:
                    row = batch.slice(place.line - number, 1)
                    raw = json_text({name: _values(row.column(name))[0] for name in row.schema.names})
                    values = {
                        column: _texts(_column(row, name))[0].as_py()
                        for (column, _), name in zip(self.columns, names, strict=True)
                    }
                    yield Excerpt(as_text(raw.encode()), values, whole=whole(raw.encode()))
                    place = next(wanted, None)
                if place is None:
                    return
                number += batch.num_rows

    def _locate(self, schema: pa.Schema, file: str) -> list[Path]:
        return locate_paths(self.columns, self.paths, self.optional, schema.names, file)

    def compose(self, excerpts: Iterable[Excerpt]) -> bytes:
        """Give the rows as JSON Lines."""
        return as_json_lines(excerpts)


def leaves(source: Source) -> list[Path]:
    """Give the paths of a file's columns, structs taken apart."""
    with _opened(source) as file:
        return [path for field in file.schema_arrow for path in _leaves((field.name,), field.type)]


def _leaves(path: Path, kind: pa.DataType) -> Iterator[Path]:
    if pa.types.is_struct(kind):
        for field in kind:
            yield from _leaves((*path, field.name), field.type)
    else:
        yield path


@contextmanager
def _opened(source: Source) -> Iterator[parquet.ParquetFile]:
    with Guarded(storage.open_file(source.uri)) as stream:
        try:
            file = parquet.ParquetFile(stream)
            check_width(len(file.schema_arrow), source.path)
            yield file
        except (pa.ArrowException, OSError) as error:
            raise UnreadableFile(f"{source.path} is no Parquet file, or a damaged one: {error}") from error


def _column(batch: pa.RecordBatch, path: Path) -> pa.Array:
    """Give what is at a path; nulls at an empty one, which leads to a column that is not there."""
    if not path:
        return pa.nulls(batch.num_rows, pa.string())
    column = batch.column(path[0])
    for name in path[1:]:
        fields = column.type.names if pa.types.is_struct(column.type) else ()
        column = pc.struct_field(column, name) if name in fields else pa.nulls(len(column), pa.string())
    return column


def _texts(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(column.dictionary_decode())
    if pa.types.is_nested(kind):
        return pa.array([None if value is None else json_text(value) for value in _values(column)], pa.string())
    if pa.types.is_timestamp(kind):
        # Spark knows microseconds; an instant is told in UTC.
        column = pc.cast(column, pa.timestamp("us", "UTC" if kind.tz else None), safe=False)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.array([None if value is None else as_text(value) for value in column.to_pylist()], pa.string())
    return pc.cast(column, pa.string())


def _values(column: pa.Array) -> list[object]:
    """Give values as JSON has them: numbers and what is nested as such, all else as the text of a column."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _values(column.dictionary_decode())
    if pa.types.is_struct(kind):
        fields = [_values(pc.struct_field(column, at)) for at in range(kind.num_fields)]
        rows = zip(*fields, strict=True) if fields else [()] * len(column)
        names = [field.name for field in kind]
        there = column.is_valid().to_pylist()
        return [dict(zip(names, row, strict=True)) if valid else None for valid, row in zip(there, rows, strict=True)]
    if pa.types.is_map(kind):
        # As a list of pairs: a key may be of any type, and come twice.
        pairs = pa.struct([pa.field("key", kind.key_type, nullable=False), kind.item_field])
        lists: list[Any] = _values(column.cast(pa.list_(pairs)))
        return [None if rows is None else [list(row.values()) for row in rows] for rows in lists]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        elements = iter(_values(column.flatten()))
        lengths = pc.list_value_length(column).to_pylist()
        return [None if length is None else list(islice(elements, length)) for length in lengths]
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return column.to_pylist()
    texts = _texts(column).to_pylist()
    if pa.types.is_floating(kind):
        return [None if text is None else float(text) for text in texts]
    return texts


def _extra(batch: pa.RecordBatch, known: Tree) -> pa.Array | None:
    """Give what rows have beside their columns as JSON, in structs too; None where the file has nothing else."""
    parts = {name: _beside(batch.column(name), name, known) for name in batch.schema.names}
    found = {name: values for name, values in parts.items() if values is not None}
    return extra_json(list(found), list(found.values())) if found else None


def _beside(column: pa.Array, name: str, known: Tree) -> list[object] | None:
    """Give a column that is not known, or what a struct has beside what is known of it; None where that is nothing."""
    if name not in known:
        return _texts(column).to_pylist()
    below = known[name]
    if below is None or not pa.types.is_struct(column.type):
        return None
    fields = enumerate(column.type)
    parts = {field.name: _beside(pc.struct_field(column, at), field.name, below) for at, field in fields}
    found = {inner: values for inner, values in parts.items() if values is not None}
    if not found:
        return None
    rows = (dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True))
    return [row if any(value is not None for value in row.values()) else None for row in rows]
