"""Rules and constraints that all rows of a sample keep: candidates, for a person to judge."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import pyarrow.compute as pc

from landfall_jobs.authoring.profiling.columns import ColumnProfile, shape_of

FEW_VALUES = 12
OFTEN_ENOUGH = 20
"""How many rows each value must stand for, before a set of them is taken for all that there are."""
FEWEST_BETWEEN = 7
"""How many whole numbers that all occur, from the least to the greatest, are taken for all that there are."""
LONGEST_SHAPE = 20
SHOWN = 6
LONGEST_NAME = 40
RESERVED = {
    *("ALL", "AND", "ANY", "AS", "BETWEEN", "BY", "CASE", "CAST", "CROSS"),
    *("DATE", "DISTINCT", "ELSE", "END", "EXISTS", "FALSE", "FOR", "FROM", "FULL"),
    *("GROUP", "HAVING", "IN", "INNER", "INTERVAL", "INTO", "IS", "JOIN", "LEFT"),
    *("LIKE", "LIMIT", "NOT", "NULL", "ON", "OR", "ORDER", "OUTER", "RIGHT"),
    *("ROW", "ROWS", "SELECT", "SET", "SOME", "TABLE", "THEN", "TIME", "TIMESTAMP"),
    *("TO", "TRUE", "UNION", "USER", "USING", "VALUES", "WHEN", "WHERE", "WINDOW"),
    *("WITH",),
}
"""Words that mean something else in Spark SQL, unless they stand in backticks."""


@dataclass(frozen=True)
class Candidate:
    """A rule, and what speaks for it."""

    name: str
    expression: str
    description: str
    evidence: str


@dataclass(frozen=True)
class Constraint:
    """What a column may say of its values: minimum, maximum, allowed, pattern; and what speaks for it."""

    limits: Mapping[str, int | str | list[str]]
    evidence: str = ""


def candidates(columns: list[ColumnProfile]) -> list[Candidate]:
    """Give what may be worth a rule over several columns."""
    found: list[Candidate] = []
    times = [column for column in columns if column.type == "timestamp" and column.bounds]
    for before, after in combinations(times, 2):
        found += _in_order(before, after)
    names: dict[str, int] = {}
    for i, rule in enumerate(found):
        names[rule.name] = names.get(rule.name, 0) + 1
        if names[rule.name] > 1:
            found[i] = replace(rule, name=f"{rule.name[: LONGEST_NAME - 4].strip('-')}-{names[rule.name]}")
    return found


def of_facts(columns: list[ColumnProfile]) -> Iterator[Candidate]:
    """Give what is worth a rule of files that are one row each, of which a sample says little."""
    found = {column.field.name: column.texts[0].as_py() for column in columns}
    promised = found.get("type_by_name")
    if promised is not None and promised == found["type"]:
        yield Candidate(
            "type-as-named",
            "type_by_name IS NULL OR type_by_name = type",
            "A file is what its extension says",
            f"here both are {promised}",
        )


def _named(column: str, suffix: str) -> str:
    label = column.replace("_", "-")
    return f"{label[: LONGEST_NAME - len(suffix) - 1].strip('-')}-{suffix}"


def _in_sql(name: str) -> str:
    return f"`{name}`" if name.upper() in RESERVED else name


def constraint_of(column: ColumnProfile, in_key: bool) -> Constraint | None:
    """Give what a column may say of its values, if all of the sample keep to something."""
    if column.distinct < 2:
        return None
    if column.type in ("int", "bigint", "double") and column.bounds and not in_key:
        least, most = (float(str(bound)) for bound in column.bounds)
        all_between = column.distinct == most - least + 1
        if column.type == "int" and all_between and FEWEST_BETWEEN <= column.distinct <= column.rows / OFTEN_ENOUGH:
            limits = {"minimum": int(least), "maximum": int(most)}
            return Constraint(limits, f"each of the numbers from {limits['minimum']} to {limits['maximum']} occurs")
        if least >= 0:
            return Constraint({"minimum": 0})
    if column.type != "string":
        return None
    values = column.most_common(FEW_VALUES + 1)
    if len(values) <= FEW_VALUES and column.rows - column.nulls >= OFTEN_ENOUGH * len(values):
        counts = ", ".join(f"{printable(value)} {rows:,}" for value, rows in values[:SHOWN])
        return Constraint({"allowed": sorted(v for v, _ in values)}, counts + (", …" if len(values) > SHOWN else ""))
    if column.longest <= LONGEST_SHAPE:
        shape = shape_of(column.texts.drop_null().unique().to_pylist())
        if shape is not None:
            return Constraint({"pattern": shape}, f"all of {column.distinct:,} different ones have this form")
    return None


def _in_order(before: ColumnProfile, after: ColumnProfile) -> Iterator[Candidate]:
    if before.longest != after.longest:
        return  # Times that are written in two ways cannot be compared as texts.
    for first, second in ((before, after), (after, before)):
        late = pc.greater(first.texts, second.texts)
        both = len(late) - late.null_count
        if both < OFTEN_ENOUGH or pc.any(late).as_py():
            continue
        one, other = _in_sql(first.field.name), _in_sql(second.field.name)
        null = f"{one} IS NULL OR {other} IS NULL OR " if first.nulls or second.nulls else ""
        yield Candidate(
            _named(second.field.name, f"after-{first.field.name.replace('_', '-')[:16].strip('-')}"),
            f"{null}{other} >= {one}",
            f"{_words(second.field.name)} is not before {first.field.name.replace('_', ' ')}",
            f"so it is in all of {both:,} rows that have both",
        )
        return


def number(value: object) -> str:
    """Give a number as people write it."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.15g}" if abs(value) >= 10_000 else f"{value:.15g}"


def printable(text: str) -> str:
    """Give a text in one line, without what cannot be shown."""
    return repr(text)[1:-1]


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
