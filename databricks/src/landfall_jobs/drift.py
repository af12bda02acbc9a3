"""Drift: files whose columns are not those of the contract, what becomes of them, and what is told of it.

Columns that files brought are part of the contract that a batch works with, behind those of its author. The app keeps
them with the publication, so that a batch which fails leaves none behind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from landfall_jobs.contract import Column, Contract
from landfall_jobs.formats.extras import ExtraColumn, Extras
from landfall_jobs.formats.json_rows import known_keys, parse_path
from landfall_jobs.naming import free_name, snake
from landfall_jobs.transforms.timeline import VALIDITY

NEW_COLUMN, MISSING_COLUMN, CHANGED_TYPE = "new-column", "missing-column", "changed-type"
EVOLVED, IGNORED, QUARANTINED, REJECTED = "evolved", "ignored", "quarantined", "rejected"
MOST_EVOLVED = 200
"""A dataset takes in no more: objects whose keys are data would bring one a row."""
MOST_TOLD = 100
LONGEST_TEXT = 4000
"""What a column of text in the warehouse holds."""
WITHOUT_CASE = ("csv", "excel", "parquet", "avro")
"""Formats that find columns in any case."""
BY_PATH = ("jsonl", "json", "xml", "parquet", "avro")
"""Formats whose columns are paths of keys."""
VERDICT = "verdict"

Beside = Mapping[str, Mapping[str, ExtraColumn]]
"""Columns that files have beside the contract's: by path, and by how the file calls them."""


@dataclass(frozen=True)
class Drifted:
    """One thing by which files differ from the contract: which column, as the files call it, and what became of it.

    `column` is what the dataset calls it, `type` what its values are; `rows` have a value, or one that does not fit.
    """

    kind: str
    source: str
    action: str
    files: tuple[str, ...]
    column: str | None = None
    type: str | None = None
    rows: int | None = None
    examples: tuple[str, ...] = ()

    def report(self) -> dict[str, Any]:
        """Give it as the result document has it; of many files the first ones."""
        optional = {"column": self.column, "type": self.type, "rows": self.rows}
        return {
            **{"kind": self.kind, "source": self.source, "action": self.action},
            **{name: value for name, value in optional.items() if value is not None},
            **{"files": len(self.files), "file": self.files[0], "examples": list(self.examples)},
        }


def extras_of(contract: Contract) -> Extras:
    """Give how closely to look at what files have beside the contract's columns."""
    known = None
    if contract.arrival.format in BY_PATH:
        explode = [parse_path(path) for path in contract.arrival.explode]
        known = known_keys([parse_path(column.source) for column in contract.landed], explode)
    return Extras(contract.drift.new_columns == "evolve", frozenset(contract.arrival.null_values), known)


def refusals(contract: Contract, beside: Beside) -> dict[str, str]:
    """Give why files are rejected whose columns the contract does not know, by path."""
    if contract.drift.new_columns != "reject":
        return {}
    return {path: _refusal(path, sorted(found)) for path, found in beside.items()}


def _refusal(path: str, names: list[str]) -> str:
    shown = ", ".join(names[:20]) + (f" and {len(names) - 20} others" if len(names) > 20 else "")
    return (
        f"{path} has the column{'s' if len(names) > 1 else ''} {shown}, which the contract does not know "
        "(drift.new_columns: reject). Add them to the contract, or land the file without."
    )


def refused_columns(contract: Contract, beside: Beside) -> tuple[Drifted, ...]:
    """Give what is told of columns for which files are rejected."""
    if contract.drift.new_columns != "reject":
        return ()
    together = _merged(beside, contract.arrival.format in WITHOUT_CASE)
    return tuple(_told(source, REJECTED, found, files) for source, (found, files) in sorted(together.items()))


def evolve(contract: Contract, beside: Beside, batch: str) -> tuple[Contract, tuple[Drifted, ...]]:
    """Give the contract with the columns that files have beside it, if it takes any in, and what is told of them."""
    together = _merged(beside, contract.arrival.format in WITHOUT_CASE)
    taken = {name.casefold() for name in _names(contract)}
    room = MOST_EVOLVED - len(contract.evolved) if contract.drift.new_columns == "evolve" else 0
    columns: list[Column] = []
    told: list[Drifted] = []
    for source, (found, files) in sorted(together.items()):
        if len(columns) >= room:
            told.append(_told(source, IGNORED, found, files))
            continue
        name = free_name(snake(source), taken)
        taken.add(name)
        columns.append(_column(contract, name, source, found.type, batch))
        told.append(_told(source, EVOLVED, found, files, name))
    extended = replace(contract, columns=(*contract.columns, *columns)) if columns else contract
    return extended, tuple(told)


def has_room(contract: Contract) -> bool:
    """Tell whether what a column that came with files cannot hold may become a column of its own."""
    drift = contract.drift
    return (
        drift.new_columns == "evolve" and drift.changed_types == "quarantine" and len(contract.evolved) < MOST_EVOLVED
    )


def remainder_column(contract: Contract, name: str, batch: str) -> Column:
    """Give a column of text for what a column that came with files cannot hold."""
    taken = {found.casefold() for found in _names(contract)}
    return _column(contract, free_name(f"{name}_text", taken), contract.column(name).source, "string", batch)


def missing_columns(contract: Contract, absent: Mapping[str, list[str]]) -> tuple[Drifted, ...]:
    """Give the contract's columns that files (by path) lack; that they lack one which others brought is no news."""
    lacking: dict[str, list[str]] = {}
    for path, names in sorted(absent.items()):
        for name in names:
            lacking.setdefault(name, []).append(path)
    columns = (column for column in contract.landed if column.name in lacking and column.evolved is None)
    return tuple(
        Drifted(MISSING_COLUMN, column.source, IGNORED, tuple(lacking[column.name]), column=column.name)
        for column in columns
    )


def _merged(beside: Beside, without_case: bool) -> dict[str, tuple[ExtraColumn, tuple[str, ...]]]:
    """Give each column once, with the files that have it."""
    spelled: dict[str, str] = {}
    together: dict[str, tuple[ExtraColumn, tuple[str, ...]]] = {}
    for path, found in sorted(beside.items()):
        for source, column in sorted(found.items()):
            name = spelled.setdefault(source.casefold() if without_case else source, source)
            known, files = together.get(name, (ExtraColumn(), ()))
            together[name] = (known.merge(column), (*files, path))
    return together


def _told(source: str, action: str, found: ExtraColumn, files: tuple[str, ...], column: str | None = None) -> Drifted:
    examples = tuple(found.examples)
    return Drifted(NEW_COLUMN, source, action, files, column, type=found.type, rows=found.rows, examples=examples)


def _names(contract: Contract) -> list[str]:
    """Give the names that a column of the dataset cannot have."""
    joined = [name for combination in contract.combine for name, _ in combination.columns]
    return [*contract.names, *joined, *([contract.model.prediction] if contract.model else []), VERDICT, *VALIDITY]


def _column(contract: Contract, name: str, source: str, kind: str, batch: str) -> Column:
    return Column(
        name=name,
        type=kind,
        nullable=True,
        length=LONGEST_TEXT if kind == "string" and contract.loads_warehouse else None,
        source=source,
        expression=None,
        known="after",
        evolved=batch,
    )


def report(drifted: Sequence[Drifted]) -> list[dict[str, Any]]:
    """Give what is told of a batch, those that something came of first; of very much the first part."""
    ordered = sorted(drifted, key=lambda told: told.action == IGNORED)
    return [told.report() for told in ordered[:MOST_TOLD]]


def report_columns(contract: Contract) -> list[dict[str, Any]]:
    """Give the columns that files brought, as the contract in the next context is to have them."""
    return [
        {
            **{"name": column.name, "type": column.type, "source": column.source, "known": column.known},
            **({} if column.length is None else {"length": column.length}),
            "evolved": column.evolved,
        }
        for column in contract.evolved
    ]
