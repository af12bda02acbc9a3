"""Left joins to the reference datasets that the contract combines with."""

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from landfall_jobs.contract import Combination
from landfall_jobs.transforms.timeline import IS_CURRENT, VALID_FROM, VALID_TO


def combine(rows: DataFrame, combinations: tuple[Combination, ...], references: Mapping[str, DataFrame]) -> DataFrame:
    """Add the columns of the references; an unmatched row gets nulls.

    Of a reference that keeps history it is the current version, or the one that held at the time of a column (`as_of`).
    Either way a reference is unique by the columns that it is joined on, so no row multiplies: the caller counts.
    """
    # The engine is asked once for the columns: each time it would open all tables that the rows come from.
    columns = rows.columns if combinations else []
    for combination in combinations:
        columns = [*columns, *(name for name, _ in combination.columns)]
        rows = _join(rows, combination, references[combination.dataset], columns)
    return rows


def _join(rows: DataFrame, combination: Combination, reference: DataFrame, columns: list[str]) -> DataFrame:
    """Join one reference; `columns` is what the rows have then."""
    prefix = f"__{combination.dataset.replace('-', '_')}_"
    keys = [(here, prefix + there) for here, there in combination.on]
    if combination.history and combination.as_of is None:
        reference = reference.where(F.col(IS_CURRENT))
    chosen = reference.select(
        *(F.col(there).alias(prefix + there) for _, there in combination.on),
        *(F.col(name).alias(prefix + name) for name in (VALID_FROM, VALID_TO) if combination.as_of),
        *(F.col(there).alias(name) for name, there in combination.columns),
    )
    condition = F.col(keys[0][0]) == F.col(keys[0][1])
    for here, there in keys[1:]:
        condition = condition & (F.col(here) == F.col(there))
    if combination.as_of is not None:
        moment = F.col(combination.as_of).cast("timestamp")
        condition = condition & (moment >= F.col(prefix + VALID_FROM)) & (moment < F.col(prefix + VALID_TO))
    return rows.join(chosen, on=condition, how="left").select(*columns)
