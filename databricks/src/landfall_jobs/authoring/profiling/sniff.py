"""How a file is written, by its first bytes."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from landfall_jobs import storage
from landfall_jobs.authoring.profiling.fields import Field, fields_of_documents, named, records_path
from landfall_jobs.contracts.check_references import LOG_FIELDS
from landfall_jobs.errors import JobError
from landfall_jobs.formats.access_log import PATTERNS
from landfall_jobs.formats.excel_format import ExcelFormat, sheets
from landfall_jobs.formats.format import Source, UnreadableFile
from landfall_jobs.formats.json_document import JsonDocumentFormat
from landfall_jobs.formats.json_rows import parse_json
from landfall_jobs.formats.opening import Packing
from landfall_jobs.formats.parquet_format import leaves
from landfall_jobs.formats.pattern_lines import GROUP, anchored
from landfall_jobs.formats.w3c_log import DATETIME, DIRECTIVE
from landfall_jobs.formats.xml_document import XmlFormat, repeated_path
from landfall_jobs.media.facts import FACTS, Fact
from landfall_jobs.media.file_type import EXCEL, kind_of, type_of
from landfall_jobs.media.file_type import HEAD_BYTES as TYPE_BYTES
from landfall_jobs.media.inspect_file import inspect_file
from landfall_jobs.transforms.checks import FORMS

HEAD_BYTES = 1 << 20
SAMPLE_LINES = 200
DELIMITERS = ",;\t|"
ENOUGH = 0.8
"""Share of lines that must be of a format for the file to be taken for it."""


@dataclass(frozen=True)
class Guess:
    """What `arrival` would say, the fields found in the file, and why.

    `facts` are fields of which the format says itself what they are, whatever a sample holds.
    """

    format: str
    fields: list[Field]
    options: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)


def sniff(source: Source, wanted: str | None = None, pattern: str | None = None) -> Guess:
    """Tell how a file is written; raise JobError when that cannot be told, or is not what is wanted."""
    found = type_of(_head(source))
    if wanted in (None, "excel") and found == EXCEL:
        return _excel(source)
    if wanted == "media" or (wanted is None and kind_of(found) != "other"):
        return _media(source)
    with Packing().unpack(source) as stream:
        head = stream.read(HEAD_BYTES)
    if not head:
        raise JobError(f"{source.path} is empty: there is nothing to learn from it.")
    if head.startswith(b"PAR1") and wanted in (None, "parquet"):
        return Guess("parquet", named(leaves(source)), reason="it begins with PAR1")
    if head.startswith(b"Obj\x01") and wanted in (None, "avro"):
        return _avro(source)
    encoding, text = _decode(head)
    packed = {} if encoding == "utf-8" else {"encoding": encoding}
    lines = [line.rstrip("\r") for line in text.split("\n", SAMPLE_LINES)[:SAMPLE_LINES] if line.strip()]
    if pattern is not None:
        groups = named((group,) for group in GROUP.findall(pattern))
        return Guess("text", groups, {**packed, "text": {"pattern": pattern}}, "the pattern is given")
    for name, sniffer in _SNIFFERS.items():
        if wanted in (None, name):
            guess = sniffer(source, text, lines, encoding)
            if guess is not None:
                return Guess(guess.format, guess.fields, {**packed, **guess.options}, guess.reason)
    raise JobError(
        f"{source.path} does not look like {wanted or 'any format that is known'}. Lines of free text need --pattern, "
        "a regular expression with a named group for each column."
    )


def _head(source: Source) -> bytes:
    with storage.open_stream(source.uri) as stream:
        return stream.read(TYPE_BYTES)


def _excel(source: Source) -> Guess:
    names = sheets(source)
    title = _first_sheet_with_rows(source, names)
    options = {} if title == names[0] else {"excel": {"sheet": title}}
    fields = named((name,) for name in ExcelFormat((), sheet=title).headings(source) if name)
    others = f"; its other sheets are {', '.join(name for name in names if name != title)}" if len(names) > 1 else ""
    return Guess("excel", fields, options, f"it is a workbook; {title} has its header in the first row{others}")


def _avro(source: Source) -> Guess:
    from landfall_jobs.formats.avro_format import example

    fields, explode = fields_of_documents([example(source)])
    return Guess("avro", fields, {"avro": {"explode": explode}} if explode else {}, "it begins with Obj")


def _first_sheet_with_rows(source: Source, names: list[str]) -> str:
    for name in names:
        try:
            ExcelFormat((), sheet=name).headings(source)
        except UnreadableFile:
            continue
        return name
    raise JobError(f"{source.path} has no sheet with rows.")


def _media(source: Source) -> Guess:
    """Take the facts that this file has, and the thumbnail of an image."""
    found = inspect_file(source, thumbnail_pixels=256, text_characters=20_000)
    if found.fault is not None:
        raise JobError(f"{source.path} can teach nothing: {found.fault}.")
    names = [name for name in FACTS if found.facts.get(name) is not None or (name == "thumbnail" and found.thumbnail)]
    reason = f"it is {found.facts['type']}, one row a file"
    return Guess("media", [Field(name, name) for name in names], {}, reason, {name: FACTS[name] for name in names})


def _decode(head: bytes) -> tuple[str, str]:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", head.decode("utf-16", errors="ignore")
    if head[1:400:2].count(0) > len(head[1:400:2]) * ENOUGH:
        return "utf-16", head.decode("utf-16-le", errors="ignore")
    if b"\0" in head:
        raise JobError("The file is binary, and not of a format that is known; --format media takes any file.")
    try:
        # A character may be cut at the end of the head.
        return "utf-8", (head if len(head) < HEAD_BYTES else head[: head.rfind(b"\n") + 1 or None]).decode("utf-8-sig")
    except UnicodeDecodeError:
        return "windows-1252", head.decode("cp1252", errors="replace")


def _json_lines(source: Source, text: str, lines: list[str], encoding: str) -> Guess | None:
    documents = []
    for line in lines:
        try:
            documents.append(parse_json(line))
        except ValueError:
            documents.append(None)
    objects = [document for document in documents if isinstance(document, dict)]
    if len(objects) < ENOUGH * len(lines) or (len(lines) == 1 and source.path.endswith(".json")):
        return None
    fields, explode = fields_of_documents(objects)
    options = {"json": {"explode": explode}} if explode else {}
    return Guess("jsonl", fields, options, f"{len(objects)} of its first {len(lines)} lines are JSON objects")


def _json(source: Source, text: str, lines: list[str], encoding: str) -> Guess | None:
    if not text.lstrip().startswith(("[", "{")):
        return None
    packing = Packing(encoding=encoding)
    try:
        path = () if text.lstrip().startswith("[") else records_path(packing, source)
        reader = JsonDocumentFormat((), packing, records=path)
        documents = reader.first_documents(source, SAMPLE_LINES)
    except (JobError, ValueError, RecursionError):
        return None
    fields, explode = fields_of_documents(documents)
    options: dict[str, Any] = {}
    if path:
        options["records"] = ".".join(path)
    if explode:
        options["explode"] = explode
    reason = f"it is a JSON document with an array at {'.'.join(path)}" if path else "it is a JSON document"
    return Guess("json", fields, {"json": options} if options else {}, reason)


def _xml(source: Source, text: str, lines: list[str], encoding: str) -> Guess | None:
    if not text.lstrip().startswith("<"):
        return None
    packing = Packing(encoding=encoding)
    try:
        path = repeated_path(packing, source)
        documents = XmlFormat((), packing, records=path).first_documents(source, SAMPLE_LINES) if path else []
    except JobError:
        return None
    fields, explode = fields_of_documents([document for document in documents if isinstance(document, dict)])
    options: dict[str, Any] = {"records": ".".join(path)}
    if explode:
        options["explode"] = explode
    return (
        Guess("xml", fields, {"xml": options}, f"it is XML in which {path[-1]} comes again and again") if path else None
    )


def _access_log(source: Source, text: str, lines: list[str], encoding: str) -> Guess | None:
    directive = next((line for line in lines if line.encode().startswith(DIRECTIVE)), None)
    if directive is not None:
        names = directive.split()[1:]
        extra = [DATETIME] if {"date", "time"} <= set(names) else []
        fields = named((name,) for name in [*extra, *names])
        return Guess("access-log", fields, {"access_log": {"layout": "w3c"}}, "it has a #Fields directive")
    for layout in ("combined", "common"):
        found = pc.extract_regex(pa.array(lines, pa.string()), anchored(PATTERNS[layout]))
        entries = len(lines) - found.null_count
        if lines and entries >= ENOUGH * len(lines):
            known = LOG_FIELDS if layout == "combined" else LOG_FIELDS[:-2]
            fields = named((name,) for name in known if name not in ("request", "target"))
            reason = f"{entries} of its first {len(lines)} lines are entries of the {layout.title()} Log Format"
            return Guess("access-log", fields, {"access_log": {"layout": layout}}, reason)
    return None


def _csv(source: Source, text: str, lines: list[str], encoding: str) -> Guess | None:
    is_called_so = source.path.endswith((".csv", ".csv.gz", ".csv.zst", ".csv.zip"))
    if text.lstrip().startswith(("{", "[", "<")) and not is_called_so:
        return None
    best: tuple[float, int, str, list[list[str]]] = (0.0, 0, "", [])
    for delimiter in DELIMITERS:
        sample = islice(io.StringIO(text, newline=""), SAMPLE_LINES)
        rows = [row for row in csv.reader(sample, delimiter=delimiter) if row]
        if not rows:
            return None
        width, count = Counter(map(len, rows)).most_common(1)[0]
        share = count / len(rows)
        if width > 1 and (share >= ENOUGH, width if share >= ENOUGH else 0) > (best[0] >= ENOUGH, best[1]):
            best = (share, width, delimiter, rows)
    share, width, delimiter, rows = best
    if share < ENOUGH:
        if not is_called_so:
            return None
        width, delimiter, rows = 1, ",", [[line] for line in lines]
    header = _has_header(rows)
    names = rows[0] if header else [f"field {i}" for i in range(1, width + 1)]
    options: dict[str, Any] = {} if delimiter == "," else {"delimiter": delimiter}
    if not header:
        options["header"] = False
    shown = {"\t": "tab"}.get(delimiter, delimiter)
    reason = f"its lines have {width} fields separated by {json.dumps(shown)}"
    fields = named(((name.strip(),) for name in names), numbered=not header)
    return Guess("csv", fields, {"csv": options} if options else {}, reason)


def _has_header(rows: list[list[str]]) -> bool:
    """A header names every column once, by no value, and is not met again."""
    first = [cell.strip() for cell in rows[0]]
    values = [re.compile(FORMS[kind]) for kind in ("double", "date", "timestamp")]
    if not all(first) or len({cell.casefold() for cell in first}) < len(first):
        return False
    if any(form.match(cell) for cell in first for form in values):
        return False
    return not any(first[i] == row[i].strip() for row in rows[1:] for i in range(min(len(first), len(row))))


_SNIFFERS = {"jsonl": _json_lines, "json": _json, "xml": _xml, "access-log": _access_log, "csv": _csv}
