"""Two models on the same rows: the difference of their AUC, and how sure it is.

Stratified bootstrap of paired curves: each resample draws positives and negatives apart, with replacement, and judges
both models on the same draw; the interval is the middle 95 % of the differences (percentile method).

X. Robin et al., pROC: an open-source package for R and S+ to analyze and compare ROC curves, BMC Bioinformatics 12:77,
2011; B. Efron, R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13. Rows count as independent: where
those of a day resemble each other the interval is somewhat too narrow, which is what the contract's margin is for.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from landfall_jobs.model.metrics import auc

RESAMPLES = 200
SEED = 7


@dataclass(frozen=True)
class Comparison:
    """AUC of challenger and champion, their difference and its 95 % interval."""

    auc: float
    champion_auc: float
    difference: float
    low: float
    high: float

    def is_better_by(self, margin: float) -> bool:
        """Tell whether the challenger is better by the margin, and surely better at all."""
        return self.difference >= margin and self.low > 0


def compare(labels: np.ndarray, challenger: np.ndarray, champion: np.ndarray) -> Comparison:
    """Compare the scores of two models for the same rows, which hold both classes."""
    positive = labels == 1
    judges = [_resampled_auc(positive, scores) for scores in (challenger, champion)]
    positives, negatives = int(positive.sum()), int((~positive).sum())
    random = np.random.default_rng(SEED)
    differences = np.empty(RESAMPLES)
    for i in range(RESAMPLES):
        drawn = random.integers(0, positives, positives), random.integers(0, negatives, negatives)
        differences[i] = judges[0](*drawn) - judges[1](*drawn)
    low, high = np.quantile(differences, [0.025, 0.975])
    ours, theirs = auc(labels, challenger), auc(labels, champion)
    return Comparison(ours, theirs, ours - theirs, float(low), float(high))


def _resampled_auc(positive: np.ndarray, scores: np.ndarray) -> Callable[[np.ndarray, np.ndarray], float]:
    """Give a function from drawn positives and negatives to their AUC. The scores are sorted once, then counted."""
    distinct, place = np.unique(scores, return_inverse=True)
    places = place[positive], place[~positive]

    def judge(positives: np.ndarray, negatives: np.ndarray) -> float:
        above = np.bincount(places[0][positives], minlength=len(distinct))
        below = np.bincount(places[1][negatives], minlength=len(distinct))
        in_order = (above * (np.cumsum(below) - below / 2)).sum()
        return float(in_order / (len(positives) * len(negatives)))

    return judge
