"""Response tokens (MS-TDS 2.2.7)."""

from __future__ import annotations

import struct

from synapse_emulator.errors import SqlError
from synapse_emulator.tds.reader import b_varchar, us_varchar

DONE, DONEPROC, DONEINPROC = 0xFD, 0xFE, 0xFF
MORE, ERROR, IN_TRANSACTION, COUNT, ATTENTION = 1, 2, 4, 0x10, 0x20
COMMANDS = {"SELECT": 0xC1, "INSERT": 0xC3, "DELETE": 0xC4, "UPDATE": 0xC5, "MERGE": 0x117}
SERVER_NAME = "synapse"


def token(kind: int, data: bytes) -> bytes:
    """A token with a two-byte length."""
    return struct.pack("<BH", kind, len(data)) + data


def envchange(kind: int, new: bytes, old: bytes) -> bytes:
    """ENVCHANGE."""
    return token(0xE3, bytes((kind,)) + new + old)


def _message(kind: int, number: int, text: str, severity: int, state: int, procedure: str, line: int) -> bytes:
    body = struct.pack("<iBB", number, state, severity) + us_varchar(text[:4000])
    body += b_varchar(SERVER_NAME) + b_varchar(procedure) + struct.pack("<I", max(line, 0))
    return token(kind, body)


def info(number: int, text: str, *, severity: int = 0, state: int = 1, line: int = 1) -> bytes:
    """INFO."""
    return _message(0xAB, number, text, severity, state, "", line)


def error(failure: SqlError) -> bytes:
    """ERROR."""
    return _message(
        0xAA, failure.number, failure.message, failure.severity, failure.state, failure.procedure, failure.line
    )


def done(kind: int, status: int, command: int = 0, count: int = 0) -> bytes:
    """DONE, DONEPROC or DONEINPROC."""
    return struct.pack("<BHHQ", kind, status, command, count)


def return_status(value: int) -> bytes:
    """RETURNSTATUS."""
    return struct.pack("<Bi", 0x79, value)
