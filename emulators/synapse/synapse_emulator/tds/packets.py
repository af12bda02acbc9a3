"""Packets: messages cut into pieces with an 8-byte header (MS-TDS 2.2.3)."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass

SQL_BATCH, RPC, REPLY, ATTENTION, BULK, FEDAUTH, TRANSACTION, LOGIN7, PRELOGIN = 1, 3, 4, 6, 7, 8, 0x0E, 0x10, 0x12
EOM, IGNORE, RESET, RESET_SKIP_TRANSACTION = 1, 2, 8, 0x10


@dataclass(slots=True)
class Message:
    """A whole client message; `reset` asks for a fresh session first, `ignored` means the client gave it up."""

    kind: int
    data: bytes
    reset: bool = False
    ignored: bool = False


async def read_message(stream: asyncio.StreamReader) -> Message:
    """The next message; IncompleteReadError at the end of the connection."""
    parts: list[bytes] = []
    reset = False
    while True:
        kind, status, length = struct.unpack(">BBH4x", await stream.readexactly(8))
        if length < 8:
            raise asyncio.IncompleteReadError(b"", 8)
        parts.append(await stream.readexactly(length - 8))
        reset = reset or bool(status & (RESET | RESET_SKIP_TRANSACTION))
        if status & EOM:
            return Message(kind, b"".join(parts), reset, bool(status & IGNORE))


class Packetizer:
    """Turns a stream of answer bytes into packets of the negotiated size."""

    def __init__(self, size: int, spid: int) -> None:
        self.size = size
        self.spid = spid
        self.buffer = bytearray()
        self.number = 0

    def add(self, data: bytes | bytearray | memoryview) -> bytes:
        """Take answer bytes; gives the packets that are full (keeping at least one byte back for the last)."""
        self.buffer += data
        room = self.size - 8
        if len(self.buffer) <= room:
            return b""
        out = bytearray()
        at = 0
        view = memoryview(self.buffer)
        while len(view) - at > room:
            out += self._header(room, 0)
            out += view[at : at + room]
            at += room
        view.release()
        del self.buffer[:at]
        return bytes(out)

    def finish(self, kind: int = REPLY) -> bytes:
        """The last packet of the message."""
        out = self._header(len(self.buffer), EOM, kind) + bytes(self.buffer)
        self.buffer.clear()
        self.number = 0
        return out

    def _header(self, size: int, status: int, kind: int = REPLY) -> bytes:
        self.number = (self.number + 1) & 0xFF
        return struct.pack(">BBHHBB", kind, status, size + 8, self.spid, self.number, 0)
