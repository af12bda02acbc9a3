"""A challenger against the champion, on the same later rows, which neither has learnt from."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from landfall_jobs.contract import ModelSpec
from landfall_jobs.model.card import TrainedModel
from landfall_jobs.model.champion import ChampionFiles
from landfall_jobs.model.comparison import Comparison, compare
from landfall_jobs.model.promotion import put_into_use
from landfall_jobs.model.registry import ROLLED_BACK_BY, ModelRegistry, Registered
from landfall_jobs.model.training import PARAMETERS, TREES, Fitted, Origin, Split, predict


@dataclass(frozen=True)
class Incumbent:
    """The champion as the registry has it, and its scores of the later rows."""

    registered: Registered
    model: TrainedModel
    late_scores: np.ndarray


def challenge_key(spec: ModelSpec, origin: Origin) -> str:
    """Give a hash of all that the outcome of a challenge depends on: the same need not be tried twice."""
    parts = [origin.data, origin.definition, spec.split_by, spec.holdout_share, spec.margin, PARAMETERS, TREES]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def late_scores(model: TrainedModel, rows: pa.Table, split: Split) -> np.ndarray:
    """Give a model's scores of the later rows."""
    return predict(model, rows.filter(pa.array(split.late)))


def challenge(
    registry: ModelRegistry,
    files: ChampionFiles,
    champion: Incumbent,
    challenger: Fitted,
    spec: ModelSpec,
    split: Split,
    by: str,
) -> dict[str, Any]:
    """Compare on the later rows, register the challenger, put it into use if it is better; give the result's part."""
    comparison = compare(split.labels[split.late], challenger.late_scores, champion.late_scores)
    model, incumbent = challenger.model, champion.model.card.version
    note: dict[str, Any] = {
        "champion": {"version": incumbent, "registry_version": champion.registered.number},
        "metrics": asdict(comparison),
    }
    if model.card.version == incumbent:
        return {**note, "promoted": False, "reason": "the challenger is the champion: nothing new to learn"}
    numbers = {f"landfall_{name}": str(value) for name, value in asdict(comparison).items()}
    contender = registry.register(model, numbers)
    note["registry_version"] = contender.number
    if contender.tags.get(ROLLED_BACK_BY):
        return {**note, "promoted": False, "reason": "this very model was rolled back; it stays so"}
    if not comparison.is_better_by(spec.margin):
        return {**note, "promoted": False, "reason": _verdict(comparison, spec)}
    note["reason"] = _verdict(comparison, spec)
    put_into_use(registry, files, contender, model, by, note)
    return {**note, "promoted": True}


def _verdict(comparison: Comparison, spec: ModelSpec) -> str:
    difference = f"{comparison.difference:+.4f} ({comparison.low:+.4f} to {comparison.high:+.4f})"
    if comparison.is_better_by(spec.margin):
        return f"better by {difference}"
    if comparison.difference >= spec.margin:
        return f"not surely better: {difference}"
    return f"not better by {spec.margin}: {difference}"
