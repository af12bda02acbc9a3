"""Images, documents, recordings and any other file: one row a file."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from landfall_jobs import storage
from landfall_jobs.formats.format import Excerpt, Format, Place, Source, as_json_lines, as_text, whole
from landfall_jobs.media.inspect_file import Inspection, inspect_file

THUMBNAIL = "thumbnail"


@dataclass(frozen=True)
class MediaFormat(Format):
    """A row tells what landfall_jobs.media finds out about a file.

    Thumbnails go to `<lake>/<thumbnails>/<pixels>/<SHA-256>.jpg`, whatever the file is called: a second attempt writes
    the same, equal files share one, and no name leads elsewhere. None are made without a lake, or a column for them.
    """

    thumbnail_pixels: int = 256
    text_characters: int = 20_000
    lake: str | None = None
    thumbnails: str = "thumbnails"

    def read(self, source: Source) -> Iterator[pa.Table]:
        """Give the row of a file; one that is empty, damaged and the like is a record that is none."""
        found = self._inspect(source)
        if found.fault is not None:
            yield self.refused(1, found.fault.problem, _raw(found))
            return
        facts = {**found.facts, THUMBNAIL: self._keep(found)}
        columns = [pa.array([facts.get(fact)], pa.string()) for _, fact in self.columns]
        yield self.arrange(columns, pa.array([1], pa.int32()))

    def excerpts(self, source: Source, places: Sequence[Place]) -> Iterator[Excerpt]:
        """Give what is known of the file as JSON."""
        if places:
            found = self._inspect(source)
            values = {name: found.facts.get(fact) for name, fact in self.columns}
            raw = _raw(found)
            yield Excerpt(raw, values, str(found.fault) if found.fault else None, whole(raw.encode()))

    def compose(self, excerpts: Iterable[Excerpt]) -> bytes:
        """Give what is known of the file as JSON; the file itself is in landing."""
        return as_json_lines(excerpts)

    def _inspect(self, source: Source) -> Inspection:
        return inspect_file(source, self.thumbnail_pixels, self.text_characters)

    def _keep(self, found: Inspection) -> str | None:
        """Write the thumbnail; give its path in the lake."""
        wanted = self.lake is not None and any(fact == THUMBNAIL for _, fact in self.columns)
        if found.thumbnail is None or self.lake is None or not wanted:
            return None
        path = f"{self.thumbnails}/{self.thumbnail_pixels}/{found.facts['sha256']}.jpg"
        storage.write_bytes(storage.join(self.lake, path), found.thumbnail)
        return path


def _raw(found: Inspection) -> str:
    known = {name: value for name, value in found.facts.items() if value is not None}
    return as_text(json.dumps(known, ensure_ascii=False).encode())
