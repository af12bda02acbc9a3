"""Where models live: a small port, and the lake behind it. A registry such as MLflow's can take its place."""

from dataclasses import asdict, dataclass
from typing import Protocol

from landfall_jobs import storage
from landfall_jobs.errors import JobError
from landfall_jobs.parsing import Document


@dataclass(frozen=True)
class ModelCard:
    """What is to be known about a trained model. `categories` maps a feature to its values, in order of their codes."""

    name: str
    version: str
    features: tuple[str, ...]
    categories: dict[str, tuple[str, ...]]
    metrics: dict[str, float]
    rows: dict[str, int]
    window: dict[str, str]
    contract_version: str
    trained_by: str


@dataclass(frozen=True)
class TrainedModel:
    """A model as LightGBM's own text, and its card."""

    text: str
    card: ModelCard


class ModelStore(Protocol):
    """What the jobs ask of a model registry."""

    def save(self, model: TrainedModel) -> None:
        """Keep a version; saving the same version again changes nothing."""

    def load(self, name: str, version: str) -> TrainedModel:
        """Give a version; raise JobError when it is not there."""

    def champion(self, name: str) -> str | None:
        """Give the version in use, or None."""

    def promote(self, name: str, version: str) -> None:
        """Put a version into use."""


class LakeModelStore:
    """Models as files: <root>/<name>/<version>/model.txt and metadata.json, and champion.json, written last."""

    def __init__(self, root: str) -> None:
        self._root = root

    def save(self, model: TrainedModel) -> None:
        """Write the files of a version."""
        folder = storage.join(self._root, model.card.name, model.card.version)
        storage.write_bytes(storage.join(folder, "model.txt"), model.text.encode())
        storage.write_json(storage.join(folder, "metadata.json"), asdict(model.card))

    def load(self, name: str, version: str) -> TrainedModel:
        """Read the files of a version; raise JobError when they are not there."""
        folder = storage.join(self._root, name, version)
        metadata = storage.read_json(storage.join(folder, "metadata.json"))
        if metadata is None:
            raise JobError(f"Model {name} has no version {version} at {folder}. Train it, or name another champion.")
        return TrainedModel(storage.read_bytes(storage.join(folder, "model.txt")).decode(), _card(metadata))

    def champion(self, name: str) -> str | None:
        """Read the pointer."""
        pointer = storage.read_json(self._pointer(name))
        return Document(pointer, "champion.json").get("version", str) if pointer else None

    def promote(self, name: str, version: str) -> None:
        """Write the pointer."""
        storage.write_json(self._pointer(name), {"version": version})

    def _pointer(self, name: str) -> str:
        return storage.join(self._root, name, "champion.json")


def _card(metadata: object) -> ModelCard:
    document = Document(metadata, "metadata.json")
    categories = document.document("categories")
    return ModelCard(
        name=document.get("name", str),
        version=document.get("version", str),
        features=document.texts("features"),
        categories={name: categories.texts(name) for name in categories.value},
        metrics=document.get("metrics", dict),
        rows=document.get("rows", dict),
        window=document.get("window", dict),
        contract_version=document.get("contract_version", str),
        trained_by=document.get("trained_by", str),
    )
