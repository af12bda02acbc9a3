"""The files of a batch through their format, on executors: what DataFrame.mapInArrow is given."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from landfall_jobs import lineage, storage
from landfall_jobs.formats.extras import ExtraColumn, Extras
from landfall_jobs.formats.format import ABSENT, Format, Source, UnreadableFile


@dataclass(frozen=True)
class Reading:
    """How to read files, and the folder where to note those that cannot be read, or have columns of their own.

    `extras` says how closely to look at these.
    """

    format: Format
    notes: str
    extras: Extras = field(default_factory=Extras)

    def read_files(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Read the files of a manifest (uri, path, landed_at); all that is noted of them is one file."""
        noted: list[dict[str, object]] = []
        for batch in batches:
            for row in batch.to_pylist():
                yield from self._read_file(row["uri"], row["path"], row["landed_at"], noted)
        if noted:
            name = hashlib.sha256("\n".join(str(note["path"]) for note in noted).encode()).hexdigest()
            storage.write_json(storage.join(self.notes, f"{name}.json"), noted)

    def _read_file(
        self, uri: str, path: str, landed_at: str, noted: list[dict[str, object]]
    ) -> Iterator[pa.RecordBatch]:
        beside: dict[str, ExtraColumn] = {}
        absent: list[str] = []
        try:
            for table in self.format.read(Source(uri, path)):
                absent = json.loads((table.schema.metadata or {}).get(ABSENT, b"[]"))
                table = table.replace_schema_metadata(None)
                self.extras.look(table.column(lineage.EXTRA), beside)
                located = table.append_column(lineage.FILE, pa.repeat(pa.scalar(path), table.num_rows))
                located = located.append_column(lineage.LANDED_AT, pa.repeat(pa.scalar(landed_at), table.num_rows))
                yield from located.combine_chunks().to_batches()
        except UnreadableFile as error:
            # What an executor raises arrives wrapped in the engine's words, and ends what others are reading.
            noted.append({"path": path, "reason": str(error)})
        else:
            if beside or absent:
                extra = {name: found.to_json() for name, found in beside.items()}
                noted.append({"path": path, "extra": extra, "absent": absent})


@dataclass(frozen=True)
class Notes:
    """What `read_files` has noted, by path: why files cannot be read, and which columns they have and have not.

    `extra` are columns beside the contract's, `absent` those of the contract that are not in the file.
    """

    unreadable: dict[str, str]
    extra: dict[str, dict[str, ExtraColumn]]
    absent: dict[str, list[str]]


def read_notes(folder: str) -> Notes:
    """Give the notes of all files that have one."""
    found = [storage.read_json(storage.join(folder, name)) for name in storage.list_files(folder)]
    notes = [note for noted in found if isinstance(noted, list) for note in noted]
    return Notes(
        {note["path"]: note["reason"] for note in notes if "reason" in note},
        {
            note["path"]: {name: ExtraColumn.from_json(item) for name, item in note["extra"].items()}
            for note in notes
            if note.get("extra")
        },
        {note["path"]: note["absent"] for note in notes if note.get("absent")},
    )
