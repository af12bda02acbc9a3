"""An alarm for features that are too good to be true."""

import numpy as np
import pyarrow as pa

from landfall_jobs.contract import ModelSpec
from landfall_jobs.model.metrics import auc
from landfall_jobs.model.training import Split

TOO_GOOD = 0.8
BINS = 64
MOST_ROWS = 100_000


def feature_warnings(rows: pa.Table, spec: ModelSpec, split: Split) -> list[dict[str, object]]:
    """Warn of every feature that alone predicts the outcome with an AUC above 0.8: it may be known only after it."""
    found: list[dict[str, object]] = []
    step = max(1, rows.num_rows // MOST_ROWS)
    early, late = np.flatnonzero(split.early)[::step], np.flatnonzero(split.late)[::step]
    if len(np.unique(split.labels[late])) < 2:
        return []
    looked_at = np.concatenate([early, late])
    sample, labels = rows.take(pa.array(looked_at)), split.labels[looked_at]
    learnt = np.arange(len(looked_at)) < len(early)
    for feature in spec.features:
        alone = _alone(_codes(sample.column(feature.name), feature.categorical, learnt), labels, learnt, ~learnt)
        if alone > TOO_GOOD:
            message = (
                f"{feature.name} alone predicts the outcome with an AUC of {alone:.3f}: make sure that it is known "
                "before the event, and mark columns that are not as `known: after`"
            )
            found.append({"rule": "feature-too-good", "message": message})
    return found


def _codes(values: pa.ChunkedArray, categorical: bool, early: np.ndarray) -> np.ndarray:
    """Give a small number for each row: the category, or the bin between quantiles; null is one of its own."""
    if categorical:
        encoded = values.combine_chunks().dictionary_encode(null_encoding="encode")
        return encoded.indices.to_numpy(zero_copy_only=False)
    numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    known = numbers[early][~np.isnan(numbers[early])]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS))) if len(known) else np.array([])
    return np.where(np.isnan(numbers), len(edges) + 1, np.searchsorted(edges, numbers))


def _alone(codes: np.ndarray, labels: np.ndarray, early: np.ndarray, late: np.ndarray) -> float:
    """Score the later rows by the share of positives that their code had among the earlier ones; give the AUC."""
    size = int(codes.max()) + 1
    counts = np.bincount(codes[early], minlength=size)
    positives = np.bincount(codes[early], weights=labels[early], minlength=size)
    share = np.where(counts, positives / np.maximum(counts, 1), labels[early].mean())
    return auc(labels[late], share[codes[late]])
