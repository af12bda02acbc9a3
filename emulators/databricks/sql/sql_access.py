"""What a read-only warehouse lets through: queries, SHOW, DESCRIBE and EXPLAIN, over tables and never over bare files.

A query is told from all else by the engine's own parser: a statement that changes something cannot stand in a FROM
clause. (The storage credential of the process can only read, too: see storage-access.ts.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sql_errors import BadRequestError, PermissionDeniedError

if TYPE_CHECKING:
    from pyspark.sql import Column, SparkSession

TOKEN = re.compile(
    r"""
    (?P<blank>\s+|--[^\r\n]*)
  | (?P<comment>/\*)
  | (?P<raw>[rR](?:'[^']*'|"[^"]*"))
  | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
  | (?P<quoted>`(?:[^`]|``)*`)
  | (?P<word>\w+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
TYPE = re.compile(
    r"(BOOLEAN|BYTE|TINYINT|SHORT|SMALLINT|INT|INTEGER|LONG|BIGINT|FLOAT|REAL|DOUBLE|STRING|BINARY|DATE|TIMESTAMP"
    r"|TIMESTAMP_NTZ|(DECIMAL|DEC|NUMERIC)(\s*\(\s*\d{1,2}\s*(,\s*\d{1,2}\s*)?\))?|VOID)",
    re.IGNORECASE,
)
NAME = r"(`[^`]+`|\w+)"
DESCRIBE_TABLE = re.compile(rf"DESC(RIBE)?\s+(TABLE\s+)?(EXTENDED\s+)?(?P<name>{NAME}(\s*\.\s*{NAME})*)", re.I)
DESCRIBE_QUERY = re.compile(r"DESC(RIBE)?\s+(QUERY\s+)?(?P<query>(SELECT|WITH|VALUES|FROM|TABLE)\b.*)", re.I | re.S)
EXPLAIN = re.compile(r"EXPLAIN\s+((EXTENDED|CODEGEN|COST|FORMATTED)\s+)?(?P<query>.*)", re.I | re.S)
WRITES = re.compile(
    r"ALTER|ANALYZE|CACHE|CALL|CLEAR|COMMENT|COPY|CREATE|DECLARE|DELETE|DENY|DROP|EXECUTE|FROM|GRANT|INSERT|LOAD|MERGE"
    r"|MSCK|OPTIMIZE|REFRESH|REORG|REPAIR|REPLACE|RESET|RESTORE|REVOKE|SET|SYNC|TRUNCATE|UNCACHE|UNDROP|UPDATE|USE|VACUUM"
)
FORMATS = frozenset(
    {"arrow", "avro", "binaryfile", "csv", "delta", "excel", "hudi", "iceberg", "image", "jdbc", "json", "lance", "orc"}
    | {"parquet", "text", "vortex", "xml"}
)
NO_FILES = "User does not have permission SELECT on any file."
QUERY_VERBS = ("SELECT", "WITH", "VALUES", "TABLE")
OTHER_DESCRIBE = ("FUNCTION", "CATALOG", "DATABASE", "SCHEMA", "NAMESPACE")


@dataclass(frozen=True)
class Statement:
    """A statement that may run. `describes` is set when it asks for the columns of a query."""

    text: str
    describes: str | None = None


def check(spark: SparkSession, text: str, parameters: dict[str, Column]) -> Statement:
    """Let a reading statement through; raise PermissionDeniedError for one that changes something or reads files."""
    tokens = list(scan(text))
    words = [token.upper() for kind, token in tokens if kind == "word"]
    if not words:
        raise BadRequestError("[PARSE_EMPTY_STATEMENT] The statement is empty.", "42617")
    refuse_files(tokens)
    bare = "".join(" " if kind in ("blank", "comment") else token for kind, token in tokens).strip().rstrip("; ")
    if words[0] == "SHOW":
        return Statement(text)
    if words[0] in ("DESCRIBE", "DESC"):
        return check_describe(spark, bare, words, parameters)
    if words[0] == "EXPLAIN":
        asked = EXPLAIN.fullmatch(bare)
        check_query(spark, asked["query"] if asked else bare, parameters)
        return Statement(text)
    check_query(spark, bare, parameters)
    return Statement(text)


def check_describe(spark: SparkSession, bare: str, words: list[str], parameters: dict[str, Column]) -> Statement:
    """Let DESCRIBE through; the columns of tables and queries are looked up here, since Sail does not tell them."""
    if len(words) > 1 and words[1] in OTHER_DESCRIBE:
        return Statement(bare)
    query = DESCRIBE_QUERY.fullmatch(bare)
    if query:
        check_query(spark, query["query"], parameters)
        return Statement(bare, describes=query["query"])
    table = DESCRIBE_TABLE.fullmatch(bare)
    if not table:
        raise BadRequestError("[PARSE_SYNTAX_ERROR] DESCRIBE takes the name of a table, or a query.", "42601")
    return Statement(bare, describes=f"SELECT * FROM {table['name']}")


def check_query(spark: SparkSession, bare: str, parameters: dict[str, Column]) -> None:
    """Have the parser say whether it is a query: only a query can be a subquery."""
    first = re.match(r"[\s(]*(\w*)", bare)
    verb = first[1].upper() if first else ""
    if verb not in QUERY_VERBS:
        if WRITES.fullmatch(verb):
            raise PermissionDeniedError(f"User does not have MODIFY or CREATE; {verb} is refused here.")
        raise BadRequestError(f"[PARSE_SYNTAX_ERROR] Syntax error at or near '{verb or bare[:20]}'.", "42601")
    try:
        query = spark.sql(f"SELECT * FROM (\n{bare}\n) LIMIT 0", args=parameters or None)
        files = query.inputFiles()  # Sail tells files that are read as such here, and none of a table's.
    except Exception as error:
        if verb == "WITH" and re.search(r"\b(INSERT|MERGE|UPDATE|DELETE)\b", bare, re.I) and "found" in str(error):
            raise PermissionDeniedError("User does not have MODIFY; WITH … INSERT is refused here.") from error
        raise
    if files:
        raise PermissionDeniedError(NO_FILES)


def refuse_files(tokens: list[tuple[str, str]]) -> None:
    """Raise PermissionDeniedError for paths, ``csv.`x` ``, and what could hide one: IDENTIFIER(…) and $$ strings."""
    seen = [(kind, token) for kind, token in tokens if kind not in ("blank", "comment")]
    for (kind, token), (_, before), (_, after) in zip(seen, [("", ""), *seen], [*seen[1:], ("", "")], strict=False):
        name = token.strip("`").lower()
        is_path = kind == "quoted" and re.search(r"[/\\:]", token)
        is_format = kind in ("quoted", "word") and name in FORMATS and after == "." and before != "."
        if is_path or is_format or token == "$" or (name == "identifier" and after == "("):
            raise PermissionDeniedError(NO_FILES)


def is_type(text: str) -> bool:
    """Tell whether a parameter may have this type; names of nested types are not taken."""
    return TYPE.fullmatch(text.strip()) is not None


def scan(text: str) -> Iterator[tuple[str, str]]:
    """Cut a statement into tokens; bracketed comments nest, as in Spark."""
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        assert match is not None  # `other` takes any character.
        kind, end = str(match.lastgroup), match.end()
        if kind == "comment":
            depth = 1
            while depth and end < len(text):
                pair = text[end : end + 2]
                depth += (pair == "/*") - (pair == "*/")
                end += 2 if pair in ("/*", "*/") else 1
        yield kind, text[position:end]
        position = end
