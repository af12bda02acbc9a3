"""CAST and CONVERT with T-SQL's rules: truncation, styles, and text of dates."""

from __future__ import annotations

import re

from synapse_emulator.errors import SqlError
from synapse_emulator.translate.scope import literal
from synapse_emulator.translate.types import MAX, SqlType

_TO_TEXT = {
    0: "%b %-d %Y %-I:%M%p",
    1: "%m/%d/%y",
    3: "%d/%m/%y",
    23: "%Y-%m-%d",
    100: "%b %-d %Y %-I:%M%p",
    101: "%m/%d/%Y",
    102: "%Y.%m.%d",
    103: "%d/%m/%Y",
    104: "%d.%m.%Y",
    105: "%d-%m-%Y",
    106: "%d %b %Y",
    107: "%b %d, %Y",
    108: "%H:%M:%S",
    110: "%m-%d-%Y",
    111: "%Y/%m/%d",
    112: "%Y%m%d",
    114: "%H:%M:%S:%g",
    120: "%Y-%m-%d %H:%M:%S",
    121: "%Y-%m-%d %H:%M:%S.%g",
    126: "%Y-%m-%dT%H:%M:%S.%g",
    127: "%Y-%m-%dT%H:%M:%S.%gZ",
}
_FROM_TEXT = {
    1: "%m/%d/%y",
    3: "%d/%m/%y",
    101: "%m/%d/%Y",
    103: "%d/%m/%Y",
    104: "%d.%m.%Y",
    105: "%d-%m-%Y",
    106: "%d %b %Y",
    110: "%m-%d-%Y",
    111: "%Y/%m/%d",
    112: "%Y%m%d",
}
_COMPACT = re.compile(r"^\s*(\d{4})(\d{2})(\d{2})(\s.*)?$", re.DOTALL)


def normalize_date_text(text: str) -> str:
    """`20130131 10:00` as ISO text, which DuckDB reads; other text as it is."""
    match = _COMPACT.match(text)
    if match:
        return f"{match[1]}-{match[2]}-{match[3]}{match[4] or ''}"
    return text


def cast(
    sql: str,
    source: SqlType | None,
    target: SqlType,
    *,
    attempt: bool = False,
    style: int | None = None,
    constant: str | None = None,
    line: int = 1,
) -> str:
    """DuckDB text that turns `sql` of type `source` into `target`; `constant` is the text of a string literal."""
    word = "TRY_CAST" if attempt else "CAST"
    duck = target.duck()
    if target.is_temporal:
        if source is None or source.is_string:
            return _parse(sql, target, word, style, constant, line)
        if source.is_number and target.is_stamp:
            return (
                f"CAST(TIMESTAMP '1900-01-01' + to_microseconds(CAST(CAST({sql} AS DOUBLE) * "
                f"86400000000 AS BIGINT)) AS {duck})"
            )
        if source.name == "time" and target.is_stamp:
            return f"CAST(DATE '1900-01-01' + {sql} AS {duck})"
        return f"{word}({sql} AS {duck})"
    if target.is_string:
        return _to_text(sql, source, target, word, style, line)
    if target.name == "bit":
        return (
            f"({sql} <> 0)"
            if source is not None and source.is_number and source.name != "bit"
            else f"{word}({sql} AS BOOLEAN)"
        )
    if target.is_int and source is not None:
        if source.is_float or source.is_exact:
            return f"{word}(trunc({sql}) AS {duck})"
        if source.is_stamp:
            return f"CAST(date_diff('day', DATE '1900-01-01', {sql}) AS {duck})"
    if target.is_float and source is not None and source.is_stamp:
        return f"(date_diff('microsecond', TIMESTAMP '1900-01-01', {sql}) / 86400000000.0)"
    if target.is_number and source is not None and source.is_string:
        return f"{word}(trim({sql}) AS {duck})"
    if target.is_binary:
        if source is not None and source.name in ("nvarchar", "nchar"):
            sql = f"tsql_utf16({sql})"
        elif source is not None and source.is_string:
            sql = f"encode({sql})"
        elif source is not None and source.is_int:
            width = {"bit": 2, "tinyint": 2, "smallint": 4, "int": 8, "bigint": 16}[source.name]
            sql = f"unhex(right(lpad(to_hex(CAST({sql} AS BIGINT)), 16, '0'), {width}))"
        return f"{word}({sql} AS BLOB)"
    return f"{word}({sql} AS {duck})"


def _parse(sql: str, target: SqlType, word: str, style: int | None, constant: str | None, line: int) -> str:
    duck = target.duck()
    if style in _FROM_TEXT:
        parser = "try_strptime" if word == "TRY_CAST" else "strptime"
        return f"CAST({parser}({sql}, '{_FROM_TEXT[style]}') AS {duck})"
    if constant is not None:
        text = normalize_date_text(constant)
        if text.strip() == "":
            text = "1900-01-01"
        if target.is_stamp and re.fullmatch(r"\s*\d{1,2}:\d{2}.*", text):
            text = "1900-01-01 " + text.strip()
        return f"{word}({literal(text)} AS {duck})"
    if target.name == "time":
        return f"{word}({sql} AS TIME)"
    return f"{word}(tsql_date_text({sql}) AS {duck})"


def _to_text(sql: str, source: SqlType | None, target: SqlType, word: str, style: int | None, line: int) -> str:
    text = f"CAST({sql} AS VARCHAR)"
    if source is not None:
        if source.is_string:
            text = sql
            if target.length == MAX or 0 < source.length <= target.length:
                return text
        elif source.is_temporal:
            text = _format(sql, source, style, line)
        elif source.name == "bit":
            text = f"CAST(CAST({sql} AS INTEGER) AS VARCHAR)"
        elif source.is_float:
            text = f"tsql_float_text({sql})"
        elif source.name == "uniqueidentifier":
            text = f"upper({text})"
        elif source.is_binary:
            text = _binary_text(sql, target, style)
        elif source.name == "money":
            text = f"CAST(CAST({sql} AS DECIMAL(19,2)) AS VARCHAR)"
    if target.length == MAX or (source is not None and source.is_int and target.length >= 20):
        return text
    return f"left({text}, {target.length})"


def _binary_text(sql: str, target: SqlType, style: int | None) -> str:
    if style in (1, 2):
        return ("'0x' || " if style == 1 else "") + f"hex({sql})"
    return f"decode({sql})" if not target.name.startswith("n") else f"tsql_from_utf16({sql})"


def _format(sql: str, source: SqlType, style: int | None, line: int) -> str:
    if source.name == "time":
        return (
            f"strftime(DATE '1900-01-01' + {sql}, '%H:%M:%S')"
            if style in (8, 108, 20, 120)
            else f"CAST({sql} AS VARCHAR)"
        )
    if style is None:
        if source.name == "date":
            style = 23
        elif source.name in ("datetime", "smalldatetime"):
            style = 0
        else:
            return f"tsql_stamp_text({sql}, {source.scale})"
    style = {
        20: 120,
        21: 121,
        25: 121,
        8: 108,
        14: 114,
        9: 121,
        13: 121,
        2: 102,
        4: 104,
        5: 105,
        6: 106,
        10: 110,
        11: 111,
        12: 112,
    }.get(style, style)
    if style not in _TO_TEXT:
        raise SqlError(
            281,
            f"{style} is not a valid style number when converting from {source.name} to a character string.",
            line=line,
        )
    if source.name == "date" and style in (120, 121, 126, 127):
        style = 23
    pattern = _TO_TEXT[style]
    if source.scale == 0 and source.name == "datetime2":
        pattern = pattern.replace(".%g", "")
    return f"strftime(CAST({sql} AS TIMESTAMP), '{pattern}')"
