"""From Arrow columns to the matrix that LightGBM works on."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def to_matrix(
    columns: Mapping[str, pa.Array | pa.ChunkedArray], features: Sequence[str], categories: Mapping[str, Sequence[str]]
) -> np.ndarray:
    """Give a float64 matrix, one column a feature: codes for categories, NaN for nulls and unseen values."""
    rows = len(next(iter(columns.values())))
    matrix = np.empty((rows, len(features)), dtype=np.float64)
    for position, name in enumerate(features):
        values = columns[name]
        if name in categories:
            values = pc.index_in(values, value_set=pa.array(categories[name], pa.string()))
        matrix[:, position] = pc.fill_null(values.cast(pa.float64()), float("nan")).to_numpy(zero_copy_only=False)
    return matrix


def learn_categories(columns: Mapping[str, pa.ChunkedArray], names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Give the values of each categorical feature, sorted: a value's code is its place."""
    return {name: tuple(sorted(v for v in pc.unique(columns[name]).to_pylist() if v is not None)) for name in names}
