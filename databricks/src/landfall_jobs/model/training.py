"""Training of one model: split by time, fit on what came first, judge on what came later."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from landfall_jobs.contract import ModelSpec
from landfall_jobs.model.card import ModelCard, TrainedModel
from landfall_jobs.model.engine import lightgbm
from landfall_jobs.model.matrix import learn_categories, to_matrix
from landfall_jobs.model.metrics import auc

FEWEST_ROWS = 200
TREES = 100
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 31,
    "min_data_in_leaf": 100,
    "max_bin": 127,
    "cat_smooth": 20,
    "num_threads": 2,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


@dataclass(frozen=True)
class NotTrainable:
    """Why these rows give no model."""

    reason: str


@dataclass(frozen=True)
class Split:
    """The rows' labels, and which of them are to be learnt from and which to judge by."""

    labels: np.ndarray
    early: np.ndarray
    late: np.ndarray
    window: dict[str, str]


@dataclass(frozen=True)
class Origin:
    """Where a model comes from, for its card."""

    definition: str
    data: str
    contract_version: str
    trained_by: str


def split_rows(rows: pa.Table, spec: ModelSpec, seen_until: str | None = None) -> Split | NotTrainable:
    """Split the rows (features, __label, __split) by time, as the contract says.

    Rows up to `seen_until`, which another model has learnt from, are not judged by.
    """
    if rows.num_rows < FEWEST_ROWS:
        return NotTrainable(f"{rows.num_rows} rows have an outcome; {FEWEST_ROWS} are needed")
    when = rows.column("__split").cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy(zero_copy_only=False)
    labels = rows.column("__label").to_numpy(zero_copy_only=False)
    border = np.quantile(when, 1 - spec.holdout_share, method="lower")
    later = max(border, _microseconds(seen_until)) if seen_until else border
    early, late = when <= border, when > later
    for name, part in (("training", early), ("holdout", late)):
        if len(np.unique(labels[part])) < 2:
            return NotTrainable(f"the {name} rows ({int(part.sum())}) do not hold both outcomes of: {spec.target}")
    times = {"from": when.min(), "trained_to": border, "holdout_after": later, "to": when.max()}
    window = {name: _iso(time) for name, time in times.items()}
    return Split(labels, early, late, window)


@dataclass(frozen=True)
class Fitted:
    """A model, and its scores of the later rows, which it has not learnt from."""

    model: TrainedModel
    late_scores: np.ndarray


def train_model(rows: pa.Table, spec: ModelSpec, split: Split, origin: Origin) -> Fitted:
    """Train on the earlier rows. The version is a hash of the content: the same rows give the same."""
    features = [feature.name for feature in spec.features]
    columns = {name: rows.column(name) for name in features}
    categories = learn_categories(columns, [feature.name for feature in spec.features if feature.categorical])
    matrix = to_matrix(columns, features, categories)
    booster = lightgbm.train(
        PARAMETERS,
        lightgbm.Dataset(
            matrix[split.early],
            split.labels[split.early],
            feature_name=features,
            categorical_feature=list(categories),
            free_raw_data=True,
        ),
        num_boost_round=TREES,
    )
    late_scores = np.asarray(booster.predict(matrix[split.late], num_threads=PARAMETERS["num_threads"]))
    card = ModelCard(
        name=spec.name,
        version="",
        features=tuple(features),
        categories=categories,
        metrics={spec.metric: auc(split.labels[split.late], late_scores)},
        rows={"train": int(split.early.sum()), "holdout": int(split.late.sum())},
        window=split.window,
        definition=origin.definition,
        data=origin.data,
        contract_version=origin.contract_version,
        trained_by=origin.trained_by,
    )
    text = booster.model_to_string()
    digest = hashlib.sha256(text.encode() + repr(categories).encode()).hexdigest()
    return Fitted(TrainedModel(text, replace(card, version=digest[:12])), late_scores)


def predict(model: TrainedModel, rows: pa.Table) -> np.ndarray:
    """Give the model's score of each row."""
    columns = {name: rows.column(name) for name in model.card.features}
    matrix = to_matrix(columns, model.card.features, model.card.categories)
    return np.asarray(lightgbm.Booster(model_str=model.text).predict(matrix))


def _iso(microseconds: int) -> str:
    return str(np.datetime64(int(microseconds), "us")) + "Z"


def _microseconds(time: str) -> int:
    return int(np.datetime64(time.removesuffix("Z"), "us").astype(np.int64))
