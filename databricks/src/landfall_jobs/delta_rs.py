"""Delta tables by the library `deltalake`, for what Sail lacks; on Databricks nothing needs it."""

from typing import TYPE_CHECKING

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
