"""DuckDB macros and functions behind T-SQL's."""

from __future__ import annotations

import hashlib

import duckdb

MACROS = [
    "tsql_now() AS CAST(current_localtimestamp() AS TIMESTAMP)",
    "tsql_divisor(b) AS CASE WHEN b = 0 THEN error('Divide by zero error encountered.') ELSE b END",
    "tsql_charindex(needle, hay, start) AS CASE WHEN needle IS NULL OR hay IS NULL THEN NULL"
    " WHEN strpos(substr(lower(hay), greatest(start, 1)), lower(needle)) = 0 THEN 0"
    " ELSE CAST(strpos(substr(lower(hay), greatest(start, 1)), lower(needle)) + greatest(start, 1) - 1 AS INTEGER) END",
    "tsql_substring(s, f, n) AS CASE WHEN n < 0 THEN error('Invalid length parameter passed to the "
    "substring function.')"
    " WHEN f + n <= 1 AND s IS NOT NULL THEN '' ELSE substr(s, greatest(f, 1), CAST(n + least(f - 1, 0) AS "
    "BIGINT)) END",
    "tsql_stuff(s, f, n, r) AS CASE WHEN f < 1 OR f > length(s) OR n < 0 THEN NULL"
    " ELSE left(s, f - 1) || coalesce(r, '') || substr(s, f + n) END",
    "tsql_replace(s, a, b) AS CASE WHEN a = '' THEN s ELSE regexp_replace(s, regexp_escape(a), replace(b, "
    "chr(92), chr(92) || chr(92)), 'gi') END",
    "tsql_trunc(x, n) AS trunc(x * pow(10, n)) / pow(10, n)",
    r"tsql_date_text(s) AS regexp_replace(trim(s), '^(\d{4})(\d{2})(\d{2})($|\s)', '\1-\2-\3\4')",
    "tsql_float_text(x) AS CASE WHEN x = trunc(x) AND abs(x) < 1e15 THEN CAST(CAST(x AS BIGINT) AS VARCHAR)"
    " ELSE regexp_replace(printf('%.6g', x), 'e([+-])(\\d\\d)$', 'e\\10\\2') END",
    "tsql_stamp_text(x, n) AS strftime(CAST(x AS TIMESTAMP), '%Y-%m-%d %H:%M:%S')"
    " || CASE WHEN n = 0 THEN '' ELSE '.' || left(strftime(CAST(x AS TIMESTAMP), '%f') || '0', n) END",
    "tsql_like_regex(p) AS replace(replace(regexp_replace(p, '([.+*?^$(){}|\\\\])', '\\\\\\1', 'g'), '%', "
    "'.*'), '_', '.')",
    "tsql_like(s, p) AS CASE WHEN contains(p, '[') THEN regexp_full_match(s, tsql_like_regex(p), 'is') "
    "ELSE s ILIKE p END",
    "tsql_patindex(p, s) AS CAST(CASE WHEN NOT tsql_like(s, p) THEN 0 WHEN left(p, 1) <> '%' THEN 1"
    " ELSE strpos(lower(s), lower(regexp_extract(s, tsql_like_regex(trim(p, '%')), 0, 'is'))) END AS INTEGER)",
    "tsql_object_id(n, k) AS (SELECT o.object_id FROM tsql_meta.objects o JOIN tsql_meta.schemas s USING (schema_id)"
    " WHERE lower(o.name) = lower(string_split(regexp_replace(n, '[\\[\\]\"]', '', 'g'), '.')[-1])"
    " AND lower(s.name) = lower(CASE WHEN contains(n, '.') THEN string_split(regexp_replace(n, "
    "'[\\[\\]\"]', '', 'g'), '.')[-2] ELSE 'dbo' END)"
    " AND (k IS NULL OR trim(o.type) = upper(k)))",
]


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the macros in the open database."""
    for macro in MACROS:
        connection.execute(f"CREATE OR REPLACE MACRO main.{macro}")


def install_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Register the functions that need Python: UTF-16 bytes and the longer hashes."""
    connection.create_function("tsql_utf16", _utf16, ["VARCHAR"], "BLOB")
    connection.create_function("tsql_from_utf16", _from_utf16, ["BLOB"], "VARCHAR")
    connection.create_function("tsql_hash", _hash, ["VARCHAR", "BLOB"], "BLOB")


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def _from_utf16(data: bytes) -> str:
    return bytes(data).decode("utf-16-le", "replace")


def _hash(algorithm: str, data: bytes) -> bytes | None:
    name = {"SHA2_512": "sha512", "SHA2_256": "sha256", "SHA1": "sha1", "SHA": "sha1", "MD5": "md5"}.get(algorithm)
    return hashlib.new(name, bytes(data)).digest() if name else None
