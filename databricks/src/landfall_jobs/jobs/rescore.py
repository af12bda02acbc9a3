"""Rescore: all rows of silver → predicted by a champion that has changed → staged → silver, in one commit."""

from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from landfall_jobs import lineage, reserve, tables
from landfall_jobs.context import Context
from landfall_jobs.errors import JobError
from landfall_jobs.scoring import NeedsTraining, choose_model, stage_scored
from landfall_jobs.timing import Phases
from landfall_jobs.training_data import published_version
from landfall_jobs.transforms.timeline import VALIDITY, as_told, is_told, validity


def run(spark: SparkSession, context: Context) -> dict[str, Any]:
    """Score all published rows again, as a batch without files: it publishes them now; where they came from stays.

    Without a model the rows are staged as they are. Raises JobError when nothing is published. The rows are those of
    the published version, so that doing it again after a kill gives the same.
    """
    version = published_version(context)
    if version is None:
        raise JobError(f"Nothing of {context.dataset} is published: there are no rows to score again.")
    phases = Phases()
    model = choose_model(context)
    if isinstance(model, NeedsTraining):
        return model.report(phases)
    published = tables.with_columns(tables.read(spark, context.silver(), version), context.contract.types)
    untold = context.contract.keeps_history and not is_told(published)
    if untold:
        published = as_told(published)
    names = [*context.contract.names, *validity(context.contract)]
    if lineage.ITEM not in published.columns:  # A table of before items were kept.
        published = published.withColumn(lineage.ITEM, F.lit(None).cast("int"))
    rows = published.select(*names, *lineage.origin(context.contract), lineage.LANDED_AT, lineage.ROW_HASH)
    staged = stage_scored(spark, context, rows, model, phases)
    with phases.phase("silver"):
        reserve.restore(spark, context)  # As cleanse does: a batch that failed may have left rows there.
        # What is taken as told for now is left to be told by the next batch of files, which knows the reserve.
        tables.overwrite(staged.frame.drop(*VALIDITY) if untold else staged.frame, context.silver())
        reserve.keep(context)
    return {
        **staged.report,
        "removed_files": [],
        "silver_version": tables.version(context.silver()),
        "seconds": phases.seconds(),
    }
