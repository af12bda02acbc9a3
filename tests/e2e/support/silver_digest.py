"""Prints the rows of a Delta table in the lake and a hash of their contents, whatever their order in files."""

import hashlib
import os
import sys

import deltalake
import pyarrow as pa


def main() -> None:
    options = {
        "account_name": os.environ["AZURE_STORAGE_ACCOUNT_NAME"],
        "account_key": os.environ["AZURE_STORAGE_ACCOUNT_KEY"],
        "azure_storage_use_emulator": "true",
    }
    table = deltalake.DeltaTable(f"az://lake/{sys.argv[1]}", storage_options=options)
    # A file lands at another time in every stack; all else must be the same.
    rows = pa.table(table.to_pyarrow_dataset().to_table()).drop_columns(["_landed_at", *sys.argv[2:]])
    ordered = rows.sort_by([(name, "ascending") for name in sorted(rows.column_names)])
    digest = hashlib.sha256()
    for name in sorted(ordered.column_names):
        digest.update(name.encode())
        digest.update(repr(ordered[name].to_pylist()).encode())
    print(f"{ordered.num_rows} rows {digest.hexdigest()[:16]}")


if __name__ == "__main__":
    main()
