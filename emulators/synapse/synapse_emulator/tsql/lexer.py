"""T-SQL text to tokens, each with its offset and line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from synapse_emulator.errors import SqlError, syntax_error

_PATTERN = re.compile(
    r"""(?P<space>\s+|--[^\n]*)
  | (?P<nstr>[Nn]'(?:[^']|'')*')
  | (?P<str>'(?:[^']|'')*')
  | (?P<quoted>\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*")
  | (?P<bin>0[xX][0-9A-Fa-f]*)
  | (?P<num>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<var>@@?[\w$#@]+)
  | (?P<word>[^\W\d][\w$#@]*|\#\#?[\w$#@]+|_[\w$#@]*)
  | (?P<op><>|!=|<=|>=|!<|!>|\+=|-=|\*=|/=|%=|&=|\|=|\^=|::|[-+*/%&|^~<>=().,;:])
""",
    re.VERBOSE,
)


@dataclass(slots=True)
class Token:
    """One token: `kind` is word, quoted, var, str, nstr, num, bin, op or end; `key` is its upper-case text."""

    kind: str
    text: str
    key: str
    value: str
    start: int
    end: int
    line: int


def tokenize(sql: str, first_line: int = 1) -> list[Token]:
    """All tokens of `sql` and an `end` token; raises 105 for an unclosed string and 102 for a stray character."""
    tokens: list[Token] = []
    position, line, size = 0, first_line, len(sql)
    while position < size:
        if sql.startswith("/*", position):
            end = _comment_end(sql, position, line)
            line += sql.count("\n", position, end)
            position = end
            continue
        match = _PATTERN.match(sql, position)
        if match is None:
            if sql[position] in "'[\"":
                raise SqlError(105, "Unclosed quotation mark after the character string.", severity=15, line=line)
            raise syntax_error(sql[position], line)
        kind, text = match.lastgroup or "", match.group()
        if kind != "space":
            value = _value(kind, text)
            key = text.upper() if kind in ("word", "op") else ""
            tokens.append(Token(kind, text, key, value, position, match.end(), line))
        line += text.count("\n")
        position = match.end()
    tokens.append(Token("end", "", "", "", size, size, line))
    return tokens


def _comment_end(sql: str, start: int, line: int) -> int:
    depth, position = 1, start + 2
    while depth:
        opening, closing = sql.find("/*", position), sql.find("*/", position)
        if closing < 0:
            raise SqlError(113, "Missing end comment mark '*/'.", severity=15, line=line)
        if 0 <= opening < closing:
            depth, position = depth + 1, opening + 2
        else:
            depth, position = depth - 1, closing + 2
    return position


def _value(kind: str, text: str) -> str:
    if kind == "str":
        return text[1:-1].replace("''", "'")
    if kind == "nstr":
        return text[2:-1].replace("''", "'")
    if kind == "quoted":
        return text[1:-1].replace("]]", "]") if text[0] == "[" else text[1:-1].replace('""', '"')
    return text
