"""Columns that the jobs add to the rows; all begin with an underscore, so that no business column can clash."""

from landfall_jobs.contract import Contract

BATCH = "_batch"
"""The batch that read the row from its file: with file, line and item the same in bronze, silver and the warehouse."""
PUBLISHED_BY = "_published_by"
"""The batch that put the row into silver as it stands there: that one, or a later one that scored it anew."""
FILE = "_file"
LINE = "_line"
"""Physical line in the file; the header is line 1. Of formats without lines the number of the record, from 1."""
LINES = "_lines"
"""Physical lines that the record spans."""
ITEM = "_item"
"""Which of the rows that one record gives, from 1; only where the contract explodes an array."""
LANDED_AT = "_landed_at"
"""When the row's file landed, ISO 8601 in UTC as the context says it."""
ROW_HASH = "_row_hash"
MODEL_VERSION = "_model_version"

EXTRA = "_extra"
"""Columns of the file that the contract does not know, as JSON."""
PROBLEM = "_problem"
"""Why the line is no record: 'fields', 'encoding' and the like."""
RAW = "_raw"
"""Text of a line that is no record."""

BROKEN = "_broken"
"""What a bad row breaks, first one first: type:<column>, not-null:<column>, length:<column>, or a rule's name."""
WARNED = "_warned"
FAILED = "_failed"
VERDICT = "verdict"
"""loaded, quarantined, duplicate or superseded."""


def origin(contract: Contract) -> list[str]:
    """Give the columns that tell where a row came from."""
    return [*place(contract), BATCH]


def publisher(columns: list[str], alias: str = "") -> str:
    """Give the SQL expression of the batch that put a row into silver; tables of before do not tell it apart."""
    batch, publisher = alias + BATCH, alias + PUBLISHED_BY
    # Sail's DELETE and MERGE know no coalesce.
    return f"CASE WHEN {publisher} IS NULL THEN {batch} ELSE {publisher} END" if PUBLISHED_BY in columns else batch


def place(contract: Contract) -> list[str]:
    """Give the columns that tell one row of a batch from all others: where it stands."""
    return [FILE, LINE, *([ITEM] if contract.arrival.explode else [])]
