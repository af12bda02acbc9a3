"""Whatever stands in a file, each of its records is read once, and found again where it is said to stand."""

import io
import itertools
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from landfall_jobs.formats import lines
from landfall_jobs.formats.access_log import PATTERNS, AccessLogFormat
from landfall_jobs.formats.csv_format import CsvFormat
from landfall_jobs.formats.format import Place, Source, as_text
from landfall_jobs.formats.guarded import Guarded
from landfall_jobs.formats.json_lines import JsonLinesFormat
from landfall_jobs.formats.json_rows import Flattening
from landfall_jobs.formats.lines import segments

COLUMNS = (("a", "a"), ("b", "b"))
FORMATS = [
    CsvFormat(COLUMNS, header=False),
    JsonLinesFormat(COLUMNS, flattening=Flattening((("a",), ("b",))), types=("int", "string")),
    AccessLogFormat((("host", "host"), ("bytes", "bytes")), pattern=PATTERNS["common"]),
]

# No quotes here: a record over several lines is one record, which test_csv_format.py is about.
good = st.sampled_from(
    [
        *(b"1,x", b",", "5,é".encode()),
        *(b'{"a":1,"b":"x"}', b'{"b":null}', b'{"a":"x","c":[1]}'),
        b'h - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 5',
    ]
)
anything = st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b"").replace(b'"', b"'"))
content = st.lists(st.one_of(good, anything), max_size=60)


def read(format, raw):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(raw)
        source = Source(str(path), "file")
        rows = [row for table in format.read(source) for row in table.to_pylist()]
        places = [Place(row["_line"], row["_lines"], 1, row["_problem"] or "") for row in rows]
        return rows, list(format.excerpts(source, places))


@settings(max_examples=150, deadline=None)
@given(content, st.sampled_from(FORMATS), st.sampled_from([b"\n", b"\r\n"]), st.integers(16, 200))
def test_every_line_that_is_not_blank_is_one_record_at_its_own_place(content, format, line_end, size):
    content = [b"%d" % 7, *content]  # No byte order mark or magic of a packed file comes first.
    before = lines.SEGMENT_BYTES, lines.BLOCK_BYTES
    lines.SEGMENT_BYTES, lines.BLOCK_BYTES = size, size // 4
    try:
        rows, excerpts = read(format, line_end.join(content))
    finally:
        lines.SEGMENT_BYTES, lines.BLOCK_BYTES = before
    blank = b" \t\r" if isinstance(format, JsonLinesFormat) else b"\r"
    written = [(number, raw) for number, raw in enumerate(content, 1) if raw.strip(blank)]
    assert [row["_line"] for row in rows] == [number for number, _ in written]
    assert [excerpt.raw for excerpt in excerpts] == [as_text(raw) for _, raw in written]
    for row, excerpt in zip(rows, excerpts, strict=True):
        if row["_problem"] is None:
            assert {name: row[name] for name in excerpt.values} == dict(excerpt.values)
        else:
            assert excerpt.message


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.integers(1, 50), st.booleans())
def test_segments_are_the_data_cut_at_line_ends(raw, size, quoted):
    cut = [segment.data for segment in segments(Guarded(io.BytesIO(raw)), b"", size, quoted)]
    assert b"".join(cut) == raw
    assert all(part.endswith(b"\n") for part in cut[:-1])


of_type = {
    "int": st.none() | st.integers(-(2**31), 2**31 - 1),
    "bigint": st.none() | st.integers(-(2**63), 2**63 - 1),
    "double": st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60),
    "boolean": st.none() | st.booleans(),
    "string": st.none() | st.text(),
}
values = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text()


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(list(itertools.product(("int", "bigint", "double", "boolean", "string"), repeat=2))).flatmap(
        lambda types: st.tuples(
            st.just(types),
            st.lists(
                st.fixed_dictionaries({}, optional={"a": of_type[types[0]] | values, "b": of_type[types[1]]}),
                min_size=1,
            ),
        )
    )
)
def test_json_comes_out_the_same_whether_arrow_reads_it_or_not(example):
    types, documents = example
    text = "\n".join(map(json.dumps, documents)).encode()
    format = JsonLinesFormat(COLUMNS, flattening=Flattening((("a",), ("b",))), types=types)
    schema, _, _ = format.begin(io.BytesIO(text), Source("", ""))
    whole = format.parse_whole(schema, text, 1)
    one_by_one = format.parse_lines(schema, text, 1)
    if whole is None:
        return
    for row, other in zip(whole.to_pylist(), one_by_one.to_pylist(), strict=True):
        for (name, _), kind in zip(COLUMNS, types, strict=True):
            one, two = row[name], other[name]
            assert (one == two) or (kind == "double" and float(one) == float(two))
