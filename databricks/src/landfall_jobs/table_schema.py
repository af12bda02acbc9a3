"""The columns of a Delta table, and of the rows that are to be added to it, made the same.

`mergeSchema` is not enough: Sail takes the option, yet drops the columns that the table lacks without a word, and
refuses rows that lack one.
"""

from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructField

from landfall_jobs import delta_rs, tables
from landfall_jobs.errors import JobError

if TYPE_CHECKING:
    from deltalake import DeltaTable


def conform(spark: SparkSession, uri: str, rows: DataFrame) -> DataFrame:
    """Give a table the columns and types of rows that it is to take, in one commit, if it has not got them.

    Gives the rows, with nulls in columns that only the table has. A column that comes to the table is null in the rows
    that are there, which stay as they are. For another type all of them are written anew; raises JobError when one has
    a value that is none of it.
    """
    known = tables.read(spark, uri)
    there = {field.name: field.dataType for field in known.schema}
    missing = [field for field in rows.schema if field.name not in there]
    changed = [field for field in rows.schema if field.name in there and field.dataType != there[field.name]]
    if changed:
        _retype(known, uri, changed, missing)
    elif missing:
        _add_columns(spark, uri, missing)
    return tables.with_columns(rows, {name: kind.simpleString() for name, kind in there.items()})


def _retype(known: DataFrame, uri: str, changed: list[StructField], missing: list[StructField]) -> None:
    kinds = {field.name: field.dataType for field in changed}
    lost = [
        F.count(F.when(F.col(name).isNotNull() & F.col(name).try_cast(kind).isNull(), 1)).alias(name)
        for name, kind in kinds.items()
    ]
    for name, rows in known.agg(*lost).collect()[0].asDict().items():
        if rows:
            raise JobError(
                f"{rows} rows of {uri} have a value of {name} that is no {kinds[name].simpleString()}, as the contract "
                f"has it now; it was {known.schema[name].dataType.simpleString()}. Give the column its type back, or "
                "another name, and land the files again."
            )
    cast = {name: F.col(name).try_cast(kind) for name, kind in kinds.items()}
    null = {field.name: F.lit(None).cast(field.dataType) for field in missing}
    tables.overwrite(known.withColumns({**cast, **null}), uri)


def _add_columns(spark: SparkSession, uri: str, missing: list[StructField]) -> None:
    """Say in the table's log that it has more columns; no row is written."""
    columns = ", ".join(f"`{field.name}` {field.dataType.simpleString()}" for field in missing)

    def by_library(table: "DeltaTable") -> None:
        import deltalake

        fields = [deltalake.Field(f.name, deltalake.schema.PrimitiveType(_delta_type(f))) for f in missing]
        table.alter.add_columns(fields)

    add = f"ALTER TABLE delta.`{uri}` ADD COLUMNS ({columns})"
    delta_rs.sql_or_library(spark, add, lacking="unsupported ALTER TABLE", uri=uri, library=by_library)


def _delta_type(field: StructField) -> str:
    """Give the name that Delta's log has for a type: https://github.com/delta-io/delta/blob/master/PROTOCOL.md."""
    name = field.dataType.typeName()
    return {"bigint": "long", "int": "integer"}.get(name, name)
