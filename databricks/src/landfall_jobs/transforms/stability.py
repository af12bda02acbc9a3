"""The population stability index: how far a distribution has moved from what it was.

PSI = Σ (a - e) · ln(a / e) over bins, where `a` and `e` are the shares of the rows now and before: Jeffreys' symmetric
divergence. Source: N. Siddiqi, Credit Risk Scorecards, Wiley 2006; its statistics: B. Yurdakul and J. Naranjo,
"Statistical properties of the population stability index", Journal of Risk Model Validation 14(4), 2020. As usual bins
are deciles, or the most frequent values, of the first rows there were; no value has a bin of its own. Usual limits:
below 0.1 the distribution is as before, above 0.25 it has shifted.

Where nothing has changed the index of n rows against m is about (bins - 1)(1/n + 1/m): few rows tell nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

DECILES = tuple(i / 10 for i in range(1, 10))
MOST_VALUES = 20
FEWEST_ROWS = 200
"""With fewer rows, now or before, chance alone would give an index of some 0.05 and more."""
SMALLEST_SHARE = 1e-4
"""Stands for a share of none, whose logarithm there is not."""


@dataclass(frozen=True)
class Bins:
    """Where a column's values are counted: between edges, or by value; behind these the others, and no value."""

    edges: tuple[float, ...] = ()
    values: tuple[str, ...] = ()

    def counts(self, column: str) -> list[Column]:
        """Give the aggregates that count the rows in each bin."""
        value = F.col(column)
        if self.edges:
            least = [None, *self.edges]
            most = [*self.edges, None]
            inside = [_between(value, low, high) for low, high in zip(least, most, strict=True)]
        else:
            text = value.cast("string")
            inside = [text == one for one in self.values]
            inside.append(value.isNotNull() & ~text.isin(list(self.values)) if self.values else value.isNotNull())
        return [F.count(F.when(condition, 1)) for condition in [*inside, value.isNull()]]

    def names(self) -> list[str]:
        """Say what is in each bin."""
        if self.edges:
            inner = [f"over {low:.6g} to {high:.6g}" for low, high in zip(self.edges, self.edges[1:], strict=False)]
            return [f"up to {self.edges[0]:.6g}", *inner, f"over {self.edges[-1]:.6g}", "no value"]
        return [*map(repr, self.values), "any other value" if self.values else "any value", "no value"]

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"edges": list(self.edges), "values": list(self.values)}

    @staticmethod
    def from_json(item: dict[str, Any]) -> "Bins":
        """Read what `to_json` gives."""
        return Bins(tuple(item["edges"]), tuple(item["values"]))


def _between(value: Column, low: float | None, high: float | None) -> Column:
    parts = [*([] if low is None else [value > low]), *([] if high is None else [value <= high])]
    return reduce(lambda a, b: a & b, parts)


def find_bins(rows: DataFrame, column: str, kind: str) -> Bins:
    """Give bins for a column by the rows there are: of numbers the deciles, else the most frequent values."""
    if kind in ("int", "bigint", "double"):
        value = F.col(column).cast("double")
        found = rows.agg(*(F.percentile_approx(value, F.lit(share)) for share in DECILES)).collect()[0]
        return Bins(edges=tuple(sorted({edge for edge in found if edge is not None})))
    text = F.col(column).cast("string").alias("value")
    counts = rows.where(F.col(column).isNotNull()).groupBy(text).agg(F.count(F.lit(1)).alias("rows"))
    most = counts.orderBy(F.desc("rows"), "value").limit(MOST_VALUES).collect()
    return Bins(values=tuple(row["value"] for row in most))


def stability_index(before: Sequence[int], now: Sequence[int]) -> tuple[float, list[float]]:
    """Give the index of counts by bin, and what each bin adds to it; 0 where there are too few rows to tell."""
    if sum(before) < FEWEST_ROWS or sum(now) < FEWEST_ROWS:
        return 0.0, [0.0 for _ in now]
    expected = [max(count / sum(before), SMALLEST_SHARE) for count in before]
    actual = [max(count / sum(now), SMALLEST_SHARE) for count in now]
    parts = [(a - e) * math.log(a / e) for a, e in zip(actual, expected, strict=True)]
    return sum(parts), parts
