"""PRELOGIN and LOGIN7 (MS-TDS 2.2.6.4 and 2.2.6.5)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from synapse_emulator.tds.reader import Reader, b_varchar
from synapse_emulator.tds.tokens import envchange, info, token

ENCRYPT_OFF, ENCRYPT_ON, ENCRYPT_NOT_SUPPORTED, ENCRYPT_REQUIRED = range(4)
COLLATION = bytes((0x09, 0x04, 0xD0, 0x00, 0x34))
"""SQL_Latin1_General_CP1_CI_AS."""
_FEDAUTH, _UTF8 = 0x02, 0x0A


@dataclass(slots=True)
class Login:
    """What a client says of itself."""

    user: str
    password: str
    database: str
    host: str
    application: str
    packet_size: int
    features: dict[int, bytes] = field(default_factory=dict)


def parse_prelogin(data: bytes) -> dict[int, bytes]:
    """The options of a PRELOGIN by token."""
    options: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at] != 0xFF:
        kind, offset, length = struct.unpack_from(">BHH", data, at)
        options[kind] = data[offset : offset + length]
        at += 5
    return options


def prelogin_reply(options: dict[int, bytes]) -> bytes:
    """Version 12, no encryption, no MARS; FEDAUTHREQUIRED is answered only when asked."""
    answer = {0: bytes((12, 0, 0x07, 0xD0, 0, 0)), 1: bytes((ENCRYPT_NOT_SUPPORTED,)), 2: b"\0", 3: b"", 4: b"\0"}
    if 6 in options:
        answer[6] = b"\0"
    head, body = b"", b""
    start = 5 * len(answer) + 1
    for kind, value in answer.items():
        head += struct.pack(">BHH", kind, start + len(body), len(value))
        body += value
    return head + b"\xff" + body


def parse_login(data: bytes) -> Login:
    """A LOGIN7 message."""

    def text(at: int) -> str:
        offset, length = struct.unpack_from("<HH", data, at)
        return data[offset : offset + 2 * length].decode("utf-16-le")

    offset, length = struct.unpack_from("<HH", data, 44)
    scrambled = data[offset : offset + 2 * length]
    plain = bytes((b ^ 0xA5) >> 4 | ((b ^ 0xA5) & 0x0F) << 4 for b in scrambled)
    login = Login(
        user=text(40),
        password=plain.decode("utf-16-le"),
        database=text(68),
        host=text(36),
        application=text(48),
        packet_size=struct.unpack_from("<I", data, 8)[0],
    )
    if data[27] & 0x10:
        at = struct.unpack_from("<I", data, struct.unpack_from("<H", data, 56)[0])[0]
        reader = Reader(data, at)
        while (feature := reader.u8()) != 0xFF:
            login.features[feature] = reader.take(reader.u32())
    return login


def login_reply(login: Login, database: str, packet_size: int) -> bytes:
    """The tokens of a successful login, without the final DONE."""
    parts = [
        envchange(1, b_varchar(database), b_varchar("master")),
        info(5701, f"Changed database context to '{database}'.", severity=0, state=2),
        envchange(7, bytes((5,)) + COLLATION, b"\0"),
        envchange(2, b_varchar("us_english"), b_varchar("")),
        info(5703, "Changed language setting to us_english.", severity=0, state=1),
        token(
            0xAD,
            b"\x01" + struct.pack(">I", 0x74000004) + b_varchar("Microsoft SQL Server") + bytes((12, 0, 0x07, 0xD0)),
        ),
        envchange(4, b_varchar(str(packet_size)), b_varchar("4096")),
    ]
    acknowledged = b""
    if _UTF8 in login.features:
        acknowledged += struct.pack("<BIB", _UTF8, 1, 1)
    if acknowledged:
        parts.append(b"\xae" + acknowledged + b"\xff")
    return b"".join(parts)
