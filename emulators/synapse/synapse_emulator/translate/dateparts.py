"""DATEADD, DATEDIFF, DATEPART, DATENAME, DATETRUNC."""

from __future__ import annotations

from synapse_emulator.errors import SqlError
from synapse_emulator.translate import types as t
from synapse_emulator.translate.casts import cast, normalize_date_text
from synapse_emulator.translate.types import SqlType

_NAMES = {
    "year": "year", "yy": "year", "yyyy": "year",
    "quarter": "quarter", "qq": "quarter", "q": "quarter",
    "month": "month", "mm": "month", "m": "month",
    "dayofyear": "dayofyear", "dy": "dayofyear", "y": "dayofyear",
    "day": "day", "dd": "day", "d": "day",
    "week": "week", "wk": "week", "ww": "week",
    "weekday": "weekday", "dw": "weekday", "w": "weekday",
    "hour": "hour", "hh": "hour",
    "minute": "minute", "mi": "minute", "n": "minute",
    "second": "second", "ss": "second", "s": "second",
    "millisecond": "millisecond", "ms": "millisecond",
    "microsecond": "microsecond", "mcs": "microsecond",
    "nanosecond": "nanosecond", "ns": "nanosecond",
    "iso_week": "iso_week", "isowk": "iso_week", "isoww": "iso_week",
}  # fmt: skip
_STEPS = {
    "year": "to_years({})",
    "quarter": "to_months(3 * {})",
    "month": "to_months({})",
    "day": "to_days({})",
    "dayofyear": "to_days({})",
    "weekday": "to_days({})",
    "week": "to_days(7 * {})",
    "hour": "to_hours({})",
    "minute": "to_minutes({})",
    "second": "to_seconds({})",
    "millisecond": "to_milliseconds({})",
    "microsecond": "to_microseconds({})",
    "nanosecond": "to_microseconds({} // 1000)",
}

Value = tuple[str, SqlType | None]


def part_name(word: str) -> str:
    """The full name of a datepart, or 155."""
    name = _NAMES.get(word.lower())
    if name is None:
        raise SqlError(155, f"'{word}' is not a recognized datepart option.", severity=15)
    return name


def _moment(value: Value) -> Value:
    sql, kind = value
    if kind is None:
        return sql, kind
    if kind.is_string:
        constant = sql[1:-1] if sql.startswith("'") else None
        moment = t.DATETIME2
        return cast(
            sql, kind, moment, constant=normalize_date_text(constant) if constant is not None else None
        ), t.DATETIME
    if kind.is_number:
        return cast(sql, kind, t.DATETIME), t.DATETIME
    return sql, kind


def date_add(word: str, count: Value, value: Value) -> Value:
    """DATEADD: the type of the date is kept; a string or number becomes datetime."""
    sql, kind = _moment(value)
    number = (
        f"CAST(trunc({count[0]}) AS INTEGER)"
        if count[1] is not None and not count[1].is_int
        else f"CAST({count[0]} AS INTEGER)"
    )
    step = _STEPS[part_name(word)].format(number)
    if kind is not None and kind.name == "date":
        return f"CAST({sql} + {step} AS DATE)", kind
    if kind is not None and kind.name == "time":
        return f"({sql} + {step})", kind
    duck = kind.duck() if kind is not None else "TIMESTAMP"
    return f"CAST(CAST({sql} AS TIMESTAMP) + {step} AS {duck})", kind or t.DATETIME2


def date_diff(word: str, start: Value, end: Value, kind: SqlType) -> Value:
    """DATEDIFF: boundaries crossed; weeks begin on Sunday."""
    name = part_name(word)
    one, other = f"CAST({_moment(start)[0]} AS TIMESTAMP)", f"CAST({_moment(end)[0]} AS TIMESTAMP)"
    if name in ("dayofyear", "weekday"):
        name = "day"
    if name in ("week", "iso_week"):
        first, last = (f"floor(date_diff('day', DATE '1899-12-31', {moment}) / 7)" for moment in (one, other))
        return f"CAST({last} - {first} AS {kind.duck()})", kind
    if name == "nanosecond":
        return f"CAST(date_diff('microsecond', {one}, {other}) * 1000 AS {kind.duck()})", kind
    return f"CAST(date_diff('{name}', {one}, {other}) AS {kind.duck()})", kind


def date_part(word: str, value: Value) -> Value:
    """DATEPART with DATEFIRST 7 (Sunday is 1, weeks begin on Sunday, week 1 holds January 1)."""
    name = part_name(word)
    sql = _moment(value)[0]
    if name == "weekday":
        return f"CAST(dayofweek({sql}) + 1 AS INTEGER)", t.INT
    if name == "week":
        return f"CAST((dayofyear({sql}) + dayofweek(date_trunc('year', {sql})) - 1) // 7 + 1 AS INTEGER)", t.INT
    if name == "iso_week":
        return f"CAST(weekofyear({sql}) AS INTEGER)", t.INT
    if name == "millisecond":
        return f"CAST(millisecond({sql}) % 1000 AS INTEGER)", t.INT
    if name == "microsecond":
        return f"CAST(microsecond({sql}) % 1000000 AS INTEGER)", t.INT
    if name == "nanosecond":
        return f"CAST((microsecond({sql}) % 1000000) * 1000 AS INTEGER)", t.INT
    return f"CAST({name}({sql}) AS INTEGER)", t.INT


def date_name(word: str, value: Value) -> Value:
    """DATENAME: names of months and weekdays, numbers as text for the rest."""
    name = part_name(word)
    if name == "month":
        return f"monthname({_moment(value)[0]})", t.nvarchar(30)
    if name == "weekday":
        return f"dayname({_moment(value)[0]})", t.nvarchar(30)
    return f"CAST({date_part(word, value)[0]} AS VARCHAR)", t.nvarchar(30)


def date_trunc(word: str, value: Value) -> Value:
    """DATETRUNC: the type of the date is kept."""
    name = part_name(word)
    sql, kind = _moment(value)
    if name == "week":
        cut = f"(date_trunc('week', {sql} + INTERVAL 1 DAY) - INTERVAL 1 DAY)"
    else:
        cut = f"date_trunc('{ {'dayofyear': 'day', 'weekday': 'day', 'iso_week': 'week'}.get(name, name) }', {sql})"
    return f"CAST({cut} AS {(kind or t.DATETIME2).duck()})", kind
