"""What the jobs ask of a model registry."""

import os
from dataclasses import dataclass
from typing import Protocol

from landfall_jobs.model.card import TrainedModel

# Tags of a registered version. Unity Catalog allows no dots in their names.
VERSION = "landfall_version"
PROMOTED_BY, REPLACED, NOTE = "landfall_promoted_by", "landfall_replaced", "landfall_note"
ROLLED_BACK_BY = "landfall_rolled_back_by"
CHAMPION, PREVIOUS = "champion", "previous"
"""Aliases: the version in use, and the one before it."""


def registered_name(dataset: str, model: str) -> str:
    """Give the model's three-level name: catalog and schema are LANDFALL_MODEL_CATALOG and _SCHEMA, or main.ml."""
    catalog, schema = (os.environ.get(f"LANDFALL_MODEL_{level}") for level in ("CATALOG", "SCHEMA"))
    return f"{catalog or 'main'}.{schema or 'ml'}.{dataset}_{model}"


@dataclass(frozen=True)
class Registered:
    """A version in the registry: its number there, and its tags."""

    number: str
    tags: dict[str, str]

    @property
    def version(self) -> str:
        """The model's own version, the one that scored rows carry."""
        return self.tags.get(VERSION, "")


class ModelRegistry(Protocol):
    """The versions of one model."""

    def register(self, model: TrainedModel, tags: dict[str, str]) -> Registered:
        """Keep a version; one that is there already is not kept twice, but gets the tags beside those it has."""

    def tag(self, registered: Registered, key: str, value: str) -> None:
        """Set a tag of a version."""

    def find(self, alias: str) -> Registered | None:
        """Give the version that an alias is on, or None."""

    def load(self, registered: Registered) -> TrainedModel:
        """Give a version's model; raise JobError when it cannot be had."""

    def promote(self, registered: Registered, by: str, note: str) -> None:
        """Move the alias `champion`, and `previous` to where it was. Repeating it for the same `by` changes nothing."""

    def remember(self, key: str, value: str) -> None:
        """Keep a text beside the model."""

    def recall(self, key: str) -> str | None:
        """Give the text kept under a key, or None."""
