"""Rows judged by what is in the lake beside them: other datasets, silver, and each other."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from landfall_jobs import lineage, staging, tables
from landfall_jobs.context import Context
from landfall_jobs.references import read_existing
from landfall_jobs.transforms.existence import check_existence
from landfall_jobs.transforms.timeline import IS_CURRENT, as_told
from landfall_jobs.transforms.uniqueness import check_uniqueness, compared_columns
from landfall_jobs.transforms.verdicts import LOADED, QUARANTINED


def judge_existence(spark: SparkSession, context: Context, checked: DataFrame) -> tuple[DataFrame, list[str]]:
    """Enter which rows have values that are not in another dataset; and give those of which nothing is published."""
    rules = context.contract.exists_rules
    if not rules:
        return checked, []
    references, missing = read_existing(spark, context)
    return check_existence(checked, rules, references), missing


def judge_uniqueness(spark: SparkSession, context: Context, judged: DataFrame) -> DataFrame:
    """Enter which rows that would be loaded repeat the values of others, and quarantine them where a rule says to."""
    is_loaded = F.col(lineage.VERDICT) == LOADED
    rows = _compare(spark, context, judged, judged.where(is_loaded))
    refused = is_loaded & F.col(lineage.BROKEN).isNotNull()
    verdict = F.when(refused, QUARANTINED).otherwise(F.col(lineage.VERDICT)).alias(lineage.VERDICT)
    return rows.select(*(name for name in judged.columns if name != lineage.VERDICT), verdict)


def judge_versions(spark: SparkSession, context: Context, checked: DataFrame) -> DataFrame:
    """Enter which good rows of a dataset with history repeat the values of others: before any becomes a version."""
    if not context.contract.unique_rules:
        return checked
    return _compare(spark, context, checked, checked.where(F.col(lineage.BROKEN).isNull()))


def _compare(spark: SparkSession, context: Context, rows: DataFrame, loaded: DataFrame) -> DataFrame:
    compared = staging.store(spark, loaded.select(*compared_columns(context.contract)), context.staging("compared"))
    return check_uniqueness(rows, compared, _known(spark, context), context.contract)


def _known(spark: SparkSession, context: Context) -> DataFrame | None:
    """Give silver's current rows of other files; those of this batch's paths get replaced, so they do not count."""
    if not tables.exists(context.silver()):
        return None
    silver = tables.with_columns(tables.read(spark, context.silver()), context.contract.types)
    current = as_told(silver).where(F.col(IS_CURRENT)) if context.contract.keeps_history else silver
    return current.where(~F.col(lineage.FILE).isin(context.paths))
