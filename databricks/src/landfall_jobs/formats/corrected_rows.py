"""Corrected rows of formats whose files nobody corrects row by row: given out as JSON Lines, they come back so."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from landfall_jobs.formats.format import Excerpt, Format, Place, Source, as_json_lines
from landfall_jobs.formats.guarded import ByteStream
from landfall_jobs.formats.header import normal
from landfall_jobs.formats.json_lines import JsonLinesFormat

CORRECTED_IN_JSON = ("parquet", "avro", "excel")
_ENDING = ".quarantined.jsonl"
_PACKED = re.compile(r"\.(gz|zip|zst)$", re.IGNORECASE)


def landed_format(format: str, path: str) -> str:
    """Tell how a landed file is written: in its contract's format, or as the rows of it that were given out.

    `src/shared/contracts/landed-format.ts` tells it in the same way.
    """
    return "jsonl" if format in CORRECTED_IN_JSON and _PACKED.sub("", path).endswith(_ENDING) else format


@dataclass(frozen=True)
class CorrectedRowsFormat(JsonLinesFormat):
    """Rows as objects, whose keys are found as the format's columns are: in any case.

    `spelled` has the keys that lead to columns, by `normal`.
    """

    spelled: Mapping[str, str] = field(default_factory=dict)

    def begin(self, stream: ByteStream, source: Source) -> tuple[pa.Schema | None, int, bytes]:
        """Begin without a schema: there are few lines, and their keys have to be looked at."""
        return None, 0, b""

    def document(self, value: object) -> object:
        """Give an object with its keys as the paths to columns have them."""
        if not isinstance(value, dict):
            return value
        named = {key: self.spelled.get(normal(key), key) for key in value}
        return {key if name in value else name: value[key] for key, name in named.items()}


@dataclass(frozen=True)
class CorrectableFormat(Format):
    """A format whose files are `landed`, but for those that hold corrected rows."""

    landed: Format
    corrected: CorrectedRowsFormat
    kind: str

    @property
    def explodes(self) -> bool:
        """Whether a record may give several rows."""
        return self.landed.explodes

    def read(self, source: Source) -> Iterator[pa.Table]:
        """Give the records of a file."""
        return self._of(source).read(source)

    def excerpts(self, source: Source, places: Sequence[Place]) -> Iterator[Excerpt]:
        """Give what stands at places."""
        return self._of(source).excerpts(source, places)

    def compose(self, excerpts: Iterable[Excerpt]) -> bytes:
        """Give the records as JSON Lines."""
        return as_json_lines(excerpts)

    def _of(self, source: Source) -> Format:
        return self.corrected if landed_format(self.kind, source.path) == "jsonl" else self.landed
