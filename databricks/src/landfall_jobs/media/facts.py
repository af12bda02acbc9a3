"""What is told of a file, and why nothing can be told of it."""

import re
from typing import NamedTuple

EMPTY, DAMAGED, ENCRYPTED, TOO_LARGE = "empty", "damaged", "encrypted", "too-large"
PROBLEMS = (EMPTY, DAMAGED, ENCRYPTED, TOO_LARGE)
"""Why a file is quarantined whatever its contract says."""


class Fact(NamedTuple):
    """A field: its type in a contract, what it is, and whether each file has it."""

    type: str
    description: str
    required: bool = False


FACTS = {
    "path": Fact("string", "Path of the file", required=True),
    "name": Fact("string", "Name of the file, without its folders", required=True),
    "bytes": Fact("bigint", "Size of the file in bytes", required=True),
    "sha256": Fact("string", "SHA-256 of the file, in hexadecimal digits", required=True),
    "type": Fact("string", "Media type by the content", required=True),
    "type_by_name": Fact("string", "Media type that the extension promises, where it is one that is known"),
    "kind": Fact("string", "image, document, audio or other: how the file was read", required=True),
    "width": Fact("int", "Width of an image in pixels, as it is stored"),
    "height": Fact("int", "Height of an image in pixels, as it is stored"),
    "thumbnail": Fact("string", "Path of an image's thumbnail (JPEG) in the lake"),
    "taken_at": Fact("timestamp", "When a photograph was taken, by its EXIF; UTC where it names no offset"),
    "camera_make": Fact("string", "Maker of the camera, by EXIF"),
    "camera_model": Fact("string", "Model of the camera, by EXIF"),
    "orientation": Fact("int", "How an image is to be turned, 1 to 8 as EXIF has it"),
    "latitude": Fact("double", "Latitude where a photograph was taken, in degrees, north is positive"),
    "longitude": Fact("double", "Longitude where a photograph was taken, in degrees, east is positive"),
    "pages": Fact("int", "Pages of a PDF document"),
    "text": Fact("string", "Text of a PDF document, from its beginning"),
    "seconds": Fact("double", "Length of a recording in seconds"),
    "bitrate_kbps": Fact("double", "Bit rate of a recording in kbit/s"),
    "sample_rate_hz": Fact("int", "Sample rate of a recording in Hz"),
    "channels": Fact("int", "Channels of a recording"),
    "title": Fact("string", "Title of a document or a recording"),
    "author": Fact("string", "Author of a document, artist of a recording"),
    "album": Fact("string", "Album of a recording"),
    "genre": Fact("string", "Genre of a recording"),
}
"""What may be the source of a column, by name."""


class Fault(Exception):
    """Why a file cannot be what it begins as: one of PROBLEMS, and a sentence."""

    def __init__(self, problem: str, message: str) -> None:
        super().__init__(message)
        self.problem = problem


def clean(text: object) -> str | None:
    """Give a text that others wrote into a file without what no column can hold; None where nothing is left."""
    found = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", str(text).replace("\r\n", "\n")).strip()
    return found or None
