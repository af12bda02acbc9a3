"""JSON Lines: one object a line. Lines that all keep to the contract go through Arrow, the rest one by one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json

from landfall_jobs.formats.format import ENCODING, Row, Source, as_text, consecutive
from landfall_jobs.formats.guarded import ByteStream
from landfall_jobs.formats.json_rows import Flattening, NoObject, Path, parse_json
from landfall_jobs.formats.lines import LineFormat, decodes

JSON = "json"
ARROW_TYPES = {"int": pa.int64(), "bigint": pa.int64(), "double": pa.float64(), "boolean": pa.bool_()}


@dataclass(frozen=True)
class JsonLinesFormat(LineFormat):
    """One JSON object a line; `types` are the contract's, column by column."""

    flattening: Flattening = field(default_factory=lambda: Flattening(()))
    types: tuple[str, ...] = ()

    @property
    def explodes(self) -> bool:
        """Whether a line may give several rows."""
        return bool(self.flattening.explode)

    def begin(self, stream: ByteStream, source: Source) -> tuple[pa.Schema | None, int, bytes]:
        """Give the schema by which Arrow may read the lines, or None where it cannot."""
        return None if self.explodes else arrow_schema(self.flattening.paths, self.types), 0, b""

    def parse_whole(self, schema: pa.Schema | None, segment: bytes, line: int) -> pa.Table | None:
        """Parse lines in one go, or give None unless each is an object of the contract's keys and types."""
        body = segment.rstrip(b"\r\n")
        lines = body.count(b"\n") + 1
        if not body:
            return self.arrange([pa.array([], pa.string())] * len(self.columns), pa.array([], pa.int32()))
        if schema is None or not body.startswith(b"{") or body.count(b"\n{") + 1 != lines or not decodes(body):
            return None
        columns = parse_objects(schema, self.flattening.paths, segment, lines)
        return None if columns is None else self.arrange(columns, consecutive(line, lines))

    def parse_lines(self, schema: pa.Schema | None, segment: bytes, line: int) -> pa.Table:
        """Parse lines one by one."""
        found = [row for at, raw in enumerate(segment.split(b"\n"), line) for row in self._rows(at, raw)]
        return self.arrange_rows(found)

    def values(self, schema: Any, raw: bytes, item: int) -> dict[str, str | None]:  # noqa: ANN401
        """Give the text of each column in one of the rows of a line."""
        rows = list(self._rows(0, raw))
        names = [name for name, _ in self.columns]
        return dict(zip(names, rows[item - 1].texts, strict=True)) if item <= len(rows) else {}

    def explain(self, schema: Any, problem: str, raw: bytes) -> str:  # noqa: ANN401
        """Say what the parser says."""
        try:
            list(self.flattening.rows(parse_json(raw)))
        except NoObject:
            return "the line is not a JSON object"
        except (ValueError, RecursionError) as error:
            return f"the line is not JSON: {error}"
        return "the line is no record"

    def document(self, value: object) -> object:
        """Give what a line holds as it is to become rows."""
        return value

    def _rows(self, line: int, raw: bytes) -> Iterator[Row]:
        raw = raw.strip(b" \t\r")
        if not raw:
            return
        nothing: list[str | None] = [None] * len(self.columns)
        try:
            rows = list(self.flattening.rows(self.document(parse_json(raw.decode("utf-8")))))
        except UnicodeDecodeError:
            yield Row(line, 1, nothing, None, ENCODING, as_text(raw))
        except (ValueError, RecursionError):
            yield Row(line, 1, nothing, None, JSON, as_text(raw))
        else:
            for item, (texts, extra) in enumerate(rows, 1):
                yield Row(line, item, texts, extra)


def parse_objects(
    schema: pa.Schema, paths: tuple[Path, ...], data: bytes, count: int, over_lines: bool = False
) -> list[pa.ChunkedArray] | None:
    """Read objects one after the other, or give None unless there are so many, all of the schema's keys and types."""
    try:
        parsed = arrow_json.read_json(
            pa.BufferReader(data),
            read_options=arrow_json.ReadOptions(block_size=len(data)),
            parse_options=arrow_json.ParseOptions(
                explicit_schema=schema, unexpected_field_behavior="error", newlines_in_values=over_lines
            ),
        )
    except pa.ArrowInvalid:
        return None
    columns = [_column(parsed, path) for path in paths]
    # Arrow takes Infinity and NaN for numbers; JSON knows neither.
    if parsed.num_rows != count or not all(map(_is_finite, columns)):
        return None
    return [column if pa.types.is_string(column.type) else pc.cast(column, pa.string()) for column in columns]


def arrow_schema(paths: tuple[Path, ...], types: tuple[str, ...]) -> pa.Schema | None:
    """Nest the columns' types as their paths do; None where a path leads through another column."""
    root: dict[str, Any] = {}
    for path, kind in zip(paths, types, strict=True):
        holder = root
        for name in path[:-1]:
            holder = holder.setdefault(name, {})
            if not isinstance(holder, dict):
                return None
        if path[-1] in holder:
            return None
        holder[path[-1]] = ARROW_TYPES.get(kind, pa.string())
    return pa.schema([(name, _type(value)) for name, value in root.items()])


def _type(value: Any) -> pa.DataType:  # noqa: ANN401
    return pa.struct([(name, _type(inner)) for name, inner in value.items()]) if isinstance(value, dict) else value


def _column(table: pa.Table, path: Path) -> pa.ChunkedArray:
    column = table.column(path[0])
    if len(path) > 1:
        column = pc.struct_field(column, list(path[1:]))
    return column


def _is_finite(column: pa.ChunkedArray) -> bool:
    return not pa.types.is_floating(column.type) or pc.all(pc.is_finite(column)).as_py() is not False
