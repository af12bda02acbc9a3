"""A contract as YAML, with the evidence for each line beside it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from landfall_jobs.authoring.profiling.columns import ColumnProfile
from landfall_jobs.authoring.profiling.keys import Key
from landfall_jobs.authoring.profiling.rules import Candidate, Constraint, constraint_of, number, printable
from landfall_jobs.authoring.profiling.sniff import Guess
from landfall_jobs.authoring.terminal import count
from landfall_jobs.contract import NULL_VALUES
from landfall_jobs.media.facts import Fact

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ ./()*<>=+-]*[A-Za-z0-9_)]|[A-Za-z_]")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off"}
ROOMY = (8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4000)
"""Lengths to choose from: texts to come may be longer than those of a sample."""
LOGS = ("access-log", "text")
EXAMPLES = 3
LONGEST_EXAMPLE = 24


@dataclass(frozen=True)
class Draft:
    """All that was learnt of a file."""

    dataset: str
    file: str
    path: str
    guess: Guess
    nulls: list[str]
    columns: list[ColumnProfile]
    key: Key
    rules: list[Candidate]
    rows: int
    whole: bool
    refused: int

    @cached_property
    def constraints(self) -> dict[str, Constraint]:
        """What columns may say of their values, by column."""
        learnt = (column for column in self.columns if column.field.name not in self.guess.facts)
        found = {c.field.name: constraint_of(c, c.field.name in self.key.names) for c in learnt if c.nulls < c.rows}
        return {name: constraint for name, constraint in found.items() if constraint is not None}

    @property
    def appends(self) -> bool:
        """Whether rows have no key."""
        return self.guess.format in LOGS or self.key.clashing > 0


def render(draft: Draft) -> str:
    """Give the text of the contract."""
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    sample = f"{count(draft.rows, 'row')} of {printable(draft.file)}{'' if draft.whole else ', the first of it'}"
    yield "# yaml-language-server: $schema=../dataset.schema.json"
    yield f"# Drafted from {sample}. What stands beside a line is why it is there: judge it, and take it away."
    yield f"dataset: {draft.dataset}"
    title = draft.dataset.replace("-", " ").capitalize()
    yield f"description: {scalar(f'{title}, as they land.')}"
    yield ""
    yield "arrival:"
    yield f"  path: {scalar(draft.path)}"
    yield f"  format: {draft.guess.format}  # {printable(draft.guess.reason)}"
    for name, value in draft.guess.options.items():
        yield f"  {name}: {flow(value)}"
    if draft.nulls != list(NULL_VALUES.get(draft.guess.format, ())):
        yield f"  null_values: {flow(draft.nulls)}  # they stand where all others of a column are of its type"
    if draft.refused:
        yield f"  # Of the sample {draft.refused:,} could not be read as records: `try` shows them."
    yield ""
    if draft.constraints:
        yield "# What columns say of their values holds for all of the sample, and only warns. Where it must hold"
        yield "# take the outcome away, or make it `fail`."
    yield "columns:"
    for column in draft.columns:
        constraint = draft.constraints.get(column.field.name)
        told = evidence(column) if constraint is None else _both(constraint, column)
        yield f"  - {_column(column, draft.guess.facts.get(column.field.name), constraint)}  # {told}"
    yield ""
    yield from _rules(draft.rules)
    yield ""
    yield "quality:"
    yield "  max_quarantined_share: 0.05  # a batch with more bad rows than this fails"
    yield ""
    yield "identity:"
    if not draft.appends:
        yield f"  key: [{', '.join(draft.key.names)}]  # {_of_key(draft)}"
    # A fact such as the time of a photograph is there or not, file by file.
    times = (c for c in draft.columns if c.type == "timestamp" and c.field.name not in draft.guess.facts)
    time = next((c for c in times if not c.nulls and c.bounds), None)
    if time is not None and time.bounds is not None:
        yield f"  event_time: {time.field.name}  # {time.bounds[0]} to {time.bounds[1]}"
    if draft.appends:
        yield f"  on_later_version: append  # all rows count: {_why_no_key(draft)}"
    else:
        yield "  on_later_version: upsert"


def _both(constraint: Constraint, column: ColumnProfile) -> str:
    return f"{constraint.evidence}; {evidence(column)}" if constraint.evidence else evidence(column)


def _column(column: ColumnProfile, fact: Fact | None, constraint: Constraint | None) -> str:
    name, source = column.field
    parts = [f"name: {name}", f"type: {column.type}"]
    if column.type == "string" and fact is None:
        parts.append(f"length: {next(length for length in ROOMY if length >= min(2 * column.longest, ROOMY[-1]))}")
    if not column.nulls if fact is None else fact.required:
        parts.append("nullable: false")
    if source != name:
        parts.append(f"source: {scalar(source)}")
    if constraint is not None:
        parts += [f"{limit}: {flow(value)}" for limit, value in constraint.limits.items()]
        parts.append("outcome: warn")
    words = name.replace("_", " ").capitalize() if fact is None else fact.description
    return f"{{ {', '.join(parts)}, description: {scalar(words)} }}"


def evidence(column: ColumnProfile) -> str:
    """Say what a column holds."""
    if column.rows == 1:
        return f"here {_example(column.texts[0].as_py() or 'nothing')}"
    if column.nulls == column.rows:
        return "always empty"
    parts = [f"{column.distinct:,} different"]
    if column.nulls:
        parts.append(f"{column.nulls:,} empty ({column.nulls / column.rows:.1%})")
    if column.bounds:
        parts.append(f"{number(column.bounds[0])} to {number(column.bounds[1])}")
    else:
        examples = (text for text, _ in column.most_common(EXAMPLES))
        parts.append(f"up to {column.longest} characters, such as {', '.join(map(_example, examples))}")
    if column.misfits:
        parts.append(f"{column.misfits:,} are no {column.type}, such as {_example(column.misfit or '')}")
    return "; ".join(parts)


def _example(text: str) -> str:
    shown = " ".join(text.split())
    return repr(shown if len(shown) <= LONGEST_EXAMPLE else shown[:LONGEST_EXAMPLE] + "…")


def _rules(rules: list[Candidate]) -> Iterator[str]:
    if not rules:
        yield "rules: []"
        return
    yield "# The sample keeps all of these. They only warn: make those that must hold `quarantine` or `fail`."
    yield "rules:"
    for rule in rules:
        yield f"  - name: {rule.name}"
        yield f"    expression: {scalar(rule.expression)}  # {rule.evidence}"
        yield "    outcome: warn"
        yield f"    description: {scalar(rule.description)}"


def _of_key(draft: Draft) -> str:
    if draft.guess.format == "media":
        return "a file is one row"
    repeated = f"; {draft.key.repeated:,} rows repeat another" if draft.key.repeated else ""
    return f"tells all {draft.rows - draft.key.repeated:,} rows apart{repeated}"


def _why_no_key(draft: Draft) -> str:
    if draft.guess.format in LOGS:
        return "an entry of a log has no key"
    likeliest = ", ".join(draft.key.names)
    return f"no key was found; {likeliest} comes nearest, but {draft.key.clashing:,} rows have that of another"


def flow(value: Any) -> str:  # noqa: ANN401
    """Give a value in a line of YAML."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name}: {flow(inner)}' for name, inner in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return scalar(value) if isinstance(value, str) else json.dumps(value)


def scalar(text: str) -> str:
    """Give a text as YAML: bare where that can mean nothing else, in single quotes where it holds double ones."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS and ": " not in text:
        return text
    if not text.isprintable():
        return json.dumps(text)
    if "\\" in text or '"' in text:
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text, ensure_ascii=False)
