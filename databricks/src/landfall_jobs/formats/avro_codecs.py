"""How blocks of an Avro file may be packed: https://avro.apache.org/docs/1.12.0/specification/#required-codecs."""

import bz2
import lzma
import zlib
from collections.abc import Callable

import pyarrow as pa

XZ_BYTES = 128 << 20
"""Memory to unpack xz with; its strongest preset needs half of it."""
BROKEN = (ValueError, OSError, EOFError, zlib.error, lzma.LZMAError, pa.ArrowException, MemoryError)
"""What they raise on data that is not theirs."""


def _deflate(packed: bytes, most: int) -> bytes:
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    data = unpacking.decompress(packed, most + 1)
    if not unpacking.eof and len(data) <= most:
        raise EOFError("it ends too early")
    return data


def _bzip2(packed: bytes, most: int) -> bytes:
    unpacking = bz2.BZ2Decompressor()
    data = unpacking.decompress(packed, most + 1)
    if not unpacking.eof and len(data) <= most:
        raise EOFError("it ends too early")
    return data


def _xz(packed: bytes, most: int) -> bytes:
    unpacking = lzma.LZMADecompressor(memlimit=XZ_BYTES)
    data = unpacking.decompress(packed, most + 1)
    if not unpacking.eof and len(data) <= most:
        raise EOFError("it ends too early")
    return data


def _zstandard(packed: bytes, most: int) -> bytes:
    with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream:
        return stream.read(most + 1)


def _snappy(packed: bytes, most: int) -> bytes:
    """Unpack snappy, which tells the size first; behind it are four bytes by which what it gives is checked."""
    body, check = packed[:-4], packed[-4:]
    size, shift = 0, 0
    for byte in body[:5]:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if size > most:
        return bytes(most + 1)
    data = pa.Codec("snappy").decompress(body, decompressed_size=size, asbytes=True)
    if zlib.crc32(data) != int.from_bytes(check, "big"):
        raise ValueError("its checksum is another")
    return data


UNPACK: dict[str, Callable[[bytes, int], bytes]] = {
    "null": lambda packed, _: packed,
    "deflate": _deflate,
    "snappy": _snappy,
    "zstandard": _zstandard,
    "bzip2": _bzip2,
    "xz": _xz,
}
"""Codecs by name; each gives at most one byte more than it may."""
