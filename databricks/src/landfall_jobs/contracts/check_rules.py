"""What JSON Schema cannot say of rules: of which kind each is, what it may be about, and what may come of it."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from landfall_jobs.contracts.finding import Finding, Path, hint, show

Contract = dict[str, Any]

CONSTRAINTS = ("minimum", "maximum", "allowed", "pattern")
"""What a column may say of its values."""
ROW_KINDS = ("expression", "unique", "exists_in")
BATCH_KINDS = ("freshness", "row_count", "distribution")
"""Kinds of rules that judge a batch, not its rows."""
RESERVED = (
    *("allowed", "changed-type", "damaged", "empty", "encoding", "encrypted", "fields", "json", "length", "maximum"),
    *("minimum", "missing-column", "new-column", "not-null", "pattern", "reference-missing", "too-large", "too-long"),
    *("type", "xml"),
)
"""What the books and the warnings have names for already."""
_NUMBERS = ("int", "bigint", "double")
_TIMES = {
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "timestamp": r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?)?",
}


def check_constraints(columns: list[Contract]) -> Iterable[Finding]:
    """Check what columns say of their values."""
    for index, column in enumerate(columns):
        yield from _check_column(("columns", index), column)


def _check_column(path: Path, column: Contract) -> Iterable[Finding]:
    name, kind = column["name"], column["type"]
    for key in ("minimum", "maximum"):
        if key in column:
            yield from _check_bound((*path, key), column[key], name, kind)
    bounds = column.get("minimum"), column.get("maximum")
    if _is_above(*bounds):
        yield Finding((*path, "maximum"), f"The maximum of '{name}' is below its minimum; exchange them.")
    if "allowed" in column:
        yield from _check_allowed((*path, "allowed"), column["allowed"], name, kind)
    if "pattern" in column and kind != "string":
        message = f"pattern is for columns of type string; '{name}' is {kind}."
        yield Finding((*path, "pattern"), message, on_key=True)
    for key in ("outcome", "max_share"):
        if key in column and not any(constraint in column for constraint in CONSTRAINTS):
            message = f"{key} belongs to minimum, maximum, allowed or pattern; '{name}' has none of them."
            yield Finding((*path, key), message, on_key=True)
    yield from _check_share(path, column)


def _check_bound(path: Path, bound: object, name: str, kind: str) -> Iterable[Finding]:
    if kind not in _NUMBERS and kind not in _TIMES:
        message = f"{path[-1]} is for numbers, dates and timestamps; '{name}' is {kind}."
        yield Finding(path, message, on_key=True)
    elif kind in _NUMBERS and isinstance(bound, str):
        yield Finding(path, f"{show(path)} is '{bound}'; '{name}' is {kind}, so it must be a number.")
    elif kind in _TIMES and not (isinstance(bound, str) and re.fullmatch(_TIMES[kind], bound)):
        shown = f"'{bound}'" if isinstance(bound, str) else f"{bound:.15g}"
        yield Finding(path, f"{show(path)} is {shown}; '{name}' is a {kind}, so it must be one in ISO 8601.")


def _is_above(minimum: object, maximum: object) -> bool:
    if isinstance(minimum, str) and isinstance(maximum, str):
        return minimum > maximum
    numbers = isinstance(minimum, int | float) and isinstance(maximum, int | float)
    return numbers and minimum > maximum  # type: ignore[operator]


def _check_allowed(path: Path, allowed: list[object], name: str, kind: str) -> Iterable[Finding]:
    if kind not in _NUMBERS and kind != "string":
        message = f"allowed is for texts and numbers; '{name}' is {kind}."
        yield Finding(path, message, on_key=True)
        return
    for index, value in enumerate(allowed):
        if isinstance(value, str) != (kind == "string"):
            shown = f"'{value}'" if isinstance(value, str) else f"{value:.15g}"
            wanted = "a text; put it in quotes" if kind == "string" else "a number"
            at: Path = (*path, index)
            yield Finding(at, f"{show(at)} is {shown}; '{name}' is {kind}, so it must be {wanted}.")


def check_rules(contract: Contract) -> Iterable[Finding]:
    """Check what rules there are."""
    for index, rule in enumerate(contract["rules"]):
        path: Path = ("rules", index)
        if rule["name"] in RESERVED:
            message = f"'{rule['name']}' is what the books call a fault of form; give the rule another name."
            yield Finding((*path, "name"), message)
        kinds = [kind for kind in (*ROW_KINDS, *BATCH_KINDS) if kind in rule]
        if len(kinds) != 1:
            wanted = ", ".join((*ROW_KINDS, *BATCH_KINDS))
            has = f"{len(kinds)}: {', '.join(kinds)}" if kinds else "none"
            yield Finding(path, f"{show(path)} must have one of {wanted}; it has {has}.")
            continue
        yield from _check_about(path, rule, contract)
        if kinds[0] in BATCH_KINDS:
            yield from _check_batch_rule(path, rule, kinds[0])
        yield from _check_share(path, rule)


def _check_batch_rule(path: Path, rule: Contract, kind: str) -> Iterable[Finding]:
    if rule["outcome"] == "quarantine":
        message = f"{kind} judges a batch, of which no row is to blame; the outcome is warn or fail."
        yield Finding((*path, "outcome"), message)
    if "max_share" in rule:
        message = f"{kind} judges a batch, not rows; remove max_share."
        yield Finding((*path, "max_share"), message, on_key=True)
    counts = rule.get("row_count", {})
    if _is_above(counts.get("minimum"), counts.get("maximum")):
        message = "The maximum of row_count is below its minimum; exchange them."
        yield Finding((*path, "row_count", "maximum"), message)


def _check_about(path: Path, rule: Contract, contract: Contract) -> Iterable[Finding]:
    """Columns that a rule names must be there, and be of a type that it can judge."""
    columns = {column["name"]: column["type"] for column in contract["columns"]}
    for index, name in enumerate(rule.get("unique", [])):
        if name not in columns:
            yield _no_column((*path, "unique", index), name, list(columns))
    for name in rule.get("exists_in", {}).get("on", {}):
        if name not in columns:
            finding = _no_column((*path, "exists_in", "on", name), name, list(columns))
            yield Finding(finding.path, finding.message, on_key=True)
    if "freshness" in rule and "event_time" not in contract["identity"]:
        message = "freshness is told by identity.event_time, which the contract lacks; add it."
        yield Finding((*path, "freshness"), message, on_key=True)
    column = rule.get("distribution", {}).get("column")
    if column is not None:
        at: Path = (*path, "distribution", "column")
        if column not in columns:
            yield _no_column(at, column, list(columns))
        elif columns[column] in _TIMES:
            message = f"'{column}' is a {columns[column]}; a distribution is of numbers, texts, or true and false."
            yield Finding(at, message)


def _check_share(path: Path, item: Contract) -> Iterable[Finding]:
    if "max_share" in item and item.get("outcome") == "fail":
        message = "With the outcome fail no row may break it; remove max_share."
        yield Finding((*path, "max_share"), message, on_key=True)


def check_drift(contract: Contract) -> Iterable[Finding]:
    """New columns are known in files that name them."""
    arrival = contract["arrival"]
    declares_fields = arrival.get("access_log", {}).get("layout") == "w3c"
    without_names = (
        arrival["format"] in ("text", "media")
        or (arrival["format"] == "access-log" and not declares_fields)
        or arrival.get("csv", {}).get("header") is False
    )
    if without_names and "new_columns" in contract.get("drift", {}):
        message = "Files of this format bring no columns of their own; remove new_columns."
        yield Finding(("drift", "new_columns"), message, on_key=True)


def _no_column(path: Path, name: str, known: Sequence[str]) -> Finding:
    message = f"{show(path)} names '{name}', which is no column of this dataset; {hint(name, known, 'columns')}"
    return Finding(path, message)
