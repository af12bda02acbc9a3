"""Access logs in the Common and the Combined Log Format: https://httpd.apache.org/docs/current/logs.html#accesslog."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from landfall_jobs.formats.pattern_lines import PatternFormat

_QUOTED = r'(?:[^"\\]|\\.)*'
# What is no request (a port scan, another protocol) is an entry all the same, of which `request` tells.
_REQUEST = (
    r'"(?P<request>(?P<method>[A-Z]+) (?P<target>(?P<path>[^ ?"]*)(?:\?(?P<query>[^ "]*))?) (?P<protocol>HTTP/[0-9.]+)'
    rf"|{_QUOTED})\""
)
_WHO_AND_WHEN = r"(?P<host>\S+) (?P<ident>\S+) (?P<user>.+?) \[(?P<time>[^\]]+)\]"
COMMON = rf"{_WHO_AND_WHEN} {_REQUEST} (?P<status>\d{{3}}|-) (?P<bytes>\d+|-)"
COMBINED = rf'{COMMON} "(?P<referer>{_QUOTED})" "(?P<user_agent>{_QUOTED})"'
PATTERNS = {"common": COMMON, "combined": COMBINED}

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME = r"^(\d{2})/(\w{3})/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{4})$"


@dataclass(frozen=True)
class AccessLogFormat(PatternFormat):
    """Entries of a web server; `time` comes out as ISO 8601."""

    def explain(self, groups: list[str], problem: str, raw: bytes) -> str:
        """Say which format was expected."""
        name = next(name for name, pattern in PATTERNS.items() if pattern == self.pattern)
        return f"the line is no entry of the {name.title()} Log Format"

    def convert(self, group: str, texts: pa.Array) -> pa.Array:
        """Give times in ISO 8601; all else as it is."""
        if group != "time":
            return texts
        texts = pc.replace_substring_regex(texts, _TIME, r"\3-\2-\1T\4\5")
        for number, month in enumerate(_MONTHS, 1):
            texts = pc.replace_substring(texts, f"-{month}-", f"-{number:02}-")
        return texts
