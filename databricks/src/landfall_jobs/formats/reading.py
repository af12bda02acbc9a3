"""The files of a batch through their format, on executors: what DataFrame.mapInArrow is given."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from landfall_jobs import lineage, storage
from landfall_jobs.formats.format import Format, Source, UnreadableFile


@dataclass(frozen=True)
class Reading:
    """How to read files, and the folder where to note those that cannot be read."""

    format: Format
    unreadable: str

    def read_files(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Read the files of a manifest (uri, path, landed_at)."""
        for batch in batches:
            for row in batch.to_pylist():
                yield from self._read_file(row["uri"], row["path"], row["landed_at"])

    def _read_file(self, uri: str, path: str, landed_at: str) -> Iterator[pa.RecordBatch]:
        try:
            for table in self.format.read(Source(uri, path)):
                located = table.append_column(lineage.FILE, pa.repeat(pa.scalar(path), table.num_rows))
                located = located.append_column(lineage.LANDED_AT, pa.repeat(pa.scalar(landed_at), table.num_rows))
                yield from located.combine_chunks().to_batches()
        except UnreadableFile as error:
            # What an executor raises arrives wrapped in the engine's words, and ends what others are reading.
            name = hashlib.sha256(path.encode()).hexdigest()
            note = {"path": path, "reason": str(error)}
            storage.write_json(storage.join(self.unreadable, f"{name}.json"), note)


def unreadable_files(folder: str) -> dict[str, str]:
    """Give what `read_files` has noted: reasons by path."""
    notes = [storage.read_json(storage.join(folder, name)) for name in storage.list_files(folder)]
    return {note["path"]: note["reason"] for note in notes if isinstance(note, dict)}
