"""What only the engine can tell of a contract: whether its Spark SQL holds, asked over tables of one made-up row.

Without a row, what is evaluated late (a regular expression, say) would not be seen.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from landfall_jobs import lineage
from landfall_jobs.contract import SPARK_TYPES, Contract, parse_contract
from landfall_jobs.contracts.contract_file import ContractFile, Problem
from landfall_jobs.contracts.finding import Finding, hint
from landfall_jobs.contracts.finding import Path as At
from landfall_jobs.errors import engine_says
from landfall_jobs.parsing import Document
from landfall_jobs.transforms.combine import combine
from landfall_jobs.transforms.timeline import VALIDITY

SAMPLES: dict[str, object] = {
    "string": "a",
    "int": 1,
    "bigint": 1,
    "double": 1.0,
    "boolean": True,
    "date": date(2026, 1, 1),
    "timestamp": datetime(2026, 1, 1, tzinfo=UTC),
}
_LINEAGE = {
    lineage.FILE: "string",
    lineage.LINE: "int",
    lineage.ITEM: "int",
    lineage.BATCH: "string",
    lineage.LANDED_AT: "string",
    lineage.ROW_HASH: "bigint",
    lineage.PUBLISHED_BY: "string",
}


def check_sql(spark: SparkSession, files: Mapping[str, ContractFile]) -> list[Problem]:
    """Check the expressions and statements of contracts which are right in all else."""
    contracts = {name: parse_contract(Document(file.with_statements(), "contract")) for name, file in files.items()}
    histories = {name for name, contract in contracts.items() if contract.keeps_history}
    contracts = {name: contract.combined_with(histories) for name, contract in contracts.items()}
    tables = {name: _table(spark, contract) for name, contract in contracts.items()}
    return [problem for name, file in files.items() for problem in _check(spark, file, contracts[name], tables)]


def _check(
    spark: SparkSession, file: ContractFile, contract: Contract, tables: Mapping[str, DataFrame]
) -> Iterator[Problem]:
    positions = {column["name"]: i for i, column in enumerate(file.contract["columns"])}
    rows = _one_row(spark, {column.name: column.type for column in contract.landed})
    for column in contract.derived:
        path: At = ("columns", positions[column.name], "expression")
        yield from map(file.problem, _expression(rows, column.expression or "null", path, condition=False))
        rows = rows.withColumn(column.name, F.lit(SAMPLES[column.type]).cast(column.type))
    for i, declared in enumerate(file.contract["rules"]):
        if "expression" in declared:
            path = ("rules", i, "expression")
            yield from map(file.problem, _expression(rows, declared["expression"], path, condition=True))
    combined = combine(tables[contract.dataset], contract.combine, tables)
    if contract.model is not None:
        for name, text in (("target", contract.model.target), ("train_where", contract.model.train_where)):
            yield from map(file.problem, _expression(combined, text, ("model", name), condition=True))
        for i, feature in enumerate(contract.model.features):
            path = ("model", "features", i, "expression")
            yield from map(file.problem, _expression(combined, feature.expression, path, condition=False))
    for name in {combination.dataset for combination in contract.combine}:
        tables[name].createOrReplaceTempView(name.replace("-", "_"))
    combined.createOrReplaceTempView(contract.dataset.replace("-", "_"))
    for i in range(len(contract.insights)):
        yield from _statement(spark, file, contract, i)


def _expression(rows: DataFrame, text: str, path: At, condition: bool) -> Iterator[Finding]:
    try:
        asked = rows.select(F.expr(text).alias("x"))
        kind = asked.schema[0].dataType.simpleString()
        asked.collect()
    except PySparkException as error:
        yield Finding(path, f"This expression fails: {explain(engine_says(error), text, rows.columns)}")
        return
    if condition and kind not in ("boolean", "void"):
        yield Finding(path, f"This must be a condition, true or false; it gives {kind}.")


def _statement(spark: SparkSession, file: ContractFile, contract: Contract, index: int) -> Iterator[Problem]:
    insight, declared = contract.insights[index], file.contract["insights"][index]
    try:
        found = spark.sql(insight.statement).toArrow().column_names
    except PySparkException as error:
        said = engine_says(error)
        offset = _offset(said, insight.statement) or 0
        before = insight.statement[:offset]
        line, column = before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
        sql = str(Path(file.file).parent / declared["sql"])
        message = f"This statement fails: {explain(said, insight.statement, ())}"
        yield Problem(sql, line, column, message)
        return
    for block in ("key", "filters"):
        for i, name in enumerate(declared[block]):
            if name not in found:
                message = f"{declared['sql']} gives no column '{name}'; {hint(name, found, 'columns')}"
                yield file.problem(Finding(("insights", index, block, i), message))


def explain(message: str, text: str, known: tuple[str, ...] | list[str]) -> str:
    """Give an engine's words in ours, as far as they are known: Sail's, or those of Spark's error classes."""
    column = re.search(r"attribute ObjectName\(\[(.*?)\]\) is missing", message)
    column = column or re.search(r"\[UNRESOLVED_COLUMN\b.*? with name (`.*?`) cannot be resolved", message)
    if column is not None:
        name = ".".join(re.findall(r'["`]([^"`]*)["`]', column[1]))
        return (
            f"'{name}' is no column here; {hint(name, list(known), 'columns')}" if known else f"there is no '{name}'."
        )
    table = re.search(r"Table or view not found: (\S+)", message)
    table = table or re.search(r"\[TABLE_OR_VIEW_NOT_FOUND\] The table or view (?:`.*`\.)?`(.*?)` cannot", message)
    if table is not None:
        return f"there is no table '{table[1]}'; a statement sees its own dataset and those that it combines."
    function = re.search(r"unknown function: (\S+)", message)
    function = function or re.search(r"\[UNRESOLVED_ROUTINE\] Cannot resolve routine `(.*?)` on", message)
    if function is not None:
        return f"there is no function '{function[1]}'."
    syntax = re.search(r"found (.+?) (?:at \d+:\d+ )?expected", message)
    syntax = syntax or re.search(r"\[PARSE_SYNTAX_ERROR\] Syntax error at or near (end of input|'.*?')", message)
    if syntax is not None:
        if "end of input" in syntax[1]:
            return "it ends too early."
        return f"'{_word(text, _offset(message, text) or 0)}' is not what can stand there."
    return " ".join(message.split())[:300]


def _offset(message: str, text: str) -> int | None:
    """Give where the syntax is wrong: Sail tells the character, Spark the line and the place in it."""
    found = re.search(r"found .+? at (\d+):\d+ expected", message)
    if found is not None:
        return int(found[1])
    found = re.search(r"\[PARSE_SYNTAX_ERROR\].*?\(line (\d+), pos (\d+)\)", message, re.DOTALL)
    if found is None:
        return None
    return sum(len(line) for line in text.splitlines(keepends=True)[: int(found[1]) - 1]) + int(found[2])


def _word(text: str, offset: int) -> str:
    found = re.compile(r"\w+|\S").search(text, offset)
    return found[0] if found else text


def _table(spark: SparkSession, contract: Contract) -> DataFrame:
    """Give silver's table of a contract."""
    columns = {column.name: column.type for column in contract.columns}
    if contract.keeps_history:
        columns |= VALIDITY
    if contract.model is not None:
        columns |= {contract.model.prediction: "double", lineage.MODEL_VERSION: "string"}
    return _one_row(spark, columns | _LINEAGE)


def _one_row(spark: SparkSession, columns: Mapping[str, str]) -> DataFrame:
    schema = ", ".join(f"`{name}` {SPARK_TYPES[kind]}" for name, kind in columns.items())
    return spark.createDataFrame([tuple(SAMPLES[kind] for kind in columns.values())], schema)
