import time

import numpy as np
import pytest
from landfall_jobs.model import comparison
from landfall_jobs.model.comparison import Comparison, compare
from landfall_jobs.model.metrics import auc


def scores(rows, signal, seed):
    """Labels, and scores that follow them as well as `signal` says; many are equal."""
    draw = np.random.default_rng(seed)
    labels = (draw.random(rows) < 0.3).astype(np.int64)
    return labels, (labels * signal + draw.normal(size=rows)).round(1)


def test_the_interval_is_that_of_drawing_rows_and_judging_them_one_by_one(monkeypatch):
    labels, one = scores(300, 1.0, 1)
    other = scores(300, 0.5, 1)[1]
    found = compare(labels, one, other)
    draw = np.random.default_rng(comparison.SEED)
    positives, negatives = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    differences = []
    for _ in range(comparison.RESAMPLES):
        drawn = [draw.integers(0, len(part), len(part)) for part in (positives, negatives)]
        rows = np.concatenate([positives[drawn[0]], negatives[drawn[1]]])
        differences.append(auc(labels[rows], one[rows]) - auc(labels[rows], other[rows]))
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(differences, [0.025, 0.975])))
    assert found.difference == pytest.approx(auc(labels, one) - auc(labels, other))


def test_the_same_rows_give_the_same_interval():
    labels, one = scores(1000, 0.6, 2)
    other = scores(1000, 0.5, 3)[1]
    assert compare(labels, one, other) == compare(labels, one, other)


def test_equal_models_differ_by_nothing_and_are_never_better():
    labels, one = scores(500, 0.8, 4)
    found = compare(labels, one, one)
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)
    assert not found.is_better_by(0.0)


def test_the_interval_holds_the_true_difference_about_as_often_as_it_says():
    """Two judges whose scores are independent and equally good differ truly by nothing."""
    hits = 0
    for seed in range(60):
        labels, one = scores(400, 0.8, seed)
        other = labels * 0.8 + np.random.default_rng(seed + 1000).normal(size=400)
        found = compare(labels, one, other)
        hits += found.low <= 0 <= found.high
    assert hits >= 52


@pytest.mark.parametrize(
    ("difference", "low", "margin", "better"),
    [(0.02, 0.01, 0.01, True), (0.02, -0.001, 0.01, False), (0.005, 0.001, 0.01, False), (0.01, 0.001, 0.01, True)],
)
def test_better_is_by_the_margin_and_surely(difference, low, margin, better):
    assert Comparison(0.7, 0.7 - difference, difference, low, 0.1).is_better_by(margin) is better


def test_a_years_holdout_takes_about_a_second():
    labels, one = scores(65_000, 0.6, 5)
    draw = np.random.default_rng(6)
    began = time.process_time()
    compare(labels, one + draw.normal(size=65_000), one + draw.normal(size=65_000))
    assert time.process_time() - began < 4  # 0.3 s alone; the bound is for a busy machine
