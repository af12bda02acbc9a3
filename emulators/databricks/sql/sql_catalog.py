"""The three-level catalog: Delta tables found below a root, registered by their location.

`<root>/silver/flights` is `main.silver.flights`, `<root>/gold/flights/route-risk` is `main.gold.flights_route_risk`.
Tables that come to be later are found when the next statement arrives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import sql_storage
from sql_errors import BadRequestError

if TYPE_CHECKING:
    from pyspark.sql import Column, SparkSession

LOG = "_delta_log"
COLUMNS = pa.schema([("col_name", pa.string()), ("data_type", pa.string()), ("comment", pa.string())])


class Catalog:
    """The tables below a root, as a session sees them."""

    def __init__(self, spark: SparkSession, name: str, root: str, schemas: list[str]) -> None:
        self.spark = spark
        self.name = name
        self.root = root.rstrip("/")
        self.schemas = schemas
        self.known: set[str] = set()
        for schema in schemas:
            spark.sql(f"CREATE SCHEMA IF NOT EXISTS `{name}`.`{schema}`")

    def refresh(self) -> None:
        """Register the tables that are new; those that are known are not looked at again."""
        if self.root == "":
            return
        for schema in self.schemas:
            for name in self.folders(schema):
                path = f"{schema}/{name}"
                if path in self.known:
                    continue
                inside = self.folders(path)
                if LOG in inside:
                    self.register(schema, path)
                    continue
                for nested in (f"{path}/{below}" for below in inside):
                    if nested not in self.known and LOG in self.folders(nested):
                        self.register(schema, nested)

    def folders(self, path: str) -> list[str]:
        """Give the names of the folders directly below a path of the root."""
        return sql_storage.folders(f"{self.root}/{path}")

    def register(self, schema: str, relative: str) -> None:
        """Enter one table under the name that its path gives."""
        table = "_".join(relative.split("/")[1:]).replace("-", "_")
        location = f"{self.root}/{relative}".replace("'", "\\'")
        self.spark.sql(
            f"CREATE TABLE IF NOT EXISTS `{self.name}`.`{schema}`.`{table}` USING DELTA LOCATION '{location}'"
        )
        self.known.add(relative)

    def use(self, catalog: str | None, schema: str | None) -> None:
        """Resolve one-part names in a schema."""
        if catalog not in (None, "", self.name):
            raise BadRequestError(f"[NO_SUCH_CATALOG_EXCEPTION] Catalog '{catalog}' was not found.", "42704")
        wanted = schema or "default"
        if wanted not in [*self.schemas, "default"]:
            raise BadRequestError(f"[SCHEMA_NOT_FOUND] The schema '{self.name}.{schema}' cannot be found.", "42704")
        self.spark.catalog.setCurrentDatabase(wanted)


def describe(spark: SparkSession, query: str, parameters: dict[str, Column]) -> pa.Table:
    """Give the columns of a query, as DESCRIBE shows them."""
    schema = spark.sql(f"SELECT * FROM (\n{query}\n) LIMIT 0", args=parameters or None).schema
    rows = [{"col_name": field.name, "data_type": field.dataType.simpleString(), "comment": None} for field in schema]
    return pa.Table.from_pylist(rows, schema=COLUMNS)
