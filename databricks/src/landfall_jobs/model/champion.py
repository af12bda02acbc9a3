"""The champion as scoring reads it: two small files in the lake, written whenever the registry's champion changes.

The registry is the truth; asking it costs more than all else in scoring a small batch (importing MLflow alone takes a
second), so that whoever moves the alias copies the model here: <root>/<name>/<version>/model.txt and card.json, and
champion.json, written last.
"""

from landfall_jobs import storage
from landfall_jobs.model.card import TrainedModel, card_document, parse_card
from landfall_jobs.parsing import Document


class ChampionFiles:
    """The lake's copy of one model's champion."""

    def __init__(self, root: str, name: str) -> None:
        self._folder = storage.join(root, name)

    def version(self) -> str | None:
        """Give the version that scores, or None."""
        pointer = storage.read_json(storage.join(self._folder, "champion.json"))
        return Document(pointer, "champion.json").get("version", str) if pointer else None

    def read(self) -> TrainedModel | None:
        """Give the champion, or None when there is none (or only one that an older package wrote)."""
        version = self.version()
        if version is None:
            return None
        card = storage.read_json(storage.join(self._folder, version, "card.json"))
        if card is None:
            return None
        return TrainedModel(
            storage.read_bytes(storage.join(self._folder, version, "model.txt")).decode(), parse_card(card)
        )

    def write(self, model: TrainedModel) -> None:
        """Put a model into use; doing so again changes nothing."""
        folder = storage.join(self._folder, model.card.version)
        storage.write_bytes(storage.join(folder, "model.txt"), model.text.encode())
        storage.write_json(storage.join(folder, "card.json"), card_document(model.card))
        storage.write_json(storage.join(self._folder, "champion.json"), {"version": model.card.version})
