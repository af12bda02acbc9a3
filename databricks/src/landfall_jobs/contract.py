"""The contract of a dataset (datasets/<name>/dataset.yaml), as the jobs use it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal, cast

from landfall_jobs.errors import JobError
from landfall_jobs.parsing import Document
from landfall_jobs.rules import (
    BatchRule,
    ExistsRule,
    Outcome,
    RowRule,
    Rule,
    UniqueRule,
    parse_outcome,
    parse_rules,
)

SPARK_TYPES = {
    "string": "string",
    "int": "int",
    "bigint": "bigint",
    "double": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}


FORMATS = ("csv", "jsonl", "json", "xml", "parquet", "avro", "excel", "access-log", "text", "media")
LAYOUTS = ("common", "combined", "w3c")
COMPRESSIONS = ("auto", "none", "gzip", "zip", "zstd")
NULL_VALUES = {"csv": ("",), "access-log": ("", "-"), "text": ("",)}
"""Texts that stand for null where the contract says nothing."""
ENCODINGS = ("utf-8", "utf-16", "latin-1", "windows-1252")


@dataclass(frozen=True)
class Arrival:
    """How files land: `null_values` are texts that stand for null, `explode` arrays of which each element is a row.

    `sheet` is the name of a workbook's sheet, None the first; `header_row` the row of its header, None the first that
    is not empty.
    """

    format: str
    compression: str = "auto"
    encoding: str = "utf-8"
    null_values: tuple[str, ...] = ()
    delimiter: str = ","
    header: bool = True
    records: str | None = None
    explode: tuple[str, ...] = ()
    layout: str = "combined"
    pattern: str = ""
    sheet: str | None = None
    header_row: int | None = None
    thumbnail_pixels: int = 256
    text_characters: int = 20_000


@dataclass(frozen=True)
class Constraints:
    """What a column says of its values, and what comes of a row whose value breaks it; no value breaks nothing."""

    minimum: float | str | None = None
    maximum: float | str | None = None
    allowed: tuple[float | str, ...] = ()
    pattern: str | None = None
    outcome: Outcome = "quarantine"
    max_share: float | None = None


@dataclass(frozen=True)
class Column:
    """A business column: it comes from the file, or from an expression over the columns above it.

    `known` says whether its value is there before the event that a model predicts, or only after it. `evolved` is the
    batch whose files brought a column that the contract does not name; it may be absent from a file.
    """

    name: str
    type: str
    nullable: bool
    length: int | None
    source: str
    expression: str | None
    known: Literal["before", "after"]
    constraints: Constraints = Constraints()
    evolved: str | None = None


@dataclass(frozen=True)
class Drift:
    """What becomes of files whose columns are not those of the contract."""

    new_columns: str = "ignore"
    missing_columns: str = "reject"
    changed_types: str = "quarantine"


@dataclass(frozen=True)
class Combination:
    """A left join to a reference dataset: pairs of (column here, column there).

    `as_of` is the column here whose time says which version of the reference's row is meant; None means the current
    one. `history` says whether the reference keeps versions at all, which its own contract tells.
    """

    dataset: str
    on: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    as_of: str | None = None
    history: bool = False


@dataclass(frozen=True)
class Feature:
    """An input of the model."""

    name: str
    expression: str
    categorical: bool


@dataclass(frozen=True)
class ModelSpec:
    """What to predict, from what, and how to judge it."""

    name: str
    target: str
    train_where: str
    features: tuple[Feature, ...]
    split_by: str
    holdout_share: float
    metric: str
    margin: float
    prediction: str


@dataclass(frozen=True)
class Insight:
    """A statement whose rows are served to apps, one document a key."""

    name: str
    key: tuple[str, ...]
    statement: str


@dataclass(frozen=True)
class Contract:
    """All that the jobs need to know about a dataset. Where it has no key, each row is one of its own.

    `event_time` is the column that tells when a row happened, which is when its version of the key begins; None: when
    its file landed. `keeps_history` says whether earlier versions of a key stay in silver (SCD 2).
    """

    dataset: str
    arrival: Arrival
    columns: tuple[Column, ...]
    row_rules: tuple[RowRule, ...]
    batch_rules: tuple[BatchRule, ...]
    drift: Drift
    key: tuple[str, ...]
    combine: tuple[Combination, ...]
    model: ModelSpec | None
    insights: tuple[Insight, ...]
    event_time: str | None = None
    keeps_history: bool = False
    loads_warehouse: bool = False

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that one row alone keeps or breaks."""
        return tuple(rule for rule in self.row_rules if isinstance(rule, Rule))

    @property
    def unique_rules(self) -> tuple[UniqueRule, ...]:
        """The rules by which rows differ from all others."""
        return tuple(rule for rule in self.row_rules if isinstance(rule, UniqueRule))

    @property
    def exists_rules(self) -> tuple[ExistsRule, ...]:
        """The rules by which values exist in another dataset."""
        return tuple(rule for rule in self.row_rules if isinstance(rule, ExistsRule))

    @property
    def evolved(self) -> tuple[Column, ...]:
        """The columns that files brought and the contract does not name."""
        return tuple(column for column in self.columns if column.evolved is not None)

    @property
    def landed(self) -> tuple[Column, ...]:
        """The columns that the file brings."""
        return tuple(column for column in self.columns if column.expression is None)

    @property
    def read(self) -> tuple[Column, ...]:
        """The columns that are read from the file; what one of them cannot hold goes to another of `landed`."""
        remainders = set(self.remainders.values())
        return tuple(column for column in self.landed if column.name not in remainders)

    @property
    def remainders(self) -> dict[str, str]:
        """Columns for what another cannot hold, by the name of that: both came with files, from one source."""
        first: dict[str, str] = {}
        found: dict[str, str] = {}
        for column in self.evolved:
            base = first.setdefault(column.source, column.name)
            if base != column.name:
                found[base] = column.name
        return found

    @property
    def derived(self) -> tuple[Column, ...]:
        """The columns that are computed, in the order in which they may build on each other."""
        return tuple(column for column in self.columns if column.expression is not None)

    @property
    def names(self) -> list[str]:
        """Names of the business columns, in order."""
        return [column.name for column in self.columns]

    def combined_with(self, histories: Collection[str]) -> "Contract":
        """Give the contract with what only others tell of its joins: which references keep history."""
        combine = tuple(replace(item, history=item.dataset in histories) for item in self.combine)
        return replace(self, combine=combine)

    @property
    def types(self) -> dict[str, str]:
        """Types of the business columns by name, in order."""
        return {column.name: column.type for column in self.columns}

    def column(self, name: str) -> Column:
        """Give the column of that name."""
        return next(column for column in self.columns if column.name == name)


def parse_contract(document: Document) -> Contract:
    """Read a contract; raise JobError for what the jobs cannot work with."""
    columns = tuple(_column(item) for item in document.documents("columns"))
    identity = document.document("identity")
    on_later_version = identity.choice("on_later_version", ("upsert", "append", "history"))
    appends = on_later_version == "append"
    key = () if appends else identity.texts("key")
    unknown = [name for name in key if name not in {column.name for column in columns}]
    if unknown or not (key or appends):
        raise JobError(f"{document.path}.identity.key names {', '.join(unknown) or 'nothing'}: no such column.")
    event_time = identity.optional("event_time", str)
    if event_time is not None and event_time not in {column.name for column in columns}:
        raise JobError(f"{document.path}.identity.event_time names {event_time}: no such column.")
    row_rules, batch_rules = parse_rules(document.documents("rules"))
    return Contract(
        dataset=document.get("dataset", str),
        arrival=_arrival(document.document("arrival")),
        columns=columns,
        row_rules=row_rules,
        batch_rules=batch_rules,
        drift=_drift(document.part("drift")),
        key=key,
        combine=tuple(_combination(item) for item in document.documents("combine")),
        model=_model(document.document("model")) if document.optional("model", dict) else None,
        insights=tuple(_insight(item) for item in document.documents("insights")),
        event_time=event_time,
        keeps_history=on_later_version == "history",
        loads_warehouse=document.optional("warehouse", dict) is not None,
    )


def _arrival(item: Document) -> Arrival:
    csv, json, xml, avro, log = (item.part(name) for name in ("csv", "json", "xml", "avro", "access_log"))
    text, excel, media = (item.part(name) for name in ("text", "excel", "media"))
    kind = item.choice("format", FORMATS)
    header = csv.optional("header", bool)
    return Arrival(
        format=kind,
        compression=item.choice("compression", COMPRESSIONS, "auto"),
        encoding=item.choice("encoding", ENCODINGS, "utf-8"),
        null_values=item.texts("null_values", default=NULL_VALUES.get(kind, ())),
        delimiter=csv.optional("delimiter", str) or ",",
        header=True if header is None else header,
        records=json.optional("records", str) or xml.optional("records", str),
        explode=next((found for part in (json, xml, avro) if (found := part.texts("explode", default=()))), ()),
        layout=log.choice("layout", LAYOUTS, "combined"),
        pattern=text.get("pattern", str) if kind == "text" else "",
        sheet=excel.optional("sheet", str),
        header_row=excel.optional("header_row", int),
        thumbnail_pixels=media.optional("thumbnail_pixels", int) or Arrival.thumbnail_pixels,
        text_characters=media.optional("text_characters", int) or Arrival.text_characters,
    )


def _column(item: Document) -> Column:
    name, kind = item.get("name", str), item.choice("type", tuple(SPARK_TYPES))
    known = item.choice("known", ("before", "after"), "before")
    nullable = item.optional("nullable", bool)
    return Column(
        name=name,
        type=kind,
        nullable=True if nullable is None else nullable,
        length=item.optional("length", int),
        source=item.optional("source", str) or name,
        expression=item.optional("expression", str),
        known=cast(Literal["before", "after"], known),
        constraints=_constraints(item),
        evolved=item.optional("evolved", str),
    )


def _constraints(item: Document) -> Constraints:
    return Constraints(
        minimum=_bound(item, "minimum"),
        maximum=_bound(item, "maximum"),
        allowed=tuple(item.optional("allowed", list) or ()),
        pattern=item.optional("pattern", str),
        outcome=parse_outcome(item, "quarantine"),
        max_share=item.optional("max_share", float),
    )


def _bound(item: Document, name: str) -> float | str | None:
    found = item.value.get(name)
    if found is None or (isinstance(found, int | float | str) and not isinstance(found, bool)):
        return found
    raise JobError(f"{item.path}.{name} must be a number or a text.")


def _drift(item: Document) -> Drift:
    return Drift(
        new_columns=item.choice("new_columns", ("ignore", "evolve", "reject"), Drift.new_columns),
        missing_columns=item.choice("missing_columns", ("reject", "ignore"), Drift.missing_columns),
        changed_types=item.choice("changed_types", ("quarantine", "reject"), Drift.changed_types),
    )


def _combination(item: Document) -> Combination:
    return Combination(
        dataset=item.get("dataset", str),
        on=item.pairs("on"),
        columns=item.pairs("columns"),
        as_of=item.optional("as_of", str),
    )


def _model(item: Document) -> ModelSpec:
    split = item.document("split")
    return ModelSpec(
        name=item.get("name", str),
        target=item.get("target", str),
        train_where=item.optional("train_where", str) or "true",
        features=tuple(_feature(feature) for feature in item.documents("features")),
        split_by=split.get("by", str),
        holdout_share=split.get("holdout_share", float),
        metric=item.get("metric", str),
        margin=item.get("promote_when_better_by", float),
        prediction=item.get("prediction", str),
    )


def _feature(item: Document) -> Feature:
    name = item.get("name", str)
    return Feature(
        name=name,
        expression=item.optional("expression", str) or f"`{name}`",
        categorical=item.optional("kind", str) == "categorical",
    )


def _insight(item: Document) -> Insight:
    return Insight(name=item.get("name", str), key=item.texts("key"), statement=item.get("statement", str))
