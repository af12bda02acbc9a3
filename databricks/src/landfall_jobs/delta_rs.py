"""Delta tables by the library `deltalake`, for what Sail lacks; on Databricks nothing needs it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from landfall_jobs import azure_blob

if TYPE_CHECKING:
    from deltalake import DeltaTable


def open_table(uri: str) -> "DeltaTable":
    """Open a Delta table, with the storage account of the environment where one is given."""
    import deltalake

    account = azure_blob.account_of_environment()
    if account is None:
        return deltalake.DeltaTable(uri)
    options = {"account_name": account.name, "account_key": account.key}
    if account.emulated:
        options["azure_storage_use_emulator"] = "true"
    return deltalake.DeltaTable(uri, storage_options=options)


def sql_or_library(
    spark: SparkSession, statement: str, *, lacking: str, uri: str, library: Callable[["DeltaTable"], object]
) -> None:
    """Run a statement about a table; where Sail lacks it, as the words `lacking` tell, let the library do it.

    What is wrong otherwise is raised as the engine tells it.
    """
    try:
        spark.sql(statement)
    except PySparkException as error:
        if lacking not in str(error):
            raise
        library(open_table(uri))
