"""Training of one model: split by time, fit on what came first, judge on what came later."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from landfall_jobs.contract import ModelSpec
from landfall_jobs.model.engine import lightgbm
from landfall_jobs.model.matrix import learn_categories, to_matrix
from landfall_jobs.model.metrics import auc
from landfall_jobs.model.store import ModelCard, TrainedModel

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


def train_model(rows: pa.Table, spec: ModelSpec, contract_version: str, trained_by: str) -> TrainedModel | NotTrainable:
    """Train on the rows (features, __label, __split). The version is a hash of the content: the same rows, the same."""
    if rows.num_rows < FEWEST_ROWS:
        return NotTrainable(f"{rows.num_rows} rows have an outcome; {FEWEST_ROWS} are needed")
    when = rows.column("__split").cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy(zero_copy_only=False)
    labels = rows.column("__label").to_numpy(zero_copy_only=False)
    border = np.quantile(when, 1 - spec.holdout_share, method="lower")
    early, late = when <= border, when > border
    for name, part in (("training", early), ("holdout", late)):
        if len(np.unique(labels[part])) < 2:
            return NotTrainable(f"the {name} rows ({int(part.sum())}) do not hold both outcomes of: {spec.target}")
    features = [feature.name for feature in spec.features]
    columns = {name: rows.column(name) for name in features}
    categories = learn_categories(columns, [feature.name for feature in spec.features if feature.categorical])
    matrix = to_matrix(columns, features, categories)
    booster = lightgbm.train(
        PARAMETERS,
        lightgbm.Dataset(
            matrix[early],
            labels[early],
            feature_name=features,
            categorical_feature=list(categories),
            free_raw_data=True,
        ),
        num_boost_round=TREES,
    )
    card = ModelCard(
        name=spec.name,
        version="",
        features=tuple(features),
        categories=categories,
        metrics={spec.metric: auc(labels[late], np.asarray(booster.predict(matrix[late])))},
        rows={"train": int(early.sum()), "holdout": int(late.sum())},
        window={"from": _iso(when.min()), "holdout_after": _iso(border), "to": _iso(when.max())},
        contract_version=contract_version,
        trained_by=trained_by,
    )
    text = booster.model_to_string()
    digest = hashlib.sha256(text.encode() + repr(categories).encode()).hexdigest()
    return TrainedModel(text, replace(card, version=digest[:12]))


def _iso(microseconds: int) -> str:
    return str(np.datetime64(int(microseconds), "us")) + "Z"
