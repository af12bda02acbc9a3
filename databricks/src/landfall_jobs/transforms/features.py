"""The inputs of a model, from combined rows."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from landfall_jobs.contract import Feature

KEY_PREFIX = "__key_"


def feature_columns(features: tuple[Feature, ...], prefix: str = "") -> list[Column]:
    """Give one column a feature: a text for a categorical one, else a double."""
    return [
        F.expr(feature.expression).cast("string" if feature.categorical else "double").alias(prefix + feature.name)
        for feature in features
    ]


def training_rows(
    rows: DataFrame, features: tuple[Feature, ...], target: str, where: str, split_by: str, key: tuple[str, ...]
) -> DataFrame:
    """Give the features, the label (1 or 0), the column of the split and the key, for the rows that have an outcome."""
    known = rows.where(F.expr(where)).where(F.expr(target).isNotNull())
    return known.select(
        *feature_columns(features),
        F.expr(target).cast("int").alias("__label"),
        F.col(split_by).alias("__split"),
        *(F.col(name).alias(f"{KEY_PREFIX}{name}") for name in key),
    )
