"""The type of a file by its first bytes, and by its name."""

import re
from typing import NamedTuple

HEAD_BYTES = 1 << 20
"""As much of a file as its type is told by."""
TEXT, UNKNOWN = "text/plain", "application/octet-stream"
ZIP = "application/zip"


class FileType(NamedTuple):
    """A media type, how its files begin (a regular expression), how their names end, and how they are read.

    An extension stands here only if all files that are rightly called so begin like this.
    """

    name: str
    begins: bytes
    extensions: tuple[str, ...]
    kind: str = "other"


# Each format's own specification, as https://www.iana.org/assignments/media-types and file(1) collect them.
TYPES = (
    FileType("image/jpeg", rb"\xff\xd8\xff", ("jpg", "jpeg", "jpe"), "image"),
    FileType("image/png", rb"\x89PNG\r\n\x1a\n", ("png",), "image"),
    FileType("image/gif", rb"GIF8[79]a", ("gif",), "image"),
    FileType("image/webp", rb"RIFF....WEBP", ("webp",), "image"),
    FileType("image/tiff", rb"II[*+]\0|MM\0[*+]", ("tif", "tiff"), "image"),
    FileType("image/bmp", rb"BM....\0\0\0\0", ("bmp",), "image"),
    FileType("image/avif", rb"....ftypavi[fs]", ("avif",), "image"),
    FileType("image/heic", rb"....ftyp(hei[cx]|hevc|mif1|msf1)", ("heic", "heif")),
    FileType("application/pdf", rb"%PDF-", ("pdf",), "document"),
    FileType("audio/wav", rb"RIFF....WAVE", ("wav",), "audio"),
    FileType("audio/flac", rb"fLaC[\0\x80]\0\0\x22", ("flac",), "audio"),
    FileType("audio/ogg", rb"OggS.{24,280}?(\x01vorbis|OpusHead|\x7fFLAC|Speex)", ("ogg", "oga", "opus"), "audio"),
    FileType("audio/mp4", rb"....ftypM4[AB]", (), "audio"),
    FileType("audio/aiff", rb"FORM....AIF[FC]", ("aif", "aiff"), "audio"),
    # An MPEG-1, -2 or -2.5 frame of layer III whose bit rate and sample rate there are, or tags before it.
    FileType(
        "audio/mpeg",
        rb"ID3[\x02-\x04]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\x1b\x20-\x2b\x30-\xeb]",
        ("mp3",),
        "audio",
    ),
    FileType("video/quicktime", rb"....ftypqt  ", ()),
    # Of all other brands some are audio, too: only the tracks would tell.
    FileType("video/mp4", rb"....ftyp", ()),
    FileType("video/webm", rb"\x1aE\xdf\xa3.{0,40}webm", ("webm",)),
    FileType("video/x-matroska", rb"\x1aE\xdf\xa3.{0,40}matroska", ("mkv",)),
    FileType("video/x-msvideo", rb"RIFF....AVI ", ("avi",)),
    FileType("application/gzip", rb"\x1f\x8b\x08", ("gz", "tgz")),
    FileType("application/zstd", rb"\x28\xb5\x2f\xfd", ("zst",)),
    FileType("application/x-bzip2", rb"BZh[1-9]1AY&SY", ("bz2",)),
    FileType("application/x-xz", rb"\xfd7zXZ\0", ("xz",)),
    FileType("application/x-7z-compressed", rb"7z\xbc\xaf\x27\x1c", ("7z",)),
    FileType("application/vnd.rar", rb"Rar!\x1a\x07", ("rar",)),
    FileType("application/vnd.apache.parquet", rb"PAR1", ("parquet",)),
    FileType("application/vnd.apache.avro", rb"Obj\x01", ("avro",)),
    FileType("application/vnd.sqlite3", rb"SQLite format 3\0", ("sqlite", "sqlite3")),
    FileType("application/x-ole-storage", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ("doc", "xls", "ppt", "msg")),
    FileType("application/x-elf", rb"\x7fELF", ()),
    FileType("application/vnd.microsoft.portable-executable", rb"MZ.{58}", ("exe", "dll")),
)
_OFFICE = "application/vnd.openxmlformats-officedocument"
PACKAGES = {
    b"word/": (f"{_OFFICE}.wordprocessingml.document", ("docx",)),
    b"xl/": (f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",)),
    b"ppt/": (f"{_OFFICE}.presentationml.presentation", ("pptx",)),
}
"""Zip archives of Office Open XML, by the folder that only they have."""
EXCEL = PACKAGES[b"xl/"][0]
_BEGINNINGS = [(kind.name, re.compile(kind.begins, re.DOTALL)) for kind in TYPES]
_KINDS = {kind.name: kind.kind for kind in TYPES}
_BY_EXTENSION = {
    **{extension: kind.name for kind in TYPES for extension in kind.extensions},
    **{extension: name for name, extensions in PACKAGES.values() for extension in extensions},
    "zip": ZIP,
}
_MEMBER, _NO_MEMBER = b"PK\x03\x04", b"PK\x05\x06"


def type_of(head: bytes) -> str:
    """Give the media type of a file by its first HEAD_BYTES.

    It is text/plain for any UTF-8, and application/octet-stream for what is not known.
    """
    for name, begins in _BEGINNINGS:
        if begins.match(head):
            return name
    if head.startswith(_MEMBER):
        return _type_of_archive(head)
    if head.startswith(_NO_MEMBER):
        return ZIP
    return TEXT if _is_text(head) else UNKNOWN


def type_of_name(path: str) -> str | None:
    """Give the media type that a file's name promises; None where `type_of` could not tell whether it is so."""
    stem, dot, extension = path.rpartition("/")[2].rpartition(".")
    return _BY_EXTENSION.get(extension.lower()) if dot and stem else None


def kind_of(type: str) -> str:
    """Give how files of a media type are read: image, document, audio or other."""
    return _KINDS.get(type, "other")


def _type_of_archive(head: bytes) -> str:
    at = 0
    while at >= 0:
        length = int.from_bytes(head[at + 26 : at + 28], "little")
        name = head[at + 30 : at + 30 + length]
        if name == b"mimetype":
            # OpenDocument and EPUB say what they are in their first member, which is not compressed.
            declared = re.match(rb"application/[a-z0-9.+-]+", head[at + 38 : at + 138])
            return declared[0].decode() if declared else ZIP
        for folder, (package, _) in PACKAGES.items():
            if name.startswith(folder):
                return package
        at = head.find(_MEMBER, at + 4)
    return ZIP


def _is_text(head: bytes) -> bool:
    if not head or b"\0" in head:
        return False
    # A character may be cut at the end of the head.
    for missing in range(4 if len(head) == HEAD_BYTES else 1):
        try:
            head[: len(head) - missing].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return True
    return False
