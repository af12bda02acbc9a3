"""What people see in a terminal: colour where there is one, tables, and the line at fault under its problem."""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from landfall_jobs.contracts.contract_file import Problem

_COLOURS = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}
LONGEST_LINE = 160


def paint(text: str, colour: str) -> str:
    """Give the text in a colour, where the terminal has any and nobody asked for none (https://no-color.org)."""
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"


def show_problem(problem: Problem) -> None:
    """Print a problem, and under it its line with a mark."""
    place = f"{_relative(problem.file)}:{problem.line}:{problem.column}"
    print(f"{paint(place, 'bold')}: {paint(problem.message, 'red')}")
    lines = Path(problem.file).read_text(encoding="utf-8").splitlines() if Path(problem.file).is_file() else []
    if problem.line <= len(lines):
        # A long line is shown around the mark.
        start = max(0, problem.column - LONGEST_LINE // 2)
        text = lines[problem.line - 1][start : start + LONGEST_LINE]
        print(f"{problem.line:>5} | {text}\n{'':>5} | {' ' * (problem.column - 1 - start)}{paint('^', 'red')}")


def show_table(rows: Iterable[Sequence[object]], right: Sequence[int] = ()) -> None:
    """Print rows in columns; those of `right` end at the right."""
    texts = [[_number(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        cells = [
            text.rjust(width) if i in right else text.ljust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        print(("  " + "  ".join(cells)).rstrip())


def count(number: int, noun: str) -> str:
    """Give a number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _number(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _relative(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else file
