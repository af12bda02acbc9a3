"""What JSON Schema cannot say: names must refer to what is there, and be there once."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from landfall_jobs.contracts.check_rules import check_constraints, check_drift, check_rules
from landfall_jobs.contracts.finding import Finding, Path, hint, show
from landfall_jobs.media.facts import FACTS

Contract = dict[str, Any]

TEXTS = ("csv", "jsonl", "json", "xml", "access-log", "text")
BLOCKS: dict[str, tuple[str, ...]] = {
    "compression": TEXTS,
    "encoding": TEXTS,
    "csv": ("csv",),
    "json": ("jsonl", "json"),
    "xml": ("xml",),
    "avro": ("avro",),
    "access_log": ("access-log",),
    "text": ("text",),
    "excel": ("excel",),
    "media": ("media",),
}
"""Which keys of `arrival` belong to which formats."""
LOG_FIELDS = (
    *("host", "ident", "user", "time", "request", "method", "target", "path", "query", "protocol"),
    *("status", "bytes", "referer", "user_agent"),
)
"""What an entry of a log in the Common or the Combined Log Format has."""

VERDICT = "verdict"
VALIDITY = {"valid_from": "timestamp", "valid_to": "timestamp", "is_current": "boolean"}
"""What every version of a row has in a dataset with history."""


def check_references(contract: Contract) -> list[Finding]:
    """Check a contract that keeps to the schema."""
    return [
        *_check_blocks(contract["arrival"]),
        *_check_set(contract["arrival"].get("set")),
        *_check_sources(contract["arrival"], contract["columns"]),
        *_check_columns(contract["columns"]),
        *_check_identity(contract),
        *_check_combine(contract),
        *_check_model(contract),
        *_check_warehouse(contract),
        *_twice(("rules",), contract["rules"], "rule"),
        *check_constraints(contract["columns"]),
        *check_rules(contract),
        *check_drift(contract),
        *_twice(("insights",), contract.get("insights", []), "insight"),
    ]


def _check_blocks(arrival: Contract) -> Iterable[Finding]:
    for block, formats in BLOCKS.items():
        if block in arrival and arrival["format"] not in formats:
            yield Finding(
                ("arrival", block),
                f"arrival.{block} is for the format {' or '.join(formats)}; the format here is {arrival['format']}. "
                "Remove it, or correct the format.",
                on_key=True,
            )
    if arrival["format"] == "text" and "text" not in arrival:
        yield Finding(("arrival",), "arrival lacks 'text'; the format text needs its pattern.")
    if arrival["format"] == "xml" and "xml" not in arrival:
        yield Finding(("arrival",), "arrival lacks 'xml'; the format xml needs the path of its records.")
    if arrival["format"] == "jsonl" and "records" in arrival.get("json", {}):
        message = "arrival.json.records is for the format json; in jsonl each line is a record."
        yield Finding(("arrival", "json", "records"), message, on_key=True)


def _check_set(files: Contract | None) -> Iterable[Finding]:
    """Check what tells when a set is complete, and what names it."""
    if files is None:
        return
    path: Path = ("arrival", "set")
    if "count" not in files and "manifest" not in files:
        yield Finding(path, "arrival.set lacks 'count' or 'manifest'; one says when it is complete.")
    if "count" in files and "manifest" in files:
        message = "arrival.set.count is for sets without a manifest, which says itself what is in them; remove one."
        yield Finding((*path, "count"), message, on_key=True)
    if not re.search(r"(^|[^\\])\((?!\?)", files["by"]):
        message = "arrival.set.by has no group; what a group matches in the path names the set."
        yield Finding((*path, "by"), message)
    elif not _compiles(files["by"]):
        yield Finding((*path, "by"), f"'{files['by']}' is no regular expression.")
    if not re.search(r"[1-9]", files["deadline"]):
        yield Finding((*path, "deadline"), "arrival.set.deadline must be longer than nothing.")


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _check_sources(arrival: Contract, columns: list[Contract]) -> Iterable[Finding]:
    """Columns of lines that are taken apart must be parts of them, those of files what is told of one."""
    parts = _parts(arrival)
    if parts is None:
        return
    what = _PARTS[arrival["format"]]
    for index, column in enumerate(columns):
        source = str(column.get("source", column["name"]))
        if "expression" not in column and source not in parts:
            path = ("columns", index, "name" if source == column["name"] else "source")
            yield Finding(path, f"'{source}' is {what}; {hint(source, parts, 'names')}")


_PARTS = {
    "text": "no named group of the pattern",
    "access-log": "no field of such a log",
    "media": "nothing that is told of a file",
}


def _parts(arrival: Contract) -> Sequence[str] | None:
    layout = arrival.get("access_log", {}).get("layout", "combined")
    if arrival["format"] == "access-log" and layout != "w3c":
        return LOG_FIELDS[:-2] if layout == "common" else LOG_FIELDS
    if arrival["format"] == "media":
        return tuple(FACTS)
    if arrival["format"] != "text" or "text" not in arrival:
        return None
    return re.findall(r"\(\?P?<([A-Za-z_]\w*)>", arrival["text"]["pattern"])


def _check_columns(columns: list[Contract]) -> Iterable[Finding]:
    yield from _twice(("columns",), columns, "column")
    sources: dict[str, str] = {}
    for index, column in enumerate(columns):
        name, source = column["name"], column.get("source")
        if name == VERDICT:
            message = f"Cleansing has a column '{VERDICT}' of its own; give this one another name."
            yield Finding(("columns", index, "name"), message)
        if "length" in column and column["type"] != "string":
            message = f"length is for columns of type string; '{name}' is {column['type']}."
            yield Finding(("columns", index, "length"), message, on_key=True)
        if source is None:
            continue
        if "expression" in column:
            message = f"'{name}' is computed by its expression; it has no source in the file."
            yield Finding(("columns", index, "source"), message, on_key=True)
        if source in sources:
            taken = f"'{sources[source]}' takes '{source}' of the file already"
            message = f"{taken}; use an expression for a second column of it."
            yield Finding(("columns", index, "source"), message)
        sources[source] = name


def _check_identity(contract: Contract) -> Iterable[Finding]:
    identity, columns = contract["identity"], {column["name"]: column for column in contract["columns"]}
    appends = identity["on_later_version"] == "append"
    if "key" not in identity and not appends:
        yield Finding(("identity",), "identity lacks 'key'; add it, or append.")
    if "key" in identity and appends:
        message = "Rows that are appended have no key; remove it, or upsert."
        yield Finding(("identity", "key"), message, on_key=True)
    for index, name in enumerate(identity.get("key", [])):
        path: Path = ("identity", "key", index)
        if name not in columns:
            yield _no_column(path, name, list(columns))
        elif columns[name].get("nullable") is not False:
            yield Finding(path, f"Key column '{name}' must be declared with nullable: false.")
    history = identity["on_later_version"] == "history"
    for index, name in enumerate(column["name"] for column in contract["columns"]):
        if history and name in VALIDITY:
            message = f"A dataset with history has a column '{name}' of its own; give this one another name."
            yield Finding(("columns", index, "name"), message)
    for index, rule in enumerate(contract["rules"]):
        if history and "unique" in rule:
            message = "unique compares all rows, and a dataset with history has several versions of one; remove it."
            yield Finding(("rules", index, "unique"), message, on_key=True)
    event_time = identity.get("event_time")
    if event_time is None:
        return
    path = ("identity", "event_time")
    if event_time not in columns:
        yield _no_column(path, event_time, list(columns))
    elif columns[event_time]["type"] not in ("timestamp", "date"):
        kind = columns[event_time]["type"]
        yield Finding(path, f"'{event_time}' is {kind}; an event time is a timestamp or a date.")
    elif history and columns[event_time].get("nullable") is not False:
        message = f"Event time '{event_time}' must be declared with nullable: false: it is when a version begins."
        yield Finding(path, message)


def _check_combine(contract: Contract) -> Iterable[Finding]:
    own = _names(contract["columns"])
    taken = set(own)
    for index, joined in enumerate(contract.get("combine", [])):
        for name in joined["on"]:
            if name not in own:
                path = ("combine", index, "on", name)
                yield Finding(path, _no_column(path, name, own).message, on_key=True)
        if "as_of" in joined:
            yield from _check_as_of(contract["columns"], joined["as_of"], ("combine", index, "as_of"))
        for name in joined["columns"]:
            if name in taken:
                message = f"There is a column '{name}' already; give this one another name."
                yield Finding(("combine", index, "columns", name), message, on_key=True)
            taken.add(name)


def _check_as_of(columns: list[Contract], name: str, path: Path) -> Iterable[Finding]:
    kinds = {column["name"]: column["type"] for column in columns}
    if name not in kinds:
        yield _no_column(path, name, list(kinds))
    elif kinds[name] not in ("timestamp", "date"):
        yield Finding(path, f"'{name}' is {kinds[name]}; a version holds as of a timestamp or a date.")


def _check_model(contract: Contract) -> Iterable[Finding]:
    model = contract.get("model")
    if model is None:
        return
    own = _names(contract["columns"])
    known = [*own, *(name for joined in contract.get("combine", []) for name in joined["columns"])]
    for index, feature in enumerate(model["features"]):
        if "expression" not in feature and feature["name"] not in known:
            yield _no_column(("model", "features", index, "name"), feature["name"], known)
    if model["split"]["by"] not in own:
        yield _no_column(("model", "split", "by"), model["split"]["by"], own)
    if model["prediction"] in known:
        message = f"There is a column '{model['prediction']}' already; give the prediction another name."
        yield Finding(("model", "prediction"), message)
    yield from _twice(("model", "features"), model["features"], "feature")


def _check_warehouse(contract: Contract) -> Iterable[Finding]:
    warehouse, model = contract.get("warehouse"), contract.get("model")
    if warehouse is None:
        return
    known = [*_names(contract["columns"]), *([model["prediction"]] if model else [])]
    for index, name in enumerate(warehouse["columns"]):
        if name not in known:
            yield _no_column(("warehouse", "columns", index), name, known)
    for name in contract["identity"].get("key", []):
        if name not in warehouse["columns"]:
            message = f"Add the key column '{name}': rows are replaced by their key."
            yield Finding(("warehouse", "columns"), message)
    distribution = warehouse["distribution"]
    if isinstance(distribution, dict) and distribution["hash"] not in warehouse["columns"]:
        path = ("warehouse", "distribution", "hash")
        yield _no_column(path, distribution["hash"], warehouse["columns"], "the warehouse table")


def _twice(path: Path, items: list[Contract], kind: str) -> Iterable[Finding]:
    """Give the names that stand in a list more than once."""
    seen: set[str] = set()
    for index, item in enumerate(items):
        if item["name"] in seen:
            message = f"The {kind} '{item['name']}' is declared twice; rename or remove one."
            yield Finding((*path, index, "name"), message)
        seen.add(item["name"])


def _no_column(path: Path, name: str, known: Sequence[str], of: str = "this dataset") -> Finding:
    return Finding(path, f"{show(path)} names '{name}', which is no column of {of}; {hint(name, known, 'columns')}")


def _names(columns: list[Contract]) -> list[str]:
    return [column["name"] for column in columns]
