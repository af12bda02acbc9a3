"""RPC requests (MS-TDS 2.2.6.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from synapse_emulator.tds.reader import Reader
from synapse_emulator.tds.typeinfo import read_type, read_value
from synapse_emulator.translate.types import SqlType

PROCEDURES = {
    2: "sp_cursoropen", 7: "sp_cursorfetch", 9: "sp_cursorclose", 10: "sp_executesql", 11: "sp_prepare",
    12: "sp_execute", 13: "sp_prepexec", 15: "sp_unprepare",
}  # fmt: skip


@dataclass(slots=True)
class Parameter:
    """One argument; `name` in lower case with its @, or empty."""

    name: str
    kind: SqlType
    value: Any
    output: bool


@dataclass(slots=True)
class Call:
    """One procedure call."""

    procedure: str
    parameters: list[Parameter]


def parse_rpc(data: bytes) -> list[Call]:
    """The calls of an RPC message."""
    reader = Reader(data)
    reader.skip_all_headers()
    calls: list[Call] = []
    while reader.left:
        if data[reader.at] in (0xFF, 0xFE, 0x80) and calls and data[reader.at : reader.at + 2] != b"\xff\xff":
            reader.at += 1
            continue
        length = reader.u16()
        if length == 0xFFFF:
            number = reader.u16()
            name = PROCEDURES.get(number, f"sp_{number}")
        else:
            name = reader.take(length * 2).decode("utf-16-le")
        reader.u16()
        call = Call(name, [])
        calls.append(call)
        while reader.left and data[reader.at] not in (0xFF, 0xFE, 0x80):
            parameter_name = reader.b_varchar().lower()
            flags = reader.u8()
            code, kind = read_type(reader)
            call.parameters.append(Parameter(parameter_name, kind, read_value(reader, code, kind), bool(flags & 1)))
    return calls
