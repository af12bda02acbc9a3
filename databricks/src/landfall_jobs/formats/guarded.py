"""Errors of the storage, kept apart from defects of the file."""

import io
from typing import IO


class ReadFailed(Exception):
    """The storage could not be read: that says nothing of the file, and may be over when the job is tried again."""


class ByteStream(io.RawIOBase):
    """A stream of bytes that Python's libraries take, without its end being a None."""

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Give some bytes, or all that are left; none at the end."""
        raise NotImplementedError


class Guarded(ByteStream):
    """A stream whose own errors are ReadFailed, so that no library above it takes them for defects of the file."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def seekable(self) -> bool:
        """Tell whether its place can be chosen."""
        return self._stream.seekable()

    def read(self, size: int = -1) -> bytes:
        """Give some bytes, or all that are left; raise ReadFailed."""
        try:
            return self._stream.read(size) if size >= 0 else self._stream.read()
        except OSError as error:
            raise ReadFailed(f"The storage could not be read: {error}") from error

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Give the place."""
        return self._stream.tell()

    def close(self) -> None:
        """Close what is guarded, too."""
        self._stream.close()
        super().close()
