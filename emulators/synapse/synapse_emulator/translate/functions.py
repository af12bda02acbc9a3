"""T-SQL's functions in DuckDB's words, with the type of the result."""

from __future__ import annotations

from collections.abc import Callable

from synapse_emulator.errors import SqlError
from synapse_emulator.translate import types as t
from synapse_emulator.translate.casts import cast
from synapse_emulator.translate.dateparts import date_add, date_diff, date_name, date_part, date_trunc
from synapse_emulator.translate.types import SqlType

Value = tuple[str, SqlType | None]
Builder = Callable[[list[Value]], Value]


def text(value: Value) -> str:
    """A value as text, for functions of strings."""
    sql, kind = value
    return sql if kind is not None and kind.is_string else cast(sql, kind, t.nvarchar(4000))


def _string_like(kind: SqlType | None, length: int | None = None) -> SqlType:
    if kind is not None and kind.is_string:
        name = "nvarchar" if kind.name.startswith("n") else "varchar"
        return SqlType(name, kind.length if length is None or kind.length == t.MAX else length)
    return t.nvarchar(4000) if length is None else t.nvarchar(length)


def _map(name: str) -> Builder:
    return lambda a: (f"{name}({text(a[0])})", _string_like(a[0][1]))


def _len(a: list[Value]) -> Value:
    big = a[0][1] is not None and a[0][1].length == t.MAX
    return f"CAST(length(rtrim({text(a[0])}, ' ')) AS {'BIGINT' if big else 'INTEGER'})", t.BIGINT if big else t.INT


def _number_length(sql: str) -> int | None:
    return int(sql) if sql.isdigit() else None


def _side(name: str) -> Builder:
    def build(a: list[Value]) -> Value:
        return f"{name}({text(a[0])}, CAST({a[1][0]} AS INTEGER))", _string_like(a[0][1], _number_length(a[1][0]))

    return build


def _substring(a: list[Value]) -> Value:
    return f"tsql_substring({text(a[0])}, {a[1][0]}, {a[2][0]})", _string_like(a[0][1], _number_length(a[2][0]))


def _charindex(a: list[Value]) -> Value:
    start = a[2][0] if len(a) > 2 else "1"
    return f"tsql_charindex({text(a[0])}, {text(a[1])}, {start})", t.INT


def _isnull(a: list[Value]) -> Value:
    kind = a[0][1] or a[1][1]
    second = a[1][0]
    if kind is not None and a[1][1] is not None and kind != a[1][1]:
        second = cast(second, a[1][1], kind)
    return f"coalesce({a[0][0]}, {second})", kind


def _coalesce(a: list[Value]) -> Value:
    kind: SqlType | None = None
    for _, each in a:
        kind = t.unify(kind, each)
    return f"coalesce({', '.join(convert(v, kind) for v in a)})", kind


def convert(value: Value, kind: SqlType | None) -> str:
    """A value as `kind` where the families differ, as in CASE branches."""
    sql, source = value
    if kind is None or source is None or source == kind:
        return sql
    if (source.is_string and kind.is_string) or (source.is_number and kind.is_number and source.name != "bit"):
        return sql
    return cast(sql, source, kind)


def _hashbytes(a: list[Value]) -> Value:
    algorithm = a[0][0].strip("'").upper()
    data, kind = a[1]
    if kind is not None and kind.is_binary:
        bytes_ = data
    elif kind is not None and kind.name in ("nvarchar", "nchar"):
        bytes_ = f"tsql_utf16({data})"
    else:
        bytes_ = f"encode({text(a[1])})"
    names = {"SHA2_256": "sha256", "SHA1": "sha1", "SHA": "sha1", "MD5": "md5"}
    if algorithm in names:
        return f"unhex({names[algorithm]}({bytes_}))", SqlType("varbinary", 8000)
    return f"tsql_hash('{algorithm}', {bytes_})", SqlType("varbinary", 8000)


def _concat(a: list[Value]) -> Value:
    length = 0
    for _, kind in a:
        size = kind.length if kind is not None and kind.is_string else 40
        length = t.MAX if t.MAX in (size, length) else length + size
    parts = ", ".join(text(v) for v in a)
    return f"concat({parts})", t.nvarchar(min(length, 4000) if length != t.MAX else length)


def _concat_ws(a: list[Value]) -> Value:
    return f"concat_ws({', '.join(text(v) for v in a)})", t.nvarchar(4000)


def _round(a: list[Value]) -> Value:
    sql, kind = a[0]
    digits = a[1][0]
    name = "tsql_trunc" if len(a) > 2 and a[2][0] != "0" else "round"
    rounded = f"{name}({sql}, CAST({digits} AS INTEGER))"
    if kind is not None and not kind.is_float:
        target = t.INT if kind.is_int and kind.name != "bigint" else kind
        return f"CAST({rounded} AS {target.duck()})", target
    return rounded, t.FLOAT


def _same(template: str) -> Builder:
    def build(a: list[Value]) -> Value:
        kind = a[0][1]
        return template.format(*[v[0] for v in a]), kind

    return build


def _whole(name: str) -> Builder:
    def build(a: list[Value]) -> Value:
        sql, kind = a[0]
        if kind is None or kind.is_float or kind.is_string:
            return f"{name}(CAST({sql} AS DOUBLE))", t.FLOAT
        if kind.is_int:
            return sql, kind
        return f"{name}({sql})", t.decimal(kind.precision or 19, 0)

    return build


def _float(template: str) -> Builder:
    return lambda a: (template.format(*[f"CAST({v[0]} AS DOUBLE)" for v in a]), t.FLOAT)


def _power(a: list[Value]) -> Value:
    kind = a[0][1]
    sql = f"pow({a[0][0]}, {a[1][0]})"
    return (sql, t.FLOAT) if kind is None or kind.is_float else (f"CAST({sql} AS {kind.duck()})", kind)


def _eomonth(a: list[Value]) -> Value:
    start = cast(a[0][0], a[0][1], t.DATE) if a[0][1] is None or a[0][1].is_string else a[0][0]
    months = f" + to_months(CAST({a[1][0]} AS INTEGER))" if len(a) > 1 else ""
    return f"last_day(CAST({start}{months} AS DATE))", t.DATE


def _datalength(a: list[Value]) -> Value:
    sql, kind = a[0]
    if kind is None or kind.is_string:
        return f"CAST(length({sql}){' * 2' if kind is None or kind.name.startswith('n') else ''} AS INTEGER)", t.INT
    if kind.is_binary:
        return f"CAST(octet_length({sql}) AS INTEGER)", t.INT
    sizes = {"bit": 1, "tinyint": 1, "smallint": 2, "bigint": 8, "float": 8, "date": 3, "datetime": 8, "datetime2": 8}
    return f"CASE WHEN {sql} IS NULL THEN NULL ELSE {sizes.get(kind.name, 4)} END", t.INT


def _nullif(a: list[Value]) -> Value:
    return f"nullif({a[0][0]}, {convert(a[1], a[0][1])})", a[0][1]


def _is_numeric(a: list[Value]) -> Value:
    return f"CAST(TRY_CAST({text(a[0])} AS DOUBLE) IS NOT NULL AS INTEGER)", t.INT


def _is_date(a: list[Value]) -> Value:
    return f"CAST(TRY_CAST(tsql_date_text({text(a[0])}) AS TIMESTAMP) IS NOT NULL AS INTEGER)", t.INT


def _from_parts(name: str, kind: SqlType) -> Builder:
    def build(a: list[Value]) -> Value:
        values = [v[0] for v in a]
        if name == "make_date":
            return f"make_date({', '.join(values[:3])})", kind
        fraction = (
            f" + {values[6]} / pow(10, {values[7]})"
            if len(values) > 7
            else f" + {values[6]} / 1000.0"
            if len(values) > 6
            else ""
        )
        return f"make_timestamp({', '.join(values[:5])}, {values[5]}{fraction})", kind

    return build


def _format(a: list[Value]) -> Value:
    sql, kind = a[0]
    pattern = a[1][0].strip("'")
    if kind is not None and (kind.is_temporal or kind.is_string):
        for mark, code in _FORMAT_MARKS:
            pattern = pattern.replace(mark, code)
        pattern = pattern.translate({0xE000 + i: f"%{code}" for i, code in enumerate(_FORMAT_CODES)})
        moment = sql if kind.is_temporal else cast(sql, kind, t.DATETIME2)
        return f"strftime(CAST({moment} AS TIMESTAMP), '{pattern}')", t.nvarchar(4000)
    if pattern and set(pattern) == {"0"}:
        return f"lpad(CAST(CAST(round({sql}) AS BIGINT) AS VARCHAR), {len(pattern)}, '0')", t.nvarchar(4000)
    if pattern[:1].upper() == "N" and pattern[1:].isdigit():
        return f"format('{{:,.{pattern[1:]}f}}', CAST({sql} AS DOUBLE))", t.nvarchar(4000)
    raise SqlError(104467, f"FORMAT with '{pattern}' is not supported by this emulator: use dates, zeros or N<digits>.")


_FORMAT_CODES = ["Y", "y", "B", "b", "m", "A", "a", "d", "H", "I", "M", "S", "p"]
_FORMAT_MARKS = [
    (mark, chr(0xE000 + i))
    for i, mark in enumerate(["yyyy", "yy", "MMMM", "MMM", "MM", "dddd", "ddd", "dd", "HH", "hh", "mm", "ss", "tt"])
]


def _now(kind: SqlType) -> Builder:
    return lambda _: ("tsql_now()", kind)


BUILDERS: dict[str, Builder] = {
    "LEN": _len,
    "UPPER": _map("upper"),
    "LOWER": _map("lower"),
    "LTRIM": _map("ltrim"),
    "RTRIM": _map("rtrim"),
    "REVERSE": _map("reverse"),
    "TRIM": lambda a: (f"trim({text(a[-1])}{', ' + text(a[0]) if len(a) > 1 else ''})", _string_like(a[-1][1])),
    "LEFT": _side("left"),
    "RIGHT": _side("right"),
    "SUBSTRING": _substring,
    "CHARINDEX": _charindex,
    "PATINDEX": lambda a: (f"tsql_patindex({text(a[0])}, {text(a[1])})", t.INT),
    "REPLACE": lambda a: (f"tsql_replace({text(a[0])}, {text(a[1])}, {text(a[2])})", _string_like(a[0][1], 4000)),
    "STUFF": lambda a: (f"tsql_stuff({text(a[0])}, {a[1][0]}, {a[2][0]}, {text(a[3])})", t.nvarchar(4000)),
    "REPLICATE": lambda a: (f"repeat({text(a[0])}, {a[1][0]})", _string_like(a[0][1], 4000)),
    "SPACE": lambda a: (f"repeat(' ', {a[0][0]})", t.varchar(8000)),
    "CHAR": lambda a: (f"chr({a[0][0]})", t.varchar(1)),
    "NCHAR": lambda a: (f"chr({a[0][0]})", t.nvarchar(1)),
    "ASCII": lambda a: (f"CAST(ascii({text(a[0])}) AS INTEGER)", t.INT),
    "UNICODE": lambda a: (f"CAST(unicode({text(a[0])}) AS INTEGER)", t.INT),
    "QUOTENAME": lambda a: (f"'[' || replace({text(a[0])}, ']', ']]') || ']'", t.nvarchar(258)),
    "CONCAT": _concat,
    "CONCAT_WS": _concat_ws,
    "FORMAT": _format,
    "STR": lambda a: (
        f"lpad(CAST(CAST(round({a[0][0]}, {a[2][0] if len(a) > 2 else 0}) AS "
        f"DECIMAL(38,{a[2][0] if len(a) > 2 else 0})) AS VARCHAR), {a[1][0] if len(a) > 1 else 10}, ' ')",
        t.varchar(38),
    ),
    "ISNULL": _isnull,
    "COALESCE": _coalesce,
    "NULLIF": _nullif,
    "HASHBYTES": _hashbytes,
    "ABS": _same("abs({0})"),
    "SIGN": _same("sign({0})"),
    "ROUND": _round,
    "CEILING": _whole("ceil"),
    "FLOOR": _whole("floor"),
    "POWER": _power,
    "SQRT": _float("sqrt({0})"),
    "SQUARE": _float("pow({0}, 2)"),
    "EXP": _float("exp({0})"),
    "LOG": lambda a: _float("ln({0})")(a) if len(a) == 1 else _float("(ln({0}) / ln({1}))")(a),
    "LOG10": _float("log10({0})"),
    "PI": lambda _: ("pi()", t.FLOAT),
    "SIN": _float("sin({0})"),
    "COS": _float("cos({0})"),
    "TAN": _float("tan({0})"),
    "ASIN": _float("asin({0})"),
    "ACOS": _float("acos({0})"),
    "ATAN": _float("atan({0})"),
    "ATN2": _float("atan2({0}, {1})"),
    "RADIANS": _float("radians({0})"),
    "DEGREES": _float("degrees({0})"),
    "RAND": lambda _: ("random()", t.FLOAT),
    "NEWID": lambda _: ("uuid()", SqlType("uniqueidentifier")),
    "GETDATE": _now(t.DATETIME),
    "GETUTCDATE": _now(t.DATETIME),
    "CURRENT_TIMESTAMP": _now(t.DATETIME),
    "SYSDATETIME": _now(t.DATETIME2),
    "SYSUTCDATETIME": _now(t.DATETIME2),
    "SYSDATETIMEOFFSET": lambda _: ("CAST(tsql_now() AS TIMESTAMPTZ)", SqlType("datetimeoffset", scale=7)),
    "EOMONTH": _eomonth,
    "YEAR": lambda a: date_part("year", a[0]),
    "MONTH": lambda a: date_part("month", a[0]),
    "DAY": lambda a: date_part("day", a[0]),
    "DATEFROMPARTS": _from_parts("make_date", t.DATE),
    "DATETIMEFROMPARTS": _from_parts("make_timestamp", t.DATETIME),
    "DATETIME2FROMPARTS": _from_parts("make_timestamp", t.DATETIME2),
    "DATEADD": lambda a: date_add(a[0][0], a[1], a[2]),
    "DATEDIFF": lambda a: date_diff(a[0][0], a[1], a[2], t.INT),
    "DATEDIFF_BIG": lambda a: date_diff(a[0][0], a[1], a[2], t.BIGINT),
    "DATEPART": lambda a: date_part(a[0][0], a[1]),
    "DATENAME": lambda a: date_name(a[0][0], a[1]),
    "DATETRUNC": lambda a: date_trunc(a[0][0], a[1]),
    "DATALENGTH": _datalength,
    "ISNUMERIC": _is_numeric,
    "ISDATE": _is_date,
    "JSON_VALUE": lambda a: (f"json_extract_string({a[0][0]}, {a[1][0]})", t.nvarchar(4000)),
    "ISJSON": lambda a: (f"CAST(json_valid({a[0][0]}) AS INTEGER)", t.INT),
    "CHECKSUM": lambda a: (f"CAST(hash({', '.join(v[0] for v in a)}) % 2147483647 AS INTEGER)", t.INT),
    "BINARY_CHECKSUM": lambda a: (f"CAST(hash({', '.join(v[0] for v in a)}) % 2147483647 AS INTEGER)", t.INT),
}
_ARITY = {
    "LEN": (1, 1),
    "ISNULL": (2, 2),
    "NULLIF": (2, 2),
    "LEFT": (2, 2),
    "RIGHT": (2, 2),
    "SUBSTRING": (3, 3),
    "REPLACE": (3, 3),
    "DATEADD": (3, 3),
    "DATEDIFF": (3, 3),
    "DATEPART": (2, 2),
    "DATENAME": (2, 2),
    "HASHBYTES": (2, 2),
    "EOMONTH": (1, 2),
    "ROUND": (2, 3),
    "CHARINDEX": (2, 3),
    "STUFF": (4, 4),
    "UPPER": (1, 1),
    "LOWER": (1, 1),
    "CONCAT": (2, 254),
}


def build(name: str, args: list[Value], line: int) -> Value:
    """The call, or 195 for an unknown name and 174 for a wrong number of arguments."""
    builder = BUILDERS.get(name)
    if builder is None:
        raise SqlError(195, f"'{name}' is not a recognized built-in function name.", severity=15, line=line)
    low, high = _ARITY.get(name, (0, 254))
    if not low <= len(args) <= high:
        raise SqlError(174, f"The {name.lower()} function requires {low} argument(s).", severity=15, line=line)
    try:
        return builder(args)
    except IndexError:
        raise SqlError(174, f"The {name.lower()} function requires more arguments.", severity=15, line=line) from None


def aggregate_type(name: str, kind: SqlType | None) -> SqlType | None:
    """The result type of SUM, AVG, MIN, MAX, STDEV, VAR."""
    if name in ("STDEV", "STDEVP", "VAR", "VARP"):
        return t.FLOAT
    if kind is None or name in ("MIN", "MAX"):
        return kind
    if kind.is_float:
        return t.FLOAT
    if kind.is_int:
        return t.BIGINT if kind.name == "bigint" else t.INT
    if kind.is_exact and kind.name != "decimal":
        return SqlType("money")
    if name == "AVG":
        return t.decimal(38, max(kind.scale, 6))
    return t.decimal(38, kind.scale)
