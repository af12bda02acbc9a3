"""--check: T-SQL files through the server's own grammar."""

from __future__ import annotations

import re
from pathlib import Path

from synapse_emulator.errors import SqlError
from synapse_emulator.tsql.parser import parse

_GO = re.compile(r"^\s*GO(?:\s+\d+)?\s*;?\s*(?:--.*)?$", re.IGNORECASE)


def batches(text: str) -> list[tuple[int, str]]:
    """The batches of a script with the line that each begins on; GO lines part them."""
    found: list[tuple[int, str]] = []
    start = 1
    lines: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if _GO.match(line):
            found.append((start, "\n".join(lines)))
            start, lines = number + 1, []
        else:
            lines.append(line)
    found.append((start, "\n".join(lines)))
    return found


def check_text(text: str) -> list[tuple[int, str]]:
    """Line and message of the first fault of each batch."""
    faults = []
    for line, batch in batches(text):
        try:
            parse(batch, line)
        except SqlError as error:
            faults.append((error.line, f"{error.message} ({error.number})"))
    return faults


def check_files(paths: list[Path]) -> int:
    """Print `file:line: message` for each fault; 1 if there is any."""
    bad = 0
    for path in paths:
        try:
            faults = check_text(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as failure:
            faults = [(1, f"cannot be read: {failure}")]
        for line, message in faults:
            print(f"{path}:{line}: {message}")
        bad += len(faults)
    return 1 if bad else 0
