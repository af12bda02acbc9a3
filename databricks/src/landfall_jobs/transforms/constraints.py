"""What columns say of their values: conditions that find a value which breaks it, and sentences about it."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

from pyspark.sql import Column
from pyspark.sql import functions as F

from landfall_jobs.contract import Column as ContractColumn
from landfall_jobs.contract import Contract
from landfall_jobs.rules import Outcome

MINIMUM, MAXIMUM, ALLOWED, PATTERN = "minimum", "maximum", "allowed", "pattern"


def constraint_faults(contract: Contract, outcome: Outcome) -> list[tuple[str, Column]]:
    """Give the constraints with an outcome, as `<constraint>:<column>`, each with the condition that breaks it.

    The condition is null, which is not true, where there is no value.
    """
    return [
        (f"{kind}:{column.name}", condition)
        for column in contract.columns
        if column.constraints.outcome == outcome
        for kind, condition in _conditions(column)
    ]


def constraints_of(column: ContractColumn) -> list[str]:
    """Give the names of a column's constraints, as the faults have them."""
    limits = column.constraints
    found = {
        MINIMUM: limits.minimum is not None,
        MAXIMUM: limits.maximum is not None,
        ALLOWED: bool(limits.allowed),
        PATTERN: limits.pattern is not None,
    }
    return [f"{kind}:{column.name}" for kind, there in found.items() if there]


def _conditions(column: ContractColumn) -> Iterator[tuple[str, Column]]:
    limits, value = column.constraints, F.col(column.name)
    if limits.minimum is not None:
        yield MINIMUM, value < _literal(limits.minimum, column.type)
    if limits.maximum is not None:
        yield MAXIMUM, value > _literal(limits.maximum, column.type)
    if limits.allowed:
        yield ALLOWED, ~value.isin([F.lit(one) for one in limits.allowed])
    if limits.pattern is not None:
        yield PATTERN, ~value.rlike(rf"\A(?:{limits.pattern})\z")


def _literal(bound: float | str, kind: str) -> Column:
    """Give a limit as a value: what an engine makes of a time's text varies."""
    if not isinstance(bound, str):
        return F.lit(bound)
    if kind == "date":
        return F.lit(date.fromisoformat(bound))
    time = datetime.fromisoformat(bound)
    return F.lit(time if time.tzinfo else time.replace(tzinfo=UTC))


def explain_constraint(column: ContractColumn, kind: str, text: str | None) -> str:
    """Say what is wrong with a value, which stands in the file as `text`; None: it is computed, or not known."""
    limits = column.constraints
    value = "the value" if text is None else text if column.type != "string" else repr(text)
    sentences: dict[str, Callable[[], str]] = {
        MINIMUM: lambda: f"is {_below(column.type)} {limits.minimum}",
        MAXIMUM: lambda: f"is {_above(column.type)} {limits.maximum}",
        ALLOWED: lambda: f"is none of {_listed(limits.allowed)}",
        PATTERN: lambda: f"does not match {limits.pattern}",
    }
    return f"{column.name}: {value} {sentences[kind]()}"


MOST_LISTED = 12


def _listed(allowed: tuple[float | str, ...]) -> str:
    shown = ", ".join(map(str, allowed[:MOST_LISTED]))
    return f"{shown} and {len(allowed) - MOST_LISTED} others" if len(allowed) > MOST_LISTED else shown


def _below(kind: str) -> str:
    return "earlier than" if kind in ("date", "timestamp") else "less than"


def _above(kind: str) -> str:
    return "later than" if kind in ("date", "timestamp") else "greater than"
