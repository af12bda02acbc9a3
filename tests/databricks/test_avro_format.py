"""Avro: what comes out is what Parquet gives for the same values, and no file can do harm."""

import bz2
import io
import json
import lzma
import random
import tracemalloc
import zlib
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import fastavro
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from landfall_jobs.formats.avro_format import AvroFormat, example
from landfall_jobs.formats.format import Place, Source, UnreadableFile
from landfall_jobs.formats.json_rows import Flattening, parse_path
from landfall_jobs.formats.parquet_format import ParquetFormat

MAGIC, MARKER = b"Obj\x01", b"m" * 16


def made(*columns, explode=()):
    paths = tuple(parse_path(source) for _, source in columns)
    return AvroFormat(columns, Flattening(paths, tuple(parse_path(path) for path in explode)))


def record(**fields):
    return {"type": "record", "name": "R", "fields": [{"name": name, "type": kind} for name, kind in fields.items()]}


@pytest.fixture
def put(tmp_path):
    def put(content):
        (tmp_path / "file.avro").write_bytes(content)
        return Source(str(tmp_path / "file.avro"), "file.avro")

    return put


@pytest.fixture
def write(put):
    def write(schema, records, **options):
        buffer = io.BytesIO()
        fastavro.writer(buffer, schema, records, **options)
        return put(buffer.getvalue())

    return write


def rows(format, source):
    return [row for table in format.read(source) for row in table.to_pylist()]


def long(number):
    """Write a number as Avro does."""
    left, found = (number << 1) ^ (number >> 63), b""
    while left >= 0x80:
        found, left = found + bytes([left & 0x7F | 0x80]), left >> 7
    return found + bytes([left])


def text(data):
    return long(len(data)) + data


def container(schema, *blocks, codec=b"null"):
    """Write a file by hand, of blocks that are (count, bytes)."""
    header = long(2) + text(b"avro.codec") + text(codec) + text(b"avro.schema") + text(json.dumps(schema).encode())
    return MAGIC + header + long(0) + MARKER + b"".join(long(n) + text(data) + MARKER for n, data in blocks)


def logical(kind, logical_type, **more):
    return {"type": kind, "logicalType": logical_type, **more}


DECIMAL = {"precision": 38, "scale": 2}


@pytest.mark.parametrize(
    ("avro", "arrow", "value"),
    [
        ("int", pa.int32(), -7),
        ("long", pa.int64(), 2**62 + 1),
        ("double", pa.float64(), 5.0),
        ("double", pa.float64(), 1e15),
        ("double", pa.float64(), float("nan")),
        ("float", pa.float32(), 0.1),
        ("float", pa.float32(), 3.4e38),
        ("boolean", pa.bool_(), True),
        ("string", pa.string(), "é\n"),
        ("bytes", pa.binary(), b"a\xff"),
        ({"type": "fixed", "name": "F", "size": 2}, pa.binary(2), b"a\xff"),
        ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, pa.string(), "B"),
        (logical("int", "date"), pa.date32(), date(2026, 1, 31)),
        (logical("int", "time-millis"), pa.time32("ms"), time(10, 0, 0, 5000)),
        (logical("long", "time-micros"), pa.time64("us"), time(10, 0, 0, 5)),
        (logical("long", "timestamp-millis"), pa.timestamp("ms", "UTC"), datetime(2026, 1, 31, 10, tzinfo=UTC)),
        (logical("long", "timestamp-micros"), pa.timestamp("us", "UTC"), datetime(950, 1, 1, 1, 1, 1, 7, tzinfo=UTC)),
        (logical("long", "local-timestamp-millis"), pa.timestamp("ms"), datetime(2026, 1, 31, 10)),
        (logical("long", "local-timestamp-micros"), pa.timestamp("us"), datetime(1950, 1, 1, 0, 0, 0, 7)),
        (
            logical("bytes", "decimal", **DECIMAL),
            pa.decimal128(38, 2),
            Decimal("1234567890123456789012345678901234.50"),
        ),
        (logical("fixed", "decimal", name="D", size=16, **DECIMAL), pa.decimal128(38, 2), Decimal("-0.05")),
        ({"type": "array", "items": "int"}, pa.list_(pa.int32()), [1, 2]),
        (["null", "long"], pa.int64(), None),
    ],
)
def test_a_value_comes_out_as_that_of_parquet_does(write, tmp_path, avro, arrow, value):
    source = write(record(value=avro), [{"value": value}])
    parquet.write_table(pa.table({"value": pa.array([value], arrow)}), tmp_path / "file.parquet")
    beside = ParquetFormat((("value", "value"),), (("value",),))
    assert rows(made(("value", "value")), source) == rows(
        beside, Source(str(tmp_path / "file.parquet"), "file.parquet")
    )


def test_uuids_durations_and_nanoseconds_are_text_and_a_time_that_is_none_is_its_number(put):
    schema = record(
        a=logical("fixed", "uuid", name="U", size=16),
        b=logical("fixed", "duration", name="D", size=12),
        c=logical("long", "timestamp-nanos"),
        d=logical("long", "timestamp-millis"),
        e=logical("int", "date"),
        f=logical("string", "uuid"),
        g=logical("string", "unknown"),
    )
    duration = b"".join(number.to_bytes(4, "little") for number in (14, 3, 1500))
    data = UUID(int=7).bytes + duration + long(1_500) + long(2**60) + long(2**31 - 1) + text(b"u") + text(b"x")
    (row,) = rows(made(*((name, name) for name in "abcdefg")), put(container(schema, (1, data))))
    assert [row[name] for name in "abcdefg"] == [
        *("00000000-0000-0000-0000-000000000007", "P14M3DT1.5S", "1970-01-01 00:00:00.000001Z"),
        *(str(2**60), str(2**31 - 1), "u", "x"),
    ]


def test_columns_are_found_in_any_case_and_through_records_and_others_are_kept_as_json(write):
    user = {"type": "record", "name": "U", "fields": [{"name": "name", "type": "string"}, {"name": "n", "type": "int"}]}
    schema = record(
        ID="long", user=["null", user], tags={"type": "map", "values": logical("int", "date")}, more="float"
    )
    first = {"ID": 1, "user": {"name": "Ann", "n": 3}, "tags": {"a": date(2026, 1, 2)}, "more": 0.1}
    source = write(schema, [first, {"ID": 2, "user": None, "tags": {}, "more": float("inf")}])
    found = rows(made(("id", "id"), ("name", "user.name"), ("tags", "tags")), source)
    assert [(r["_line"], r["id"], r["name"], r["tags"], r["_extra"]) for r in found] == [
        (1, "1", "Ann", '{"a": "2026-01-02"}', '{"more": 0.1, "user": {"n": 3}}'),
        (2, "2", None, "{}", '{"more": Infinity}'),
    ]


def test_an_array_that_is_exploded_gives_a_row_for_each_element(write):
    line = {"type": "record", "name": "L", "fields": [{"name": "sku", "type": "string"}]}
    schema = record(id="long", Lines={"type": "array", "items": line})
    source = write(schema, [{"id": 1, "Lines": [{"sku": "a"}, {"sku": "b"}]}, {"id": 2, "Lines": []}])
    format = made(("id", "id"), ("sku", "lines.sku"), explode=["lines"])
    found = rows(format, source)
    assert [(r["_line"], r["_item"], r["id"], r["sku"]) for r in found] == [
        (1, 1, "1", "a"),
        (1, 2, "1", "b"),
        (2, 1, "2", None),
    ]
    assert [excerpt.values["sku"] for excerpt in format.excerpts(source, [Place(1, item=2)])] == ["b"]


PACK = {
    "null": bytes,
    "deflate": lambda data: zlib.compress(data, wbits=-15),
    "bzip2": bz2.compress,
    "xz": lambda data: lzma.compress(data, preset=0),
    "zstandard": lambda data: pa.compress(data, "zstd", asbytes=True),
    "snappy": lambda data: pa.compress(data, "snappy", asbytes=True) + zlib.crc32(data).to_bytes(4, "big"),
}


@pytest.mark.parametrize("codec", PACK)
def test_blocks_are_unpacked(put, codec):
    packed = PACK[codec](b"".join(text(b"some text %d" % i) for i in range(100)))
    whole = container(record(a="string"), (100, packed), (100, packed), codec=codec.encode())
    found = rows(made(("a", "a")), put(whole))
    assert [row["a"] for row in found[:100]] == [f"some text {i}" for i in range(100)]
    assert [row["_line"] for row in found] == list(range(1, 201))
    if codec != "null":
        broken = packed[: len(packed) // 2]
        damaged = container(record(a="string"), (100, broken), codec=codec.encode())
        with pytest.raises(UnreadableFile, match=r"is a damaged Avro file: before byte \d+ a block cannot be unpacked"):
            rows(made(("a", "a")), put(damaged))


def test_a_codec_that_is_not_read_is_named(put):
    with pytest.raises(
        UnreadableFile, match=r"packed by the codec lz4, which is not read; write it with null, deflate,"
    ):
        rows(made(("a", "a")), put(container(record(a="string"), codec=b"lz4")))


def test_a_text_that_is_not_utf8_is_the_fault_of_its_record_alone(put):
    data = text(b"good") + text(b"b\xffd") + text(b"fine")
    source, format = put(container(record(a="string"), (3, data))), made(("a", "a"))
    assert [(r["a"], r["_problem"]) for r in rows(format, source)] == [
        ("good", None),
        (None, "encoding"),
        ("fine", None),
    ]
    (excerpt,) = format.excerpts(source, [Place(2, problem="encoding")])
    assert (excerpt.raw, excerpt.message) == ('{"a": "b\\xffd"}', "a text of the record is not UTF-8")


def test_what_stands_at_places_is_given_as_json_that_others_read(write):
    schema = record(a="long", b="double", at=logical("long", "timestamp-millis"))
    at = datetime(2026, 1, 31, 10, tzinfo=UTC)
    source = write(schema, [{"a": i, "b": float("inf"), "at": at} for i in range(20_000)], codec="deflate")
    first, second = made(("a", "a")).excerpts(source, [Place(1), Place(15_000)])
    assert json.loads(first.raw) == {"a": 0, "b": "inf", "at": "2026-01-31 10:00:00.000000Z"}
    assert (second.values, second.whole[:12]) == ({"a": "14999"}, b'{"a": 14999,')


def test_names_of_types_are_found_in_their_namespaces_and_records_need_not_be_named_well(put):
    inner = {"type": "record", "name": "In", "namespace": "other", "fields": [{"name": "x-y", "type": "int"}]}
    schema = {
        **{"type": "record", "name": "my.pack.Out", "doc": "x"},
        "fields": [
            {"name": "a", "type": inner, "default": "not of its type"},
            {"name": "b", "type": ["null", "other.In"]},
            {"name": "c", "type": {"type": "enum", "name": "Kind", "symbols": ["one-1", "two"]}},
            {"name": "d", "type": {"type": "map", "values": "Kind"}},
        ],
    }
    data = long(1) + long(1) + long(2) + long(0) + long(1) + text(b"k") + long(1) + long(0)
    (row,) = rows(made(("a", "a.x-y"), ("b", "b.x-y"), ("c", "c"), ("d", "d")), put(container(schema, (1, data))))
    assert [row[name] for name in "abcd"] == ["1", "2", "one-1", '{"k": "two"}']
    assert example(put(container(schema))) == {"a": {"x-y": None}, "b": {"x-y": None}, "c": None, "d": None}


TWICE = [{"name": "a", "type": "int"}, {"name": "a", "type": "int"}]
NODE = {"type": "record", "name": "N", "fields": [{"name": "next", "type": ["null", "N"]}]}
HALVES = record(a="int") | {"name": "H0"}
for _level in range(1, 20):
    HALVES = record(a=HALVES, b=f"H{_level - 1}") | {"name": f"H{_level}"}
DEEP = "int"
for _ in range(150):
    DEEP = {"type": "array", "items": DEEP}


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ("string", "holds no records: the type of its schema is string"),
        ([record(a="int"), "null"], "holds no records"),
        (NODE, "has a schema whose type N contains itself"),
        (record(a="Nowhere"), "names a type in its schema, Nowhere, that is not there"),
        ({"type": "record", "name": "R", "fields": TWICE}, "has two fields of one name in its schema, in R"),
        (record(a=DEEP), "has types nested deeper than 100 in its schema"),
        (HALVES, "has more than 10000 types in its schema"),
        (record(a="null"), "holds records that take no bytes"),
        (
            record(z="int", **{f"n{i}": "null" for i in range(101)}),
            "has more than 100 fields in its schema that take no",
        ),
        (record(**{"\ud800": "int"}), "has no schema that is Avro's: ValueError an escape stands for half a character"),
        (record(a={"type": "array", "items": "null"}), "has an array in its schema whose elements take no bytes"),
        (record(a={"type": "fixed", "name": "F", "size": 1 << 40}), "has a type in its schema of 1099511627776 bytes"),
        ({"type": "record", "name": "R"}, "has no schema that is Avro's: KeyError 'fields'"),
        (record(a=[]), "has a union without types"),
    ],
)
def test_a_schema_whose_records_cannot_be_rows_is_refused(put, schema, reason):
    with pytest.raises(UnreadableFile, match=f"file.avro {reason}"):
        rows(made(("a", "a")), put(container(schema, (1, b"\0"))))


def test_a_schema_nested_too_deep_for_json_is_refused(put):
    nested = b'{"type":' * 100_000
    with pytest.raises(UnreadableFile, match=r"has no schema that is Avro's: RecursionError"):
        rows(made(("a", "a")), put(MAGIC + long(1) + text(b"avro.schema") + text(nested) + long(0) + MARKER))


LONG = record(a="long")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", r"it ends too early"),
        (b"PAR1....", r"is no Avro file: it does not begin with Obj and the number 1"),
        (MAGIC + long(2**62), r"it ends too early"),
        (MAGIC + long(1) + long(2**62), r"a part says that it has 4611686018427387904 bytes"),
        (MAGIC + long(1) + text(b"avro.schema") + long(-5), r"a part says that it has -5 bytes"),
        (MAGIC + b"\xff" * 20, r"a number that never ends"),
        (container(LONG, (2**40, long(1))), r"a block of 1 bytes cannot hold 1099511627776 records"),
        (container(LONG, (-1, long(1))), r"a block of 1 bytes cannot hold -1 records"),
        (container(LONG, (1, long(1) + long(2))), r"a block holds more than its records"),
        (container(LONG, (1, b"\x80")), r"a record is not as the schema says"),
        (container(record(a="string"), (1, long(2**50))), r"a record is not as the schema says"),
        (container(record(a={"type": "enum", "name": "E", "symbols": ["A"]}), (1, long(-1))), r"an enum has no symbol"),
        (
            container(LONG) + long(1) + long(2**40),
            r"a part says that it has 1099511627776 bytes; 67108864 are the most",
        ),
        (container(LONG) + long(1) + text(long(1)) + b"x" * 16, r"the marker after a block is not that of the file"),
        (container(LONG, (1, long(1)))[:-1], r"it ends too early"),
        (container(LONG, (1, long(1))) + long(1), r"it ends too early"),
    ],
)
def test_a_file_that_is_cut_off_or_damaged_is_refused_with_the_place(put, content, reason):
    with pytest.raises(UnreadableFile, match=reason):
        rows(made(("a", "a")), put(content))


def test_a_file_without_a_column_is_refused_unless_it_may_lack_it(write):
    source = write(LONG, [{"a": 1}])
    with pytest.raises(UnreadableFile, match=r"file\.avro lacks the columns b; it has a\."):
        rows(made(("a", "a"), ("b", "b")), source)
    (table,) = AvroFormat((("a", "a"), ("b", "b")), Flattening((("a",), ("b",))), optional={"b"}).read(source)
    assert (table.schema.metadata, table["b"].to_pylist()) == ({b"absent": b'["b"]'}, [None])


@pytest.mark.parametrize("codec", ["deflate", "bzip2", "xz", "zstandard", "snappy"])
def test_what_unpacks_to_too_much_is_refused_before_it_is_in_memory(put, codec):
    packed = PACK[codec](bytes(80 << 20))
    source = put(container(LONG, (1, packed), codec=codec.encode()))
    tracemalloc.start()
    with pytest.raises(UnreadableFile, match=r"has a block of more than 67,108,864 bytes"):
        rows(made(("a", "a")), source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200 << 20


def test_a_block_may_be_the_smaller_the_more_its_arrays_come_to(put):
    """An object of one byte takes some 300 in memory: of 64 MiB of them nothing would be left of a machine."""
    item = {"type": "record", "name": "I", "fields": [{"name": "x", "type": "boolean"}]}
    many = long(20 << 20) + bytes(20 << 20) + long(0)
    schema = record(a={"type": "array", "items": item})
    with pytest.raises(
        UnreadableFile, match=r"has a block of more than \d,\d{3},\d{3} bytes, which may come to too much"
    ):
        rows(made(("a", "a")), put(container(schema, (1, many))))


def test_many_blocks_of_next_to_nothing_are_a_bomb(put):
    packed = zlib.compress(bytes(8 << 20), 9, wbits=-15)
    source = put(container(LONG, *[(8 << 20, packed)] * 9, codec=b"deflate"))
    format = made(("a", "a"))
    with pytest.raises(UnreadableFile, match=r"gives more than 200 times its compressed size"):
        list(format.excerpts(source, [Place((9 << 23) - 1)]))


def test_whatever_is_changed_in_a_file_it_is_read_or_refused(put, write):
    union = ["null", "string", {"type": "array", "items": "double"}, {"type": "map", "values": "bytes"}]
    schema = record(a="long", u=union, d=logical("bytes", "decimal", **DECIMAL), t=logical("int", "date"))
    values = [None, "text", [1.5, 2.5], {"k": b"v"}]
    records = [{"a": i, "u": values[i % 4], "d": Decimal(i), "t": date(2026, 1, 1)} for i in range(40)]
    with open(write(schema, records, sync_interval=200).uri, "rb") as file:
        good = file.read()
    chance = random.Random(7)
    refused = 0
    for _ in range(500):
        changed = bytearray(good)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(changed))
            changed[at : at + chance.choice([0, 1, 1, 1, 4])] = chance.randbytes(chance.choice([0, 1, 1, 1, 4]))
        try:
            rows(made(("a", "a"), ("u", "u")), put(bytes(changed)))
        except UnreadableFile:
            refused += 1
    assert refused > 150
