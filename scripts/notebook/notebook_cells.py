"""Cells of a notebook in Databricks' source format.

Format: https://learn.microsoft.com/azure/databricks/notebooks/notebook-export-import
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HEADER = "# Databricks notebook source"
SEPARATOR = "# COMMAND ----------"
MAGIC = re.compile(r"^# MAGIC ?", re.MULTILINE)


class NotebookError(Exception):
    """The file is no notebook, or uses what is not supported here."""


@dataclass(frozen=True)
class Cell:
    """One cell: its language, its text, and the line of the file that it begins at."""

    language: str
    text: str
    line: int


def parse_cells(source: str, name: str) -> list[Cell]:
    """Cut a notebook into its cells; empty ones are left out."""
    if not source.startswith(HEADER):
        raise NotebookError(f"{name} is no Databricks notebook: its first line must be `{HEADER}`.")
    cells = []
    line = 2
    for part in source.removeprefix(HEADER + "\n").split(SEPARATOR + "\n"):
        if part.strip():
            leading = len(part) - len(part.lstrip("\n"))
            cells.append(to_cell(part.strip("\n"), line + leading, name))
        line += part.count("\n") + 1
    return cells


def to_cell(text: str, line: int, name: str) -> Cell:
    """Tell a cell's language by its magic command; without one it is Python."""
    if not text.startswith("# MAGIC"):
        return Cell("python", text, line)
    plain = MAGIC.sub("", text)
    magic = re.match(r"%(\w+)[ \n]?", plain)
    language = magic[1] if magic else ""
    if language not in ("md", "sql", "python"):
        raise NotebookError(f"{name}, line {line}: %{language} cells are not supported here; use %md, %sql or Python.")
    return Cell(language, plain[magic.end() :] if magic else plain, line)
