"""Which version is in use: the registry's alias, and the lake's copy that scoring reads, moved together."""

import json
from typing import Any

from landfall_jobs.errors import JobError
from landfall_jobs.model.card import TrainedModel
from landfall_jobs.model.champion import ChampionFiles
from landfall_jobs.model.registry import (
    CHAMPION,
    NOTE,
    PREVIOUS,
    PROMOTED_BY,
    ROLLED_BACK_BY,
    ModelRegistry,
    Registered,
)


def put_into_use(
    registry: ModelRegistry, files: ChampionFiles, registered: Registered, model: TrainedModel, by: str, note: object
) -> None:
    """Make a version the champion. The note, a small JSON document, is what an attempt after a kill goes on with."""
    registry.promote(registered, by, json.dumps(note))
    files.write(model)


def promoted_earlier(registry: ModelRegistry, files: ChampionFiles, by: str) -> tuple[TrainedModel, Any] | None:
    """Where an earlier attempt of this run has moved the alias: finish what it began; give the model and its note."""
    champion = registry.find(CHAMPION)
    if champion is None or champion.tags.get(PROMOTED_BY) != by:
        return None
    model, note = registry.load(champion), json.loads(champion.tags.get(NOTE, "{}"))
    put_into_use(registry, files, champion, model, by, note)
    return model, note


def roll_back(registry: ModelRegistry, files: ChampionFiles, definition: str, by: str) -> dict[str, Any]:
    """Put the champion before the present one into use; the present one is not promoted by a challenge again."""
    earlier = promoted_earlier(registry, files, by)
    if earlier is not None:
        return _rolled_back(earlier[1])
    champion, previous = registry.find(CHAMPION), registry.find(PREVIOUS)
    if champion is None or previous is None:
        return {
            "trained": False,
            "promoted": False,
            "rescore": False,
            "reason": "there is no previous champion to go back to",
        }
    model = registry.load(previous)
    if model.card.definition != definition:
        raise JobError(
            f"The previous champion {previous.version} was trained on other features than the contract has now. "
            "Put the contract back too, or let the next batch train a new model."
        )
    registry.tag(champion, ROLLED_BACK_BY, by)
    registry.tag(previous, ROLLED_BACK_BY, "")
    note = {"from": champion.version, "to": previous.version}
    put_into_use(registry, files, previous, model, by, note)
    return _rolled_back(note)


def _rolled_back(note: dict[str, str]) -> dict[str, Any]:
    reason = f"rolled back from {note['from']} to {note['to']}"
    return {"trained": False, "promoted": True, "rescore": True, "version": note["to"], **note, "reason": reason}
