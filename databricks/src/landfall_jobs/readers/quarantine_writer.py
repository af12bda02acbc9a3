"""Quarantined rows as JSON Lines, each with the exact text of its line and a message that a person understands."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import pyarrow as pa

from landfall_jobs import lineage, storage
from landfall_jobs.contract import Contract
from landfall_jobs.readers.csv_reader import ENCODING, FIELDS, CsvFormat, Header, read_header
from landfall_jobs.transforms.checks import SEPARATOR

COUNTS_SCHEMA = "`path` string, `rule` string, `rows` bigint, `example` string"
_ARTICLES = {"int": "an int", "bigint": "a whole number", "double": "a number", "boolean": "true or false"}


@dataclass(frozen=True)
class Quarantine:
    """Where rejected rows go, and all that their messages need."""

    landing: str
    folder: str
    batch: str
    contract_version: str
    contract: Contract
    format: CsvFormat
    etags: dict[str, str]

    def uri(self, path: str) -> str:
        """Give the JSON Lines file of a landed file."""
        return storage.join(self.folder, f"{path}.jsonl")


def write_rejects(quarantine: Quarantine, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Write the rejects of each file (one row a file: path, rejects), and give how many there are by rule."""
    for batch in batches:
        for row in batch.to_pylist():
            counts: dict[str, list[Any]] = {}
            lines = []
            for document in describe(quarantine, row["path"], sorted(row["rejects"], key=itemgetter(lineage.LINE))):
                count = counts.setdefault(document["rule"], [0, document["message"]])
                count[0] += 1
                lines.append(json.dumps(document, ensure_ascii=False) + "\n")
            storage.write_bytes(quarantine.uri(row["path"]), "".join(lines).encode())
            yield _counted(row["path"], counts)


def _counted(path: str, counts: dict[str, list[Any]]) -> pa.RecordBatch:
    fields = [("path", pa.string()), ("rule", pa.string()), ("rows", pa.int64()), ("example", pa.string())]
    rows = [{"path": path, "rule": rule, "rows": n, "example": example} for rule, (n, example) in counts.items()]
    return pa.RecordBatch.from_pylist(rows, pa.schema(fields))


def describe(quarantine: Quarantine, path: str, rejects: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give the document of each reject."""
    content = storage.read_bytes(storage.join(quarantine.landing, path)).split(b"\n")
    header = read_header(quarantine.format, content[0], path)
    for reject in rejects:
        first = reject[lineage.LINE] - 1
        raw = b"\n".join(content[first : first + reject[lineage.LINES]]).removesuffix(b"\r")
        text = raw.decode("utf-8", errors="backslashreplace")
        broken = reject[lineage.BROKEN].split(SEPARATOR)
        rules = list(dict.fromkeys(fault.partition(":")[0] for fault in broken))
        yield {
            "dataset": quarantine.contract.dataset,
            "batch": quarantine.batch,
            "file": path,
            "etag": quarantine.etags[path],
            "line": reject[lineage.LINE],
            "rule": rules[0],
            "rules": rules,
            "message": _message(quarantine, header, broken[0], text),
            "contract_version": quarantine.contract_version,
            "raw": text,
        }


def _message(quarantine: Quarantine, header: Header, fault: str, raw: str) -> str:
    fields = next(csv.reader(raw.split("\n"), delimiter=quarantine.format.delimiter), [])
    if fault == FIELDS:
        return f"the line has {_number(len(fields), 'field')}, the header {header.width}"
    if fault == ENCODING:
        return "the line is not UTF-8 text"
    kind, _, name = fault.partition(":")
    if not name:
        return _rule_message(quarantine, header, fault, fields)
    value = _value(quarantine, header, name, fields)
    column = quarantine.contract.column(name)
    if kind == "not-null":
        return f"{name}: a value is required"
    if kind == "length":
        return f"{name}: {value!r} is longer than {column.length} characters"
    return f"{name}: {value!r} is not {_ARTICLES.get(column.type, 'a ' + column.type)}"


def _rule_message(quarantine: Quarantine, header: Header, name: str, fields: list[str]) -> str:
    """Give the rule's description and the values of the columns that it is about."""
    rule = next(rule for rule in quarantine.contract.rules if rule.name == name)
    words = set(re.findall(r"\w+", rule.expression))
    about = [column.name for column in quarantine.contract.landed if column.name in words]
    values = ", ".join(f"{column} = {_value(quarantine, header, column, fields)!r}" for column in about)
    return f"{rule.description}, but here {values}" if values else f"{rule.description}, which is not so here"


def _value(quarantine: Quarantine, header: Header, name: str, fields: list[str]) -> str | None:
    names = [column for column, _ in quarantine.format.columns]
    if name not in names:
        return None
    position = header.positions[names.index(name)]
    return fields[position] if position < len(fields) else None


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
