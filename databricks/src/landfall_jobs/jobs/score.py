"""Score: cleansed rows → combined with references → predicted by the champion → staged → committed to silver."""

from functools import partial
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, StringType, StructType

from landfall_jobs import arrivals, lineage, silver, staging, tables
from landfall_jobs.context import Context
from landfall_jobs.contract import ModelSpec
from landfall_jobs.errors import JobError
from landfall_jobs.model.predict import FEATURE_PREFIX, predict_batches
from landfall_jobs.model.store import LakeModelStore, TrainedModel
from landfall_jobs.references import missing_warnings, read_references
from landfall_jobs.timing import Phases
from landfall_jobs.transforms.combine import combine
from landfall_jobs.transforms.features import feature_columns


def run(spark: SparkSession, context: Context) -> dict[str, Any]:
    """Score and commit a batch; without a champion for a declared model, say `needs_training` and commit nothing."""
    phases = Phases()
    context = arrivals.recall(context)
    spec = context.contract.model
    model = None
    warnings: list[dict[str, object]] = []
    if spec is not None and not context.model.skip:
        store = LakeModelStore(context.models())
        version = store.champion(spec.name)
        if version is None:
            return {"needs_training": True, "model": {"name": spec.name, "version": None}, "seconds": phases.seconds()}
        model = store.load(spec.name, version)
    with phases.phase("scored"):
        cleansed = spark.read.parquet(context.cleansed())
        if model is None:
            scored = _unscored(cleansed, spec)
        else:
            references, missing = read_references(spark, context)
            warnings = missing_warnings(missing)
            scored = _scored(combine(cleansed, context.contract.combine, references), context, model)
        ordered = scored.select(*_column_order(context))
        staged = staging.store(spark, ordered, context.staging("scored"))
    with phases.phase("counted"):
        rows = _count(context, staged, cleansed)
    with phases.phase("silver"):
        removed = silver.commit(spark, context, staged, rows)
    return {
        "rows": rows,
        "staged": context.staging("scored"),
        "columns": [{"name": field.name, "type": field.dataType.simpleString()} for field in ordered.schema],
        "model": {"name": model.card.name, "version": model.card.version} if model else None,
        "removed_files": list(removed),
        "silver_version": tables.version(context.silver()),
        "warnings": warnings,
        "seconds": phases.seconds(),
    }


def _column_order(context: Context) -> list[str]:
    """Give the order that the warehouse loads by: business columns, prediction, lineage."""
    spec = context.contract.model
    prediction = [spec.prediction] if spec else []
    version = [lineage.MODEL_VERSION] if spec else []
    added = [lineage.FILE, lineage.LINE, lineage.BATCH, lineage.LANDED_AT, lineage.ROW_HASH]
    return [*context.contract.names, *prediction, *added, *version]


def _unscored(cleansed: DataFrame, spec: ModelSpec | None) -> DataFrame:
    if spec is None:
        return cleansed
    return cleansed.withColumns(
        {spec.prediction: F.lit(None).cast("double"), lineage.MODEL_VERSION: F.lit(None).cast("string")}
    )


def _scored(combined: DataFrame, context: Context, model: TrainedModel) -> DataFrame:
    spec = context.contract.model
    if spec is None or tuple(feature.name for feature in spec.features) != model.card.features:
        raise JobError(
            f"Model {model.card.name} {model.card.version} was trained on {', '.join(model.card.features)}; "
            "the contract names other features. Train it again."
        )
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
