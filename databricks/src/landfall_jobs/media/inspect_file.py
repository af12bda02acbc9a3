"""One pass over a file: its size, its hash and its type; and what the reader of its type makes of it."""

import hashlib
import tempfile
from dataclasses import dataclass, field
from typing import IO

from landfall_jobs import storage
from landfall_jobs.formats.format import Source
from landfall_jobs.formats.guarded import ByteStream, Guarded
from landfall_jobs.media.facts import EMPTY, TOO_LARGE, Fault
from landfall_jobs.media.file_type import HEAD_BYTES, kind_of, type_of, type_of_name

CHUNK_BYTES = 1 << 20
IN_MEMORY_BYTES = 16 << 20
"""Of a larger file the copy that readers go about in is on the disk."""
MOST_BYTES = 512 << 20
"""A larger image, document or recording is not looked into."""


@dataclass(frozen=True)
class Inspection:
    """What is known of a file by name of the fact, and why no more is."""

    facts: dict[str, str | None]
    fault: Fault | None = None
    thumbnail: bytes | None = field(default=None, repr=False)


def inspect_file(source: Source, thumbnail_pixels: int, text_characters: int) -> Inspection:
    """Look into a file; raise ReadFailed where the storage fails, and nothing for any content."""
    with (
        Guarded(storage.open_stream(source.uri)) as stream,
        tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as copy,
    ):
        head = _read_head(stream)
        kind = type_of(head)
        reads = kind_of(kind)
        size, digest = len(head), hashlib.sha256(head)
        copy.write(head)
        # A reader jumps about in a file by a few bytes: in the lake each jump would be a request.
        while chunk := stream.read(CHUNK_BYTES):
            size += len(chunk)
            digest.update(chunk)
            if reads != "other" and size <= MOST_BYTES:
                copy.write(chunk)
        facts: dict[str, str | None] = {
            "path": source.path,
            "name": source.path.rpartition("/")[2],
            "bytes": str(size),
            "sha256": digest.hexdigest(),
            "type": kind,
            "type_by_name": type_of_name(source.path),
            "kind": reads,
        }
        try:
            if size == 0:
                raise Fault(EMPTY, "the file is empty (0 bytes)")
            if reads != "other" and size > MOST_BYTES:
                raise Fault(TOO_LARGE, f"the file has {size:,} bytes; at most {MOST_BYTES >> 20} MiB are looked into")
            copy.seek(0)
            more, thumbnail = _read(copy, kind, thumbnail_pixels, text_characters)
        except Fault as fault:
            return Inspection(facts, fault)
        return Inspection({**facts, **more}, None, thumbnail)


def _read(
    copy: IO[bytes], type: str, thumbnail_pixels: int, text_characters: int
) -> tuple[dict[str, str | None], bytes | None]:
    match kind_of(type):
        case "image":
            from landfall_jobs.media.read_image import read_image

            return read_image(copy, type, thumbnail_pixels)
        case "document":
            from landfall_jobs.media.read_pdf import read_pdf

            return read_pdf(copy, text_characters), None
        case "audio":
            from landfall_jobs.media.read_audio import read_audio

            return read_audio(copy, type), None
    return {}, None


def _read_head(stream: ByteStream) -> bytes:
    """Read on until the head is whole: a stream may give less than was asked for."""
    head = b""
    while len(head) < HEAD_BYTES and (chunk := stream.read(HEAD_BYTES - len(head))):
        head += chunk
    return head
