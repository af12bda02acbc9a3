"""Lines that a regular expression takes apart: free text by a pattern of the contract, and access logs."""

import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from landfall_jobs.errors import JobError
from landfall_jobs.formats.format import ENCODING, Source, as_text, consecutive
from landfall_jobs.formats.guarded import ByteStream
from landfall_jobs.formats.lines import LineFormat, decodes

PATTERN = "pattern"
GROUP = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")


@dataclass(frozen=True)
class PatternFormat(LineFormat):
    """Each line must match the pattern as a whole; a column is one of its named groups.

    The pattern is RE2's (github.com/google/re2/wiki/Syntax), whose time is in proportion to the line, whatever it is.
    """

    pattern: str = ""

    def begin(self, stream: ByteStream, source: Source) -> tuple[list[str], int, bytes]:
        """Give the group of each column; raise JobError when the pattern is none or lacks one."""
        check_pattern(self.pattern)
        groups = [group for _, group in self.columns]
        missing = [group for group in groups if group not in GROUP.findall(self.pattern)]
        if missing:
            raise JobError(f"The pattern of the contract has no group named {', '.join(missing)}.")
        return groups, 0, b""

    def parse_whole(self, groups: list[str], segment: bytes, line: int) -> pa.Table | None:
        """Take all lines apart at once, or give None where one is not UTF-8."""
        if not decodes(segment):
            return None
        return self._parse_texts(groups, segment.decode("utf-8").split("\n"), line)

    def parse_lines(self, groups: list[str], segment: bytes, line: int) -> pa.Table:
        """Take lines apart, and refuse those that are not UTF-8."""
        parts = []
        for at, raw in enumerate(segment.split(b"\n"), line):
            if decodes(raw):
                parts.append(self._parse_texts(groups, [raw.decode("utf-8")], at))
            else:
                parts.append(self.refused(at, ENCODING, as_text(raw.removesuffix(b"\r"))))
        return pa.concat_tables(parts)

    def values(self, groups: list[str], raw: bytes, item: int) -> dict[str, str | None]:
        """Give the text of each column."""
        (row,) = self._parse_texts(groups, [raw.decode("utf-8", errors="replace")], 1).to_pylist()
        return {name: row[name] for name, _ in self.columns}

    def explain(self, groups: list[str], problem: str, raw: bytes) -> str:
        """Say what was expected."""
        return "the line does not match the pattern of the contract"

    def convert(self, group: str, texts: pa.Array) -> pa.Array:
        """Give the texts of a group as a column has them."""
        return texts

    def _parse_texts(self, groups: list[str], texts: list[str], line: int) -> pa.Table:
        lines = consecutive(line, len(texts))
        column = pc.utf8_rtrim(pa.array(texts, pa.string()), characters="\r")
        written = pc.not_equal(column, "")
        if not pc.all(written).as_py():
            column, lines = column.filter(written), lines.filter(written)
        found = pc.extract_regex(column, anchored(self.pattern))
        columns = [self.convert(group, pc.struct_field(found, group)) for group in groups]
        if not found.null_count:
            return self.arrange(columns, lines)
        refused = found.is_null()
        problem = pc.if_else(refused, pa.scalar(PATTERN), pa.scalar(None, pa.string()))
        raw = pc.if_else(refused, column, pa.scalar(None, pa.string()))
        return self.arrange(columns, lines, problem=problem, raw=raw)


def anchored(pattern: str) -> str:
    """Give the pattern of a whole line."""
    return f"^(?:{pattern})$"


def check_pattern(pattern: str) -> None:
    """Raise JobError when a pattern is not RE2's, or has a group without a name."""
    try:
        pc.extract_regex(pa.array([""]), anchored(pattern))
    except pa.ArrowInvalid as error:
        raise JobError(f"The pattern of the contract is none: {error}.") from error
