"""Values that are not of the type of their column: of one that came with files, or most of those in a file.

Where most are, the file has changed, not a row of it. Of a column that came with files nobody has said what it is: its
type is that of its first values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from landfall_jobs import lineage
from landfall_jobs.contract import Column, Contract
from landfall_jobs.drift import (
    CHANGED_TYPE,
    EVOLVED,
    QUARANTINED,
    REJECTED,
    Drifted,
    has_room,
    remainder_column,
)
from landfall_jobs.formats.extras import LOOKED_AT, ExtraColumn
from landfall_jobs.transforms.checks import FORMS, SEPARATOR
from landfall_jobs.transforms.verdicts import QUARANTINED as QUARANTINED_ROW

MOST = 0.5
"""Share of the values of a column in a file that do not fit, above which its type has changed."""
TYPE = "type:"


def find_type_changes(contract: Contract, landed: DataFrame, staged: DataFrame) -> list[Drifted]:
    """Give the columns whose type has changed, each with its files, how many values do not fit, and some of them.

    `landed` has the rows as text, `staged` with their verdicts.
    """
    misfits = _misfits(staged)
    if not misfits:
        return []
    fits = _fits(staged, {column for _, column in misfits})
    changed: dict[str, dict[str, int]] = {}
    for (path, column), rows in sorted(misfits.items()):
        if rows > MOST * (rows + fits[path][column]):
            changed.setdefault(column, {})[path] = rows
    return [_told(contract, landed, contract.column(name), files) for name, files in changed.items()]


def take_remainders(
    contract: Contract, landed: DataFrame, staged: DataFrame, batch: str
) -> tuple[Contract, tuple[Drifted, ...]]:
    """Give the contract with a column for what each column that came with files cannot hold, and what is told of it.

    Only rows count with which nothing else is wrong: they will be good. `landed` and `staged` as above.
    """
    names = [column.name for column in contract.evolved if column.type != "string"]
    if not names or not has_room(contract):
        return contract, ()
    form = f"({TYPE}({'|'.join(names)})({SEPARATOR}|$))+"
    misfits: dict[str, dict[str, int]] = {}
    for (path, name), rows in sorted(_misfits(staged.where(F.col(lineage.BROKEN).rlike(f"^{form}$"))).items()):
        misfits.setdefault(name, {})[path] = rows
    told: list[Drifted] = []
    for name, files in misfits.items():
        if not has_room(contract):
            break
        column = remainder_column(contract, name, batch)
        found = _told(contract, landed, contract.column(name), files)
        told.append(replace(found, action=EVOLVED, column=column.name))
        contract = replace(contract, columns=(*contract.columns, column))
    return contract, tuple(told)


def refusals(drifted: Sequence[Drifted]) -> dict[str, str]:
    """Give why the files are rejected whose columns have changed, by path."""
    reasons: dict[str, list[str]] = {}
    for told in drifted:
        for path in told.files:
            examples = ", ".join(map(repr, told.examples))
            reasons.setdefault(path, []).append(f"{told.source} holds {told.type} now, such as {examples}")
    return {
        path: f"{path}: {'; '.join(of_file)} (drift.changed_types: reject). Correct the file, or the contract."
        for path, of_file in reasons.items()
    }


def _misfits(staged: DataFrame) -> dict[tuple[str, str], int]:
    """Count the values that do not fit, by file and column."""
    refused = staged.where(F.col(lineage.VERDICT) == QUARANTINED_ROW)
    faults = refused.select(lineage.FILE, F.explode(F.split(F.col(lineage.BROKEN), SEPARATOR)).alias("fault"))
    counts = faults.where(F.col("fault").startswith(TYPE)).groupBy(lineage.FILE, "fault").count().collect()
    return {(path, fault.removeprefix(TYPE)): rows for path, fault, rows in counts}


def _fits(staged: DataFrame, columns: set[str]) -> Mapping[str, Mapping[str, int]]:
    counts = [F.count(name).alias(name) for name in sorted(columns)]
    return {row[lineage.FILE]: row.asDict() for row in staged.groupBy(lineage.FILE).agg(*counts).collect()}


def _told(contract: Contract, landed: DataFrame, column: Column, files: Mapping[str, int]) -> Drifted:
    text = F.col(column.name)
    fits = text.rlike(FORMS[column.type]) & text.try_cast(column.type).isNotNull()
    other = landed.where(F.col(lineage.FILE).isin(list(files)) & text.isNotNull() & ~F.coalesce(fits, F.lit(False)))
    looked_at = ExtraColumn()
    for (value,) in other.select(text).limit(LOOKED_AT).collect():
        if value not in contract.arrival.null_values:
            looked_at.add(value)
    return Drifted(
        kind=CHANGED_TYPE,
        source=column.source,
        action=REJECTED if contract.drift.changed_types == "reject" else QUARANTINED,
        files=tuple(files),
        column=column.name,
        type=looked_at.type,
        rows=sum(files.values()),
        examples=tuple(looked_at.examples),
    )
