"""Score: cleansed rows → combined with references → predicted by the champion → staged → committed to silver."""

from typing import Any

from pyspark.sql import SparkSession

from landfall_jobs import arrivals, identity, silver, tables
from landfall_jobs.context import Context
from landfall_jobs.scoring import NeedsTraining, choose_model, stage_scored
from landfall_jobs.timing import Phases


def run(spark: SparkSession, context: Context) -> dict[str, Any]:
    """Score and commit a batch; without a champion for a declared model, say `needs_training` and commit nothing."""
    phases = Phases()
    context = arrivals.recall(context)
    model = choose_model(context)
    if isinstance(model, NeedsTraining):
        return model.report(phases)
    staged = stage_scored(spark, context, identity.rows_to_score(spark, context), model, phases)
    with phases.phase("silver"):
        removed = silver.commit(spark, context, staged.frame, staged.rows)
    return {
        **staged.report,
        "removed_files": list(removed),
        "silver_version": tables.version(context.silver()),
        "seconds": phases.seconds(),
    }
