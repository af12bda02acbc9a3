"""The books of a batch: for each file read = loaded + quarantined + duplicates + superseded."""

from dataclasses import dataclass, field
from typing import Any

from landfall_jobs.context import Context, LandedFile
from landfall_jobs.errors import JobError
from landfall_jobs.transforms.verdicts import DUPLICATE, LOADED, QUARANTINED, SUPERSEDED


@dataclass
class Reason:
    """How many rows of a file broke a rule first, and what one of them looks like."""

    rule: str
    rows: int
    example: str


@dataclass
class FileBook:
    """What became of the records of a file."""

    path: str
    etag: str
    read: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)

    def count(self, verdict: str) -> int:
        """Give the number of rows with a verdict."""
        return self.verdicts.get(verdict, 0)

    def counts(self) -> dict[str, int]:
        """Give the line of the books."""
        return {
            "read": self.read,
            "loaded": self.count(LOADED),
            "quarantined": self.count(QUARANTINED),
            "duplicates": self.count(DUPLICATE),
            "superseded": self.count(SUPERSEDED),
        }


def open_books(context: Context, read: dict[str, int], verdicts: dict[tuple[str, str], int]) -> list[FileBook]:
    """Enter what was read by file, and what became of it by (file, verdict); raise JobError when a row is lost."""
    books = [FileBook(file.path, file.etag, read.get(file.path, 0)) for file in context.files]
    by_path = {book.path: book for book in books}
    for (path, verdict), rows in verdicts.items():
        if path in by_path:
            by_path[path].verdicts[verdict] = rows
    for book in books:
        accounted = sum(book.verdicts.values())
        if accounted != book.read:
            raise JobError(
                f"The books of {book.path} do not balance: {book.read} rows were read, {accounted} are accounted for. "
                "Nothing was committed; this is a defect of the job, please report it with the file."
            )
    return books


def enter_reasons(books: list[FileBook], reasons: list[tuple[str, Reason]]) -> None:
    """Enter why rows were quarantined, most frequent first; raise JobError when a quarantined row is not written."""
    by_path: dict[str, list[Reason]] = {}
    for path, reason in reasons:
        by_path.setdefault(path, []).append(reason)
    for book in books:
        book.reasons = sorted(by_path.get(book.path, []), key=lambda reason: (-reason.rows, reason.rule))
        written = sum(reason.rows for reason in book.reasons)
        if written != book.count(QUARANTINED):
            raise JobError(
                f"{book.count(QUARANTINED)} rows of {book.path} are quarantined, yet {written} were written. "
                "The file has changed while it was read, most likely: run the batch again."
            )


def report(books: list[FileBook], context: Context) -> dict[str, Any]:
    """Give the books as the result document has them; a file of which nothing was taken has zeros."""
    files = [
        {
            "path": book.path,
            "etag": book.etag,
            **book.counts(),
            "reasons": [{"rule": r.rule, "rows": r.rows, "example": r.example} for r in book.reasons],
        }
        for book in books
    ]
    files += [_nothing_of(file) for file in (*context.retracted_files, *context.replaced_files)]
    files += [{**_nothing_of(file), "changed": True} for file in context.changed_files]
    files += [{**_nothing_of(file), "rejected": reason} for file, reason in context.rejected_files]
    lines = [book.counts() for book in books]
    totals = {name: sum(line[name] for line in lines) for name in FileBook("", "").counts()}
    return {"files": files, "totals": totals}


def _nothing_of(file: LandedFile) -> dict[str, Any]:
    return {"path": file.path, "etag": file.etag, **FileBook(file.path, file.etag).counts(), "reasons": []}
