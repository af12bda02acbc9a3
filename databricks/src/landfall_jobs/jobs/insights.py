"""Insights: the contract's statements over silver, each to a gold table and to the JSON Lines that are served."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from landfall_jobs import lineage, storage, tables
from landfall_jobs.context import Context
from landfall_jobs.contract import Combination, Insight
from landfall_jobs.errors import JobError, engine_says
from landfall_jobs.publishing import check_key, to_json_lines
from landfall_jobs.references import missing_warnings, read_references
from landfall_jobs.timing import Phases
from landfall_jobs.transforms.combine import combine
from landfall_jobs.transforms.timeline import as_told


def run(spark: SparkSession, context: Context) -> dict[str, Any]:
    """Compute and publish every insight; raise JobError when a key is missing, null or not unique."""
    phases = Phases()
    references, missing = read_references(spark, context)
    silver = tables.read(spark, context.silver())
    if context.contract.keeps_history:
        silver = as_told(silver)
    for name, reference in references.items():
        reference.createOrReplaceTempView(_view(name))
    versions = _model_versions(context, silver)
    published = []
    with ThreadPoolExecutor(max_workers=4) as writers:
        writes = []
        for insight in context.contract.insights:
            with phases.phase(insight.name):
                _register(context, insight, silver, references)
                rows = check_key(_ask(spark, insight), insight)
            writes.append(writers.submit(_write, spark, context, insight, rows))
            published.append(
                {
                    "name": insight.name,
                    "rows": rows.num_rows,
                    "uri": context.published(insight.name),
                    "model_versions": versions if _uses_scores(context, insight) else [],
                }
            )
        with phases.phase("written"):
            for write in writes:
                write.result()
    return {"insights": published, "warnings": missing_warnings(missing), "seconds": phases.seconds()}


def _model_versions(context: Context, silver: DataFrame) -> list[str]:
    """Give the versions of the model that silver's rows were scored by: one, unless some wait to be scored again."""
    if context.contract.model is None or lineage.MODEL_VERSION not in silver.columns:
        return []
    found = silver.select(lineage.MODEL_VERSION).distinct().collect()
    return sorted(row[0] for row in found if row[0] is not None)


def _uses_scores(context: Context, insight: Insight) -> bool:
    model = context.contract.model
    return model is not None and _names(insight.statement, [model.prediction, lineage.MODEL_VERSION])


def _register(context: Context, insight: Insight, silver: DataFrame, references: dict[str, DataFrame]) -> None:
    """Register the dataset's view for a statement, without the joins that the statement makes no use of."""
    used = tuple(c for c in context.contract.combine if _mentions(insight.statement, c))
    combine(silver, used, references).createOrReplaceTempView(_view(context.dataset))


def _ask(spark: SparkSession, insight: Insight) -> pa.Table:
    try:
        return spark.sql(insight.statement).toArrow()
    except PySparkException as error:
        raise JobError(f"Insight {insight.name}: the statement fails: {engine_says(error)}") from error


def _mentions(statement: str, combination: Combination) -> bool:
    return _names(statement, [name for name, _ in combination.columns])


def _names(statement: str, columns: list[str]) -> bool:
    """Tell whether a statement names one of the columns; `SELECT *` names them all."""
    names = "|".join(re.escape(name) for name in columns)
    return re.search(rf"\b({names})\b|(SELECT|,)\s*(\w+\.)?\*", statement, re.IGNORECASE) is not None


def _write(spark: SparkSession, context: Context, insight: Insight, rows: pa.Table) -> None:
    storage.write_bytes(context.published(insight.name), to_json_lines(rows))
    # Spark Connect takes no schema from a table without rows.
    frame = spark.createDataFrame(rows) if rows.num_rows else spark.createDataFrame([], from_arrow_schema(rows.schema))
    tables.overwrite(frame, context.gold(insight.name))


def _view(dataset: str) -> str:
    return dataset.replace("-", "_")
