"""What one run is about: the document at --context-uri, parsed once at the edge."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast

from landfall_jobs import storage
from landfall_jobs.contract import SPARK_TYPES, Contract, parse_contract
from landfall_jobs.drift import REJECTED, Drifted
from landfall_jobs.errors import JobError
from landfall_jobs.parsing import Document

STEPS = ("cleanse", "train", "score", "rescore", "insights")
MODES = ("first", "challenge", "rollback")


@dataclass(frozen=True)
class LandedFile:
    """A file of the batch; `sequencer` orders the versions of a path, `landed_at` the files of different paths.

    `size` in bytes is 0 where nobody said.
    """

    path: str
    etag: str
    sequencer: str
    landed_at: str
    size: int = 0
    deleted: bool = False
    """It was deleted from landing, and what it brought goes with it."""


@dataclass(frozen=True)
class Published:
    """The version of a Delta table that is served; None: none ever was."""

    version: int | None


@dataclass(frozen=True)
class Reference:
    """A dataset that is joined to: its silver table and the version to read, its columns with their contract types.

    A context that does not say which version means the newest. `keeps_history`: it has every version of a row.
    """

    silver: str
    published: Published | None
    columns: tuple[tuple[str, str], ...]
    keeps_history: bool = False


@dataclass(frozen=True)
class ModelChoice:
    """Whether a model scores; `skip` says to go on without one."""

    skip: bool


@dataclass(frozen=True)
class Training:
    """What `train` is to do: give a dataset its first champion, challenge the one there is, or go back to the last.

    `force` challenges although neither rows nor definition have changed since the last time.
    """

    mode: Literal["first", "challenge", "rollback"]
    force: bool = False


@dataclass(frozen=True)
class Context:
    """One run of one step over one batch of one dataset.

    `retracted_files` were deleted from landing: what they brought goes too.
    `replaced_files` were overwritten before the batch began, `changed_files` since: neither can be read any more.
    `rejected_files` can, but are not what the contract expects; beside each stands why.
    `history` are earlier published batches, the newest first, where rules compare with them.
    `drifted` is what cleanse has found so far; the contract includes the columns that files brought.
    `published_silver` is None where the context does not say which version is served. `publishes` is false where the
    batch brings nothing that readers see: what it changes belongs to the version that is served.
    """

    step: str
    run_id: str
    attempt: int
    dataset: str
    contract: Contract
    contract_version: str
    batch: str
    files: tuple[LandedFile, ...]
    retracted_files: tuple[LandedFile, ...]
    replaced_files: tuple[LandedFile, ...]
    changed_files: tuple[LandedFile, ...]
    rejected_files: tuple[tuple[LandedFile, str], ...]
    published_silver: Published | None
    publishes: bool
    landing: str
    lake: str
    quarantine: str
    references: dict[str, Reference]
    model: ModelChoice
    training: Training
    result_uri: str
    traceparent: str | None = None
    history: tuple[str, ...] = ()
    drifted: tuple[Drifted, ...] = ()

    def bronze(self) -> str:
        """Delta table of the rows as they landed."""
        return storage.join(self.lake, "bronze", self.dataset)

    def silver(self) -> str:
        """Delta table of the good rows."""
        return storage.join(self.lake, "silver", self.dataset)

    def reserve(self) -> str:
        """Delta table of the good rows that lost to others, and come back when those go."""
        return storage.join(self.lake, "reserve", self.dataset)

    def gold(self, insight: str) -> str:
        """Delta table of an insight."""
        return storage.join(self.lake, "gold", self.dataset, insight)

    def staging(self, name: str) -> str:
        """Parquet folder of this batch."""
        return storage.join(self.lake, "staging", self.dataset, self.batch, name)

    def cleansed(self) -> str:
        """Parquet folder of this batch's rows that go on to silver."""
        return storage.join(self.staging("cleansed"), "verdict=loaded")

    def published(self, insight: str) -> str:
        """JSON Lines file of an insight as of this batch."""
        return storage.join(self.lake, "published", self.dataset, self.batch, f"{insight}.jsonl")

    def quarantined(self) -> str:
        """Folder of this batch's quarantined rows, one JSON Lines file for each landed file."""
        return storage.join(self.quarantine, self.dataset, self.batch)

    def originals(self) -> str:
        """Folder of the same rows in the format of their files, to be corrected; no dataset has such a name."""
        return storage.join(self.quarantine, "_originals", self.dataset, self.batch)

    def models(self) -> str:
        """Folder of the dataset's models."""
        return storage.join(self.lake, "models", self.dataset)

    def without(self, paths: Collection[str]) -> "Context":
        """Give the context with these files among those that have changed."""
        left = tuple(file for file in self.files if file.path not in paths)
        gone = tuple(file for file in self.files if file.path in paths)
        return replace(self, files=left, changed_files=self.changed_files + gone)

    def rejecting(self, reasons: Mapping[str, str]) -> "Context":
        """Give the context with the files for which there is a reason among those that are rejected."""
        left = tuple(file for file in self.files if file.path not in reasons)
        rejected = tuple((file, reasons[file.path]) for file in self.files if file.path in reasons)
        return replace(self, files=left, rejected_files=self.rejected_files + rejected)

    def drifting(self, contract: Contract, drifted: tuple[Drifted, ...]) -> "Context":
        """Give the context with a contract that has taken in what files brought, and with what is told of it."""
        return replace(self, contract=contract, drifted=self.drifted + drifted)

    def starting_over(self, contract: Contract) -> "Context":
        """Give the context with a contract that has taken nothing in; that files were rejected is told all the same."""
        return replace(self, contract=contract, drifted=tuple(d for d in self.drifted if d.action == REJECTED))

    @property
    def paths(self) -> list[str]:
        """Paths of which the batch replaces or takes away what they brought before."""
        return [file.path for file in (*self.files, *self.retracted_files)]


def read_context(uri: str) -> Context:
    """Read and parse the context of a run; raise JobError when it is missing or wrong."""
    try:
        text = storage.read_bytes(uri)
    except FileNotFoundError:
        raise JobError(f"There is no context at {uri}. The orchestration writes it before it starts the run.") from None
    try:
        return parse_context(json.loads(text))
    except ValueError as error:
        raise JobError(f"The context at {uri} is not JSON: {error}") from error


def parse_context(value: object) -> Context:
    """Turn the document into a Context; raise JobError that names the field at fault."""
    document = Document(value, "context")
    if document.get("version", int) != 1:
        raise JobError(f"context.version is {document.get('version', int)}; this package understands version 1.")
    step = document.get("step", str)
    if step not in STEPS:
        raise JobError(f"context.step is {step!r}; it must be one of {', '.join(STEPS)}.")
    batch, roots = document.document("batch"), document.document("roots")
    model = Document(document.optional("model", dict) or {}, "context.model")
    contract = parse_contract(document.document("contract"))
    dataset = document.get("dataset", str)
    if contract.dataset != dataset:
        raise JobError(f"context.dataset is {dataset!r}, yet its contract is of {contract.dataset!r}.")
    newest, replaced = _newest(_file(item) for item in batch.documents("files"))
    references = _references(document)
    return Context(
        step=step,
        run_id=document.get("run_id", str),
        attempt=document.get("attempt", int),
        dataset=dataset,
        contract=contract.combined_with({name for name, item in references.items() if item.keeps_history}),
        contract_version=document.get("contract_version", str),
        batch=batch.get("id", str),
        files=tuple(file for file in newest if not file.deleted),
        retracted_files=tuple(file for file in newest if file.deleted),
        replaced_files=replaced,
        changed_files=(),
        rejected_files=(),
        published_silver=_published(document.document("silver")) if document.optional("silver", dict) else None,
        publishes=document.optional("publishes", bool) is not False,
        landing=roots.get("landing", str),
        lake=roots.get("lake", str),
        quarantine=roots.get("quarantine", str),
        references=references,
        model=ModelChoice(skip=model.optional("skip", bool) or False),
        training=_training(document),
        result_uri=document.get("result_uri", str),
        traceparent=document.optional("traceparent", str),
        history=document.texts("history", default=()),
    )


def _file(item: Document) -> LandedFile:
    landed_at = item.get("landed_at", str)
    try:
        datetime.fromisoformat(landed_at)
    except ValueError:
        raise JobError(f"{item.path}.landed_at is {landed_at!r}; it must be a time in ISO 8601, UTC.") from None
    return LandedFile(
        path=item.get("path", str),
        etag=item.get("etag", str),
        sequencer=item.optional("sequencer", str) or "",
        landed_at=landed_at,
        deleted=item.optional("deleted", bool) or False,
        size=item.optional("size", int) or 0,
    )


def _training(document: Document) -> Training:
    training = Document(document.optional("training", dict) or {}, "context.training")
    mode = training.optional("mode", str) or "first"
    if mode not in MODES:
        raise JobError(f"context.training.mode is {mode!r}; it must be one of {', '.join(MODES)}.")
    return Training(cast(Literal["first", "challenge", "rollback"], mode), training.optional("force", bool) or False)


def _published(item: Document) -> Published | None:
    """An absent version is not said; null says that there is none."""
    return Published(item.optional("version", int)) if "version" in item.value else None


def _newest(files: Iterable[LandedFile]) -> tuple[tuple[LandedFile, ...], tuple[LandedFile, ...]]:
    """Of several versions of a path only the newest can still be read; give it, and the others apart."""
    newest: dict[str, LandedFile] = {}
    replaced: list[LandedFile] = []
    for file in files:
        other = newest.get(file.path)
        if other is None or file.sequencer >= other.sequencer:
            newest[file.path] = file
        if other is not None:
            replaced.append(other if newest[file.path] is file else file)
    return tuple(newest.values()), tuple(replaced)


def _references(document: Document) -> dict[str, Reference]:
    items = document.optional("references", dict) or {}
    return {name: _reference(Document(item, f"context.references.{name}")) for name, item in items.items()}


def _reference(item: Document) -> Reference:
    columns = tuple((str(name), str(kind)) for name, kind in item.get("columns", dict).items())
    for name, kind in columns:
        if kind not in SPARK_TYPES:
            raise JobError(f"{item.path}.columns.{name} is {kind!r}; it must be one of {', '.join(SPARK_TYPES)}.")
    return Reference(
        silver=item.get("silver", str),
        published=_published(item),
        columns=columns,
        keeps_history=item.optional("history", bool) or False,
    )
