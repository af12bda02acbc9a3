"""Encoding of packets, login and rows, without a socket."""

from __future__ import annotations

import datetime as dt
import struct
from decimal import Decimal

import pyarrow as pa
import pytest
from synapse_emulator.tds.login import parse_prelogin, prelogin_reply
from synapse_emulator.tds.packets import Packetizer
from synapse_emulator.tds.reader import Reader
from synapse_emulator.tds.rows import encode_rows, encode_value
from synapse_emulator.tds.typeinfo import read_type, read_value, type_info
from synapse_emulator.translate import types as t
from synapse_emulator.translate.types import SqlType


def _round_trip(value, kind):
    reader = Reader(type_info(kind) + encode_value(value, kind))
    code, read = read_type(reader)
    found = read_value(reader, code, read)
    assert reader.left == 0
    return found


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (255, SqlType("tinyint")),
        (-32768, SqlType("smallint")),
        (-(2**63), t.BIGINT),
        (True, t.BIT),
        (-1.25, t.FLOAT),
        (Decimal("-12345678901234567890123456789012345.678"), t.decimal(38, 3)),
        (Decimal("0.0001"), t.decimal(9, 4)),
        (Decimal("-922337203685477.5808"), SqlType("money")),
        (dt.date(1, 1, 1), t.DATE),
        (dt.date(9999, 12, 31), t.DATE),
        (dt.datetime(2013, 1, 1, 23, 59, 59), SqlType("datetime2", scale=0)),
        (dt.datetime(1753, 1, 1, 0, 0, 0, 123457), t.DATETIME2),
        (dt.datetime(1899, 12, 31, 12), t.DATETIME),
        (dt.time(23, 59, 59, 999999), SqlType("time", scale=7)),
        ("Zürich 𝄞", t.nvarchar(20)),
        ("", t.nvarchar(20)),
        ("x" * 9000, t.nvarchar(t.MAX)),
        ("", t.nvarchar(t.MAX)),
        ("naïve", t.varchar(10)),
        (b"\x00\xff", SqlType("varbinary", 8)),
        (b"", SqlType("varbinary", t.MAX)),
    ],
)
def test_value_survives_the_wire(value, kind):
    assert _round_trip(value, kind) == value
    assert _round_trip(None, kind) is None


def test_rows_of_mixed_widths_and_nulls_are_the_same_together_as_alone():
    columns = [pa.array([1, None, 3], pa.int32()), pa.array(["a", None, "bcé"]), pa.array([None, "", "x" * 5000])]
    kinds = [t.INT, t.nvarchar(5), t.nvarchar(t.MAX)]
    alone = b"".join(
        b"\xd1" + b"".join(encode_value(c[i].as_py(), k) for c, k in zip(columns, kinds, strict=True)) for i in range(3)
    )
    assert encode_rows(columns, kinds) == alone
    sliced = [pa.concat_arrays([c, c]).slice(2, 3) for c in columns]
    assert encode_rows(sliced, kinds) == encode_rows(
        [pa.concat_arrays([c.slice(2), c.slice(0, 2)]) for c in columns], kinds
    )


def test_a_message_is_cut_into_full_packets_and_an_end():
    packets = Packetizer(512, 51)
    data = bytes(range(256)) * 6
    out = packets.add(data[:700]) + packets.add(data[700:]) + packets.finish()
    bodies, statuses = [], []
    while out:
        status, length = struct.unpack_from(">xBH", out)
        bodies.append(out[8:length])
        statuses.append(status)
        out = out[length:]
    assert b"".join(bodies) == data
    assert statuses == [0] * (len(statuses) - 1) + [1]
    assert {len(body) for body in bodies[:-1]} == {504}


def test_prelogin_answers_no_encryption_and_what_was_asked():
    reply = parse_prelogin(prelogin_reply({0: b"", 1: b"\x02"}))
    assert reply[1] == b"\x02"
    assert 6 not in reply
    assert 6 in parse_prelogin(prelogin_reply({6: b"\x01"}))
