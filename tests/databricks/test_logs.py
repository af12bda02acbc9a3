import pytest
from landfall_jobs.contracts.check_references import LOG_FIELDS
from landfall_jobs.errors import JobError
from landfall_jobs.formats import lines
from landfall_jobs.formats.access_log import PATTERNS, AccessLogFormat
from landfall_jobs.formats.format import Place, Source
from landfall_jobs.formats.pattern_lines import GROUP, PatternFormat
from landfall_jobs.formats.w3c_log import W3cLogFormat

GROUPS = ("host", "user", "time", "request", "method", "path", "query", "status", "bytes", "referer", "user_agent")
COMBINED = AccessLogFormat(tuple((name, name) for name in GROUPS), pattern=PATTERNS["combined"])
ENTRY = (
    '203.0.113.9 - frank [10/Oct/2000:13:55:36 -0700] "GET /a/b?x=1&y=2 HTTP/1.1" 200 2326 '
    '"http://example.com/start" "Mozilla/5.0 (\\"quoted\\")"'
)


@pytest.fixture
def read(tmp_path):
    def read(content, format=COMBINED):
        path = tmp_path / "access.log"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [row for table in format.read(Source(str(path), "access.log")) for row in table.to_pylist()]

    return read


def test_an_entry_is_taken_apart_and_its_time_is_iso_8601(read):
    (row,) = read(ENTRY + "\n")
    assert {name: row[name] for name in GROUPS} == {
        "host": "203.0.113.9",
        "user": "frank",
        "time": "2000-10-10T13:55:36-0700",
        "request": "GET /a/b?x=1&y=2 HTTP/1.1",
        "method": "GET",
        "path": "/a/b",
        "query": "x=1&y=2",
        "status": "200",
        "bytes": "2326",
        "referer": "http://example.com/start",
        "user_agent": 'Mozilla/5.0 (\\"quoted\\")',
    }
    assert (row["_line"], row["_problem"]) == (1, None)


def test_what_was_no_request_is_an_entry_all_the_same(read):
    rows = read(
        r'::1 - - [01/Jan/2026:00:00:00 +0000] "\x16\x03\x01" 400 0 "-" "-"'
        '\n10.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "-" 408 - "-" "-"\n'
    )
    assert [(r["request"], r["method"], r["status"], r["bytes"]) for r in rows] == [
        (r"\x16\x03\x01", "", "400", "0"),
        ("-", "", "408", "-"),
    ]


def test_a_line_that_is_no_entry_costs_only_itself(read):
    rows = read(f"{ENTRY}\r\n\r\nServer restarted\r\n{ENTRY[:60]}\n{ENTRY}".encode() + b"\n\xff\xfe\n" + ENTRY.encode())
    assert [(r["_line"], r["_problem"], r["_raw"]) for r in rows] == [
        (1, None, None),
        (3, "pattern", "Server restarted"),
        (4, "pattern", ENTRY[:60]),
        (5, None, None),
        (6, "encoding", "\\xff\\xfe"),
        (7, None, None),
    ]


def test_the_common_format_has_no_referer(read):
    format = AccessLogFormat((("host", "host"), ("bytes", "bytes")), pattern=PATTERNS["common"])
    entry = '127.0.0.1 user-id frank of sales [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326'
    assert [(r["host"], r["bytes"], r["_problem"]) for r in read(f"{entry}\n{ENTRY}\n", format)] == [
        ("127.0.0.1", "2326", None),
        (None, None, "pattern"),
    ]


def test_free_text_is_taken_apart_by_the_named_groups_of_a_pattern(read):
    pattern = r"(?P<at>\S+) \[(?P<level>[A-Z]+)\] (?P<message>.*)"
    format = PatternFormat((("level", "level"), ("text", "message")), pattern=pattern)
    rows = read("2026-01-01T00:00:00Z [INFO] started: ünï\nstack trace\n", format)
    assert [(r["level"], r["text"], r["_problem"]) for r in rows] == [
        ("INFO", "started: ünï", None),
        (None, None, "pattern"),
    ]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"(?P<a>x", "pattern of the contract is none"),
        (r"(?P<a>x)(y)", "pattern of the contract is none"),
        (r"(?P<b>x)", "has no group named a"),
    ],
)
def test_a_pattern_that_is_none_or_lacks_a_column_fails_the_job(read, pattern, message):
    with pytest.raises(JobError, match=message):
        read("x\n", PatternFormat((("a", "a"),), pattern=pattern))


def test_a_pattern_that_would_take_others_forever_takes_no_time(read):
    format = PatternFormat((("a", "a"),), pattern=r"(?P<a>(?:x+x+)+y)")
    assert [r["_problem"] for r in read("x" * 50_000 + "\n", format)] == ["pattern"]


W3C = """#Version: 1.0
#Fields: date time cs-method cs-uri-stem sc-status
2026-01-01 00:00:01 GET /a 200
2026-01-01 00:00:02 GET /b
#Fields: time date sc-status cs-uri-stem
00:00:03 2026-01-01 404 /c
"""


def w3c():
    return W3cLogFormat((("at", "datetime"), ("path", "cs-uri-stem"), ("method", "cs-method"), ("status", "sc-status")))


def test_w3c_entries_have_the_fields_that_the_file_declares_last(read):
    rows = read("2025-12-31 before\n" + W3C, w3c())
    assert [(r["_line"], r["at"], r["path"], r["method"], r["status"], r["_problem"]) for r in rows] == [
        (1, None, None, None, None, "fields"),
        (4, "2026-01-01T00:00:01Z", "/a", "GET", "200", None),
        (5, None, None, None, None, "fields"),
        (7, "2026-01-01T00:00:03Z", "/c", None, "404", None),
    ]


def test_fields_of_a_w3c_log_that_no_column_takes_are_kept_as_json(read):
    log = "#Fields: date time cs-uri-stem time-taken\n2026-01-01 00:00:01 /a 12\n"
    log += "#Fields: date cs-uri-stem\n2026-01-01 /b\n"
    assert [r["_extra"] for r in read(log, w3c())] == ['{"time-taken": "12"}', None]
    by_day = W3cLogFormat((("day", "date"), ("path", "cs-uri-stem")))
    assert [r["_extra"] for r in read(log, by_day)] == ['{"time": "00:00:01", "time-taken": "12"}', None]


def test_what_stands_at_places_of_a_w3c_log_has_the_fields_of_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "SEGMENT_BYTES", 64)
    path = tmp_path / "w3c.log"
    path.write_text(W3C)
    first, second = w3c().excerpts(Source(str(path), "w3c.log"), [Place(4, problem="fields"), Place(6)])
    assert first[:3] == ("2026-01-01 00:00:02 GET /b", {}, "the line has 4 fields, #Fields 5")
    assert second.values == {"at": "2026-01-01T00:00:03Z", "path": "/c", "method": None, "status": "404"}


def test_the_fields_that_contracts_may_name_are_those_of_the_patterns():
    assert GROUP.findall(PATTERNS["combined"]) == list(LOG_FIELDS)
    assert GROUP.findall(PATTERNS["common"]) == list(LOG_FIELDS[:-2])


def test_what_stands_at_places_of_an_access_log_is_told(tmp_path):
    path = tmp_path / "access.log"
    path.write_text(f"{ENTRY}\nnothing\n")
    first, second = COMBINED.excerpts(Source(str(path), "access.log"), [Place(1), Place(2, problem="pattern")])
    assert (first.raw, first.values["status"]) == (ENTRY, "200")
    assert second[:3] == ("nothing", {}, "the line is no entry of the Combined Log Format")
