"""Train: rows with a known outcome from silver and this batch → a model, judged on a later holdout."""

from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from landfall_jobs import arrivals, lineage, tables
from landfall_jobs.context import Context
from landfall_jobs.contract import ModelSpec
from landfall_jobs.errors import JobError
from landfall_jobs.model.store import LakeModelStore
from landfall_jobs.model.training import NotTrainable, train_model
from landfall_jobs.references import missing_warnings, read_references
from landfall_jobs.timing import Phases
from landfall_jobs.transforms.combine import combine
from landfall_jobs.transforms.features import training_rows


def run(spark: SparkSession, context: Context) -> dict[str, Any]:
    """Train the contract's model and put it into use; rows that give no model are a result, not an error."""
    spec = context.contract.model
    if spec is None:
        raise JobError(f"The contract of {context.dataset} declares no model: there is nothing to train.")
    phases = Phases()
    context = arrivals.recall(context)
    with phases.phase("rows"):
        references, missing = read_references(spark, context)
        rows = _training_rows(spark, context, spec, references)
    with phases.phase("fit"):
        model = train_model(rows, spec, context.contract_version, context.run_id)
    if isinstance(model, NotTrainable):
        return {"trained": False, "reason": model.reason, "seconds": phases.seconds()}
    with phases.phase("saved"):
        store = LakeModelStore(context.models())
        store.save(model)
        store.promote(spec.name, model.card.version)
    return {
        "trained": True,
        "name": spec.name,
        "version": model.card.version,
        "metrics": model.card.metrics,
        "rows": model.card.rows,
        "window": model.card.window,
        "warnings": missing_warnings(missing),
        "seconds": phases.seconds(),
    }


def _training_rows(
    spark: SparkSession, context: Context, spec: ModelSpec, references: dict[str, DataFrame]
) -> pa.Table:
    names = [*context.contract.names]
    known = spark.read.parquet(context.cleansed()).select(*names)
    if tables.exists(context.silver()):
        of_batch = F.col(lineage.FILE).isin(context.paths)
        known = tables.read(spark, context.silver()).where(~of_batch).select(*names).unionByName(known)
    combined = combine(known, context.contract.combine, references)
    chosen = training_rows(combined, spec.features, spec.target, spec.train_where, spec.split_by)
    table = chosen.toArrow()
    # Neither engine promises an order; with this one the same rows give the same model.
    order = [(name, "ascending") for name in ["__split", *(n for n in table.schema.names if n != "__split")]]
    return table.sort_by(order)
