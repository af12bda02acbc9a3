"""Reading little-endian fields of a message."""

from __future__ import annotations

import struct


class Truncated(Exception):
    """A message that ends before its last field."""


class Reader:
    """A position in the bytes of one message."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    @property
    def left(self) -> int:
        """Bytes not yet read."""
        return len(self.data) - self.at

    def take(self, size: int) -> bytes:
        """The next bytes."""
        end = self.at + size
        if end > len(self.data):
            raise Truncated
        found = self.data[self.at : end]
        self.at = end
        return found

    def unpack(self, form: str) -> int:
        """One number by a struct format, little-endian."""
        value: int = struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]
        return value

    def u8(self) -> int:
        """One byte."""
        return self.take(1)[0]

    def u16(self) -> int:
        """Two bytes."""
        return self.unpack("H")

    def u32(self) -> int:
        """Four bytes."""
        return self.unpack("I")

    def b_varchar(self) -> str:
        """A byte of length in characters, then UTF-16."""
        return self.take(self.u8() * 2).decode("utf-16-le")

    def us_varchar(self) -> str:
        """Two bytes of length in characters, then UTF-16."""
        return self.take(self.u16() * 2).decode("utf-16-le")

    def skip_all_headers(self) -> None:
        """Step over ALL_HEADERS of a request."""
        size = self.unpack("I")
        self.take(size - 4)


def b_varchar(text: str) -> bytes:
    """Length byte in characters and UTF-16."""
    data = text[:255].encode("utf-16-le")
    return bytes([len(data) // 2]) + data


def us_varchar(text: str) -> bytes:
    """Two length bytes in characters and UTF-16."""
    data = text.encode("utf-16-le")
    return struct.pack("<H", len(data) // 2) + data
