"""A challenger against the champion, on the same later rows, which neither has learnt from."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from landfall_jobs.contract import ModelSpec
from landfall_jobs.model.card import TrainedModel
from landfall_jobs.model.champion import ChampionFiles
from landfall_jobs.model.comparison import Comparison, compare
from landfall_jobs.model.promotion import put_into_use
from landfall_jobs.model.registry import ROLLED_BACK_BY, ModelRegistry, Registered
from landfall_jobs.model.training import PARAMETERS, TREES, Origin, Split, predict, train_model


def challenge_key(spec: ModelSpec, origin: Origin) -> str:
    """Give a hash of all that the outcome of a challenge depends on: the same need not be tried twice."""
    parts = [origin.data, origin.definition, spec.split_by, spec.holdout_share, spec.margin, PARAMETERS, TREES]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def challenge(
    registry: ModelRegistry,
    files: ChampionFiles,
    champion: tuple[Registered, TrainedModel],
    spec: ModelSpec,
    rows: pa.Table,
    split: Split,
    origin: Origin,
) -> tuple[TrainedModel, dict[str, Any]]:
    """Train a challenger, register it, and put it into use if it is better; give it, and what the result says of it."""
    registered, model = champion
    challenger = train_model(rows, spec, split, origin)
    late = rows.filter(pa.array(split.late))
    comparison = compare(split.labels[split.late], predict(challenger, late), predict(model, late))
    note: dict[str, Any] = {
        "champion": {"version": model.card.version, "registry_version": registered.number},
        "metrics": asdict(comparison),
    }
    if challenger.card.version == model.card.version:
        return challenger, {**note, "promoted": False, "reason": "the challenger is the champion: nothing new to learn"}
    numbers = {f"landfall_{name}": str(value) for name, value in asdict(comparison).items()}
    contender = registry.register(challenger, numbers)
    note["registry_version"] = contender.number
    if contender.tags.get(ROLLED_BACK_BY):
        return challenger, {**note, "promoted": False, "reason": "this very model was rolled back; it stays so"}
    if not comparison.is_better_by(spec.margin):
        return challenger, {**note, "promoted": False, "reason": _verdict(comparison, spec)}
    note["reason"] = _verdict(comparison, spec)
    put_into_use(registry, files, contender, challenger, origin.trained_by, note)
    return challenger, {**note, "promoted": True}


def _verdict(comparison: Comparison, spec: ModelSpec) -> str:
    difference = f"{comparison.difference:+.4f} ({comparison.low:+.4f} to {comparison.high:+.4f})"
    if comparison.is_better_by(spec.margin):
        return f"better by {difference}"
    if comparison.difference >= spec.margin:
        return f"not surely better: {difference}"
    return f"not better by {spec.margin}: {difference}"
