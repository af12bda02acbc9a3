"""Recordings: length and tags. tinytag reads them, without decoding sound."""

import os
from typing import IO, BinaryIO, Literal, cast

from tinytag import TinyTag

from landfall_jobs.media.facts import DAMAGED, Fault, clean

SIZED: dict[str, Literal["little", "big"]] = {"audio/wav": "little", "audio/aiff": "big"}
"""Types that tell the size of what follows their first eight bytes, and in which order of bytes."""
UNTOLD = 0xFFFFFFFF
"""What stands for the size where the recorder could not know it."""


def read_audio(stream: IO[bytes], type: str) -> dict[str, str | None]:
    """Give facts; raise Fault."""
    _expect_whole(stream, type)
    try:
        found = TinyTag.get(file_obj=cast(BinaryIO, stream))
    except Exception as error:  # beside its own errors those of Python, for what is not as it should be
        raise Fault(DAMAGED, f"the recording cannot be read: {error}") from error
    if not found.duration:
        raise Fault(DAMAGED, "the recording holds no sound")
    return {
        "seconds": f"{found.duration:.3f}",
        "bitrate_kbps": None if not found.bitrate else f"{found.bitrate:.1f}",
        "sample_rate_hz": None if not found.samplerate else str(found.samplerate),
        "channels": None if not found.channels else str(found.channels),
        "title": clean(found.title or ""),
        "author": clean(found.artist or ""),
        "album": clean(found.album or ""),
        "genre": clean(found.genre or ""),
    }


def _expect_whole(stream: IO[bytes], type: str) -> None:
    """Raise Fault where a recording has fewer bytes than it says: tinytag would take it as it is."""
    if type not in SIZED:
        return
    size = stream.seek(0, os.SEEK_END)
    stream.seek(4)
    told = int.from_bytes(stream.read(4), SIZED[type])
    stream.seek(0)
    if told != UNTOLD and size < 8 + told:
        raise Fault(DAMAGED, f"the recording should have {8 + told:,} bytes and has {size:,}: was it cut off?")
