"""Applying a model inside the executors."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from landfall_jobs.model.card import ModelCard

if TYPE_CHECKING:
    from lightgbm import Booster

FEATURE_PREFIX = "__feature_"
DECIMALS = 9
THREADS = 2


def predict_batches(
    text: str, card: ModelCard, prediction: str, version_column: str, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Replace the features (__feature_<name>) by the prediction and the model's version; made for mapInArrow.

    A prediction is rounded to nine decimals, so that sums over it are exact in whichever order they are taken.
    """
    from landfall_jobs.model.matrix import to_matrix

    booster = _booster(text)
    for batch in batches:
        if not batch.num_rows:
            continue
        kept = [name for name in batch.schema.names if not name.startswith(FEATURE_PREFIX)]
        columns = {name: batch.column(FEATURE_PREFIX + name) for name in card.features}
        matrix = to_matrix(columns, card.features, card.categories)
        scores = np.asarray(booster.predict(matrix, num_threads=THREADS))
        yield pa.RecordBatch.from_arrays(
            [*(batch.column(name) for name in kept), pa.array(scores.round(DECIMALS)), _repeat(card, batch)],
            names=[*kept, prediction, version_column],
        )


def _repeat(card: ModelCard, batch: pa.RecordBatch) -> pa.Array:
    return pa.repeat(pa.scalar(card.version), batch.num_rows)


@lru_cache(maxsize=2)
def _booster(text: str) -> "Booster":
    from landfall_jobs.model.engine import lightgbm

    return lightgbm.Booster(model_str=text)
