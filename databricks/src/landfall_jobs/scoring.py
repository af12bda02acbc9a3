"""Scored rows: combined with the references, predicted by the champion, staged for silver and the warehouse."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, StringType, StructType

from landfall_jobs import lineage, staging
from landfall_jobs.context import Context
from landfall_jobs.contract import ModelSpec
from landfall_jobs.drift import report_columns
from landfall_jobs.errors import JobError
from landfall_jobs.model.card import TrainedModel
from landfall_jobs.model.champion import ChampionFiles
from landfall_jobs.model.definition import definition_of
from landfall_jobs.model.predict import FEATURE_PREFIX, predict_batches
from landfall_jobs.references import missing_warnings, read_references
from landfall_jobs.timing import Phases
from landfall_jobs.transforms.combine import combine
from landfall_jobs.transforms.features import feature_columns
from landfall_jobs.transforms.timeline import validity


@dataclass(frozen=True)
class Staged:
    """Rows that were scored and stored, and what the result says of them."""

    frame: DataFrame
    rows: int
    report: dict[str, Any]


@dataclass(frozen=True)
class NeedsTraining:
    """Why no model can be applied."""

    name: str
    reason: str

    def report(self, phases: Phases) -> dict[str, Any]:
        """Give the result of a job that asks for training."""
        model = {"name": self.name, "version": None}
        return {"needs_training": True, "reason": self.reason, "model": model, "seconds": phases.seconds()}


def choose_model(context: Context) -> TrainedModel | NeedsTraining | None:
    """Give the champion, unless there is none for the features that the contract defines.

    None where rows are to be left without scores: no model is declared, or the context says to go on without one.
    """
    spec = context.contract.model
    if spec is None or context.model.skip:
        return None
    champion = ChampionFiles(context.models(), spec.name).read()
    if champion is None:
        return NeedsTraining(spec.name, "there is no champion yet")
    if champion.card.definition != definition_of(context.contract, spec):
        reason = f"the champion {champion.card.version} was trained on other features than the contract's"
        return NeedsTraining(spec.name, reason)
    return champion


def stage_scored(
    spark: SparkSession, context: Context, cleansed: DataFrame, model: TrainedModel | None, phases: Phases
) -> Staged:
    """Score rows and store them; without a model the prediction is null. Raises JobError when a join adds rows."""
    missing: list[str] = []
    cleansed = cleansed.withColumn(lineage.PUBLISHED_BY, F.lit(context.batch))
    with phases.phase("scored"):
        if model is None:
            scored = _unscored(cleansed, context.contract.model)
        else:
            references, missing = read_references(spark, context)
            scored = _scored(combine(cleansed, context.contract.combine, references), context, model)
        ordered = scored.select(*_column_order(context))
        staged = staging.store(spark, ordered, context.staging("scored"))
    with phases.phase("counted"):
        rows = _count(context, staged, cleansed)
    report = {
        "rows": rows,
        "staged": context.staging("scored"),
        "columns": [{"name": field.name, "type": field.dataType.simpleString()} for field in ordered.schema],
        "evolved": report_columns(context.contract),
        "model": {"name": model.card.name, "version": model.card.version} if model else None,
        "warnings": missing_warnings(missing),
    }
    return Staged(staged, rows, report)


def _column_order(context: Context) -> list[str]:
    """Give the order that the warehouse loads by: business columns, prediction, lineage."""
    spec = context.contract.model
    prediction = [spec.prediction] if spec else []
    version = [lineage.MODEL_VERSION] if spec else []
    added = [*lineage.origin(context.contract), lineage.LANDED_AT, lineage.ROW_HASH, lineage.PUBLISHED_BY]
    return [*context.contract.names, *validity(context.contract), *prediction, *added, *version]


def _unscored(cleansed: DataFrame, spec: ModelSpec | None) -> DataFrame:
    if spec is None:
        return cleansed
    return cleansed.withColumns(
        {spec.prediction: F.lit(None).cast("double"), lineage.MODEL_VERSION: F.lit(None).cast("string")}
    )


def _scored(combined: DataFrame, context: Context, model: TrainedModel) -> DataFrame:
    spec = context.contract.model
    if spec is None:
        raise JobError(f"The contract of {context.dataset} declares no model: there is nothing to score with.")
    kept = [name for name in _column_order(context) if name not in (spec.prediction, lineage.MODEL_VERSION)]
    inputs = combined.select(*kept, *feature_columns(spec.features, FEATURE_PREFIX))
    schema = StructType([field for field in inputs.schema if not field.name.startswith(FEATURE_PREFIX)])
    schema = schema.add(spec.prediction, DoubleType()).add(lineage.MODEL_VERSION, StringType())
    apply = partial(predict_batches, model.text, model.card, spec.prediction, lineage.MODEL_VERSION)
    return inputs.mapInArrow(apply, schema)


def _count(context: Context, staged: DataFrame, cleansed: DataFrame) -> int:
    """Count the staged rows; a reference that holds a key twice would have multiplied them."""
    rows, expected = staged.count(), cleansed.count()
    if rows != expected:
        names = ", ".join(combination.dataset for combination in context.contract.combine)
        raise JobError(
            f"{expected} cleansed rows became {rows}: one of {names} holds several rows for the columns that it is "
            "joined on. Name its key in the contract's `on`. Nothing was committed."
        )
    return rows
