"""One answer message: tokens in the order and with the DONE flags that drivers expect."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pyarrow as pa

from synapse_emulator.errors import SqlError
from synapse_emulator.tds import tokens
from synapse_emulator.tds.reader import b_varchar
from synapse_emulator.tds.rows import column_metadata, encode_rows, encode_value
from synapse_emulator.tds.rpc import Parameter
from synapse_emulator.tds.typeinfo import type_info
from synapse_emulator.translate import types as t
from synapse_emulator.translate.types import SqlType, SqlValue


class Response:
    """Implements run.output.Output over `write`; a batch holds its last DONE back, an RPC sends DONEINPROC."""

    def __init__(self, write: Callable[[bytes], None], *, rpc: bool = False) -> None:
        self._write = write
        self._rpc = rpc
        self._held = b""
        self.errors = 0

    def _send(self, data: bytes) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._write(held[:1] + struct.pack("<H", struct.unpack_from("<H", held, 1)[0] | tokens.MORE) + held[3:])
        self._write(data)

    def metadata(self, columns: list[tuple[str, SqlType]]) -> None:
        """COLMETADATA."""
        self._send(column_metadata(columns))

    def rows(self, batch: pa.RecordBatch, kinds: list[SqlType]) -> None:
        """ROW tokens."""
        self._send(encode_rows(batch.columns, kinds))

    def done(self, command: str, count: int | None) -> None:
        """The end of a statement."""
        status = 0 if count is None else tokens.COUNT
        code = tokens.COMMANDS.get(command, 0)
        if self._rpc:
            self._send(tokens.done(tokens.DONEINPROC, status | tokens.MORE, code, count or 0))
            return
        self._send(b"")
        self._held = tokens.done(tokens.DONE, status, code, count or 0)

    def message(self, number: int, text: str, severity: int, state: int, line: int) -> None:
        """INFO."""
        self._send(tokens.info(number, text, severity=severity, state=state, line=line))

    def failed(self, error: SqlError) -> None:
        """ERROR."""
        self.errors += 1
        self._send(tokens.error(error))

    def transaction(self, kind: int, descriptor: int) -> None:
        """ENVCHANGE 8, 9 or 10 with the transaction's descriptor."""
        data = b"\x08" + struct.pack("<Q", descriptor)
        self._send(tokens.envchange(kind, data, b"\0") if kind == 8 else tokens.envchange(kind, b"\0", data))

    def database(self, name: str) -> None:
        """ENVCHANGE 1 and INFO 5701."""
        self._send(tokens.envchange(1, b_varchar(name), b_varchar(name)))
        self._send(tokens.info(5701, f"Changed database context to '{name}'.", severity=0, state=2))

    def raw(self, data: bytes) -> None:
        """Tokens made elsewhere."""
        self._send(data)

    def finish_batch(self) -> None:
        """The final DONE."""
        if self.errors:
            self._send(tokens.done(tokens.DONE, tokens.ERROR))
        elif self._held:
            held, self._held = self._held, b""
            self._write(held)
        else:
            self._write(tokens.done(tokens.DONE, 0))

    def finish_call(self, outputs: list[Parameter], *, more: bool) -> None:
        """RETURNSTATUS, RETURNVALUEs and DONEPROC."""
        if not self.errors:
            self._send(tokens.return_status(0))
            for i, parameter in enumerate(outputs):
                self._send(return_value(i, parameter.name, parameter.kind, parameter.value))
        status = (tokens.ERROR if self.errors else 0) | (tokens.MORE if more else 0)
        self._send(tokens.done(tokens.DONEPROC, status))
        self.errors = 0

    def cancelled(self) -> None:
        """The end of an answer that an attention cut short."""
        self._held = b""
        self._write(tokens.done(tokens.DONE, tokens.ERROR))


def return_value(ordinal: int, name: str, kind: SqlType, value: SqlValue) -> bytes:
    """RETURNVALUE; a string of unknown length goes as MAX."""
    if kind.is_string and isinstance(value, str) and kind.length != t.MAX and len(value) > kind.length:
        kind = SqlType(kind.name, t.MAX)
    head = struct.pack("<BH", 0xAC, ordinal) + b_varchar(name) + struct.pack("<BIH", 1, 0, 1)
    return head + type_info(kind) + encode_value(value, kind)
