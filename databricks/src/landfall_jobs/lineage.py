"""Columns that the jobs add to the rows; all begin with an underscore, so that no business column can clash."""

from landfall_jobs.contract import Contract

BATCH = "_batch"
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


def place(contract: Contract) -> list[str]:
    """Give the columns that tell one row of a batch from all others: where it stands."""
    return [FILE, LINE, *([ITEM] if contract.arrival.explode else [])]
