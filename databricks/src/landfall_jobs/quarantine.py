"""Quarantined rows as JSON Lines, each with the exact text of its line and a message that a person understands.

Beside them the same records as a file of the format that they came in, so that they can be corrected and land again.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from landfall_jobs import lineage, storage
from landfall_jobs.contract import Contract
from landfall_jobs.formats.format import Excerpt, Format, Place, Source
from landfall_jobs.rules import ExistsRule, RowRule, UniqueRule
from landfall_jobs.transforms.checks import SEPARATOR
from landfall_jobs.transforms.constraints import ALLOWED, MAXIMUM, MINIMUM, PATTERN, explain_constraint

COUNTS_SCHEMA = "`path` string, `rule` string, `rows` bigint, `example` string"
_COUNTS = pa.schema([("path", pa.string()), ("rule", pa.string()), ("rows", pa.int64()), ("example", pa.string())])
_FILES_AT_ONCE = 16
_BYTES_AT_ONCE = 64 << 20
"""Of landed files whose rejects are held in memory at the same time, unless one alone is larger."""
_ARTICLES = {"int": "an int", "bigint": "a whole number", "double": "a number", "boolean": "true or false"}


@dataclass(frozen=True)
class Quarantine:
    """Where rejected rows go, and all that their messages need."""

    landing: str
    folder: str
    originals: str
    batch: str
    contract_version: str
    contract: Contract
    format: Format
    etags: dict[str, str]
    files_at_once: int = 1

    def uri(self, path: str) -> str:
        """Give the JSON Lines file of a landed file."""
        return storage.join(self.folder, f"{path}.jsonl")

    def original_uri(self, path: str) -> str:
        """Give the file of the refused records of a landed file, in its format."""
        return storage.join(self.originals, path)


class Reject(NamedTuple):
    """A refused row: where it stands, what it breaks, and what stands there."""

    place: Place
    broken: list[str]
    excerpt: Excerpt


def files_at_once(sizes: Iterable[int]) -> int:
    """Tell how many files' rejects may be written at the same time: many small ones, whose storage is waited for."""
    return max(1, min(_FILES_AT_ONCE, _BYTES_AT_ONCE // max(1, *sizes)))


def write_rejects(quarantine: Quarantine, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Write the rejects of each file (one row a file: path, rejects), and give how many there are by rule."""
    with ThreadPoolExecutor(quarantine.files_at_once) as pool:
        for batch in batches:
            found = pool.map(lambda row: _write_file(quarantine, row["path"], row["rejects"]), batch.to_pylist())
            yield pa.RecordBatch.from_pylist([count for counts in found for count in counts], _COUNTS)


def _write_file(quarantine: Quarantine, path: str, rejects: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    counts: dict[str, list[Any]] = {}
    lines = []
    records: dict[int, Excerpt] = {}
    for reject in look_up(quarantine, path, rejects):
        records.setdefault(reject.place.line, reject.excerpt)
        document = describe(quarantine, path, reject)
        count = counts.setdefault(document["rule"], [0, document["message"]])
        count[0] += 1
        lines.append(json.dumps(document, ensure_ascii=False) + "\n")
    storage.write_bytes(quarantine.uri(path), "".join(lines).encode())
    storage.write_bytes(quarantine.original_uri(path), quarantine.format.compose(records.values()))
    return [{"path": path, "rule": rule, "rows": n, "example": example} for rule, (n, example) in counts.items()]


def look_up(quarantine: Quarantine, path: str, rejects: Iterable[Mapping[str, Any]]) -> Iterator[Reject]:
    """Give the rejects of a file in their order, with what stands in it."""
    source = Source(storage.join(quarantine.landing, path), path)
    rules = {rule.name for rule in quarantine.contract.row_rules}
    found = sorted((_place(reject, rules), reject[lineage.BROKEN].split(SEPARATOR)) for reject in rejects)
    excerpts = quarantine.format.excerpts(source, [place for place, _ in found])
    for (place, broken), excerpt in zip(found, excerpts, strict=False):
        yield Reject(place, broken, excerpt)


def describe(quarantine: Quarantine, path: str, reject: Reject) -> dict[str, Any]:
    """Give the document of a reject."""
    place, broken, excerpt = reject
    names = list(dict.fromkeys(fault.partition(":")[0] for fault in broken))
    item = {"item": place.item} if quarantine.format.explodes else {}
    return {
        "dataset": quarantine.contract.dataset,
        "batch": quarantine.batch,
        "file": path,
        "etag": quarantine.etags[path],
        "line": place.line,
        **item,
        "rule": names[0],
        "rules": names,
        "message": excerpt.message or _message(quarantine.contract, broken[0], excerpt),
        "contract_version": quarantine.contract_version,
        "raw": excerpt.raw,
    }


def _place(reject: Mapping[str, Any], rules: set[str]) -> Place:
    fault = reject[lineage.BROKEN].partition(SEPARATOR)[0]
    problem = "" if ":" in fault or fault in rules else fault
    return Place(reject[lineage.LINE], reject[lineage.LINES], reject.get(lineage.ITEM, 1), problem)


def _message(contract: Contract, fault: str, excerpt: Excerpt) -> str:
    kind, _, name = fault.partition(":")
    if not name:
        return _rule_message(contract, fault, excerpt)
    column, value = contract.column(name), excerpt.values.get(name)
    if kind in (MINIMUM, MAXIMUM, ALLOWED, PATTERN):
        return explain_constraint(column, kind, value)
    if kind == "not-null":
        return f"{name}: a value is required"
    if kind == "length":
        return f"{name}: {value!r} is longer than {column.length} characters"
    return f"{name}: {value!r} is not {_ARTICLES.get(column.type, 'a ' + column.type)}"


def _rule_message(contract: Contract, name: str, excerpt: Excerpt) -> str:
    """Give the rule's description and the values of the columns that it is about."""
    rule = next(rule for rule in contract.row_rules if rule.name == name)
    words = _words_of(rule)
    for column in reversed(contract.derived):  # Each is derived of columns above it.
        if column.name in words:
            words |= _words_in(column.expression or "")
    about = [column.name for column in contract.landed if column.name in words]
    values = ", ".join(f"{column} = {excerpt.values.get(column)!r}" for column in about)
    return f"{rule.description}, but here {values}" if values else f"{rule.description}, which is not so here"


def _words_of(rule: RowRule) -> set[str]:
    match rule:
        case UniqueRule():
            return set(rule.columns)
        case ExistsRule():
            return {here for here, _ in rule.on}
    return _words_in(rule.expression)


def _words_in(expression: str) -> set[str]:
    return set(re.findall(r"\w+", expression))
