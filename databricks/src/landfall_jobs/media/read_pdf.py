"""PDF documents: pages and text. pypdf reads them."""

import logging
import os
from typing import IO

from pypdf import PdfReader
from pypdf.errors import DependencyError, LimitReachedError

from landfall_jobs.media.facts import DAMAGED, ENCRYPTED, TOO_LARGE, Fault, clean

TEXT_PAGES = 200
"""From how many pages text is taken at most: it takes pypdf milliseconds to tenths of a second a page."""
END_BYTES = 1024
"""Within how many bytes of its end a document has its end mark (Adobe's implementation note to ISO 32000)."""


def read_pdf(stream: IO[bytes], text_characters: int) -> dict[str, str | None]:
    """Give facts; raise Fault. A document that opens without a password is read, encrypted or not."""
    # What pypdf finds odd it says through the log, file by file.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    _expect_end(stream)
    try:
        reader = PdfReader(stream)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Fault(ENCRYPTED, "the document opens with a password only")
        facts = {"pages": str(len(reader.pages)), **_information(reader)}
        return {**facts, "text": _text(reader, text_characters)}
    except Fault:
        raise
    except DependencyError as error:
        raise Fault(ENCRYPTED, f"the document is encrypted in a way that cannot be read here: {error}") from error
    except (LimitReachedError, MemoryError) as error:
        raise Fault(TOO_LARGE, f"the document unpacks to more than is read: {error}") from error
    except Exception as error:  # pypdf has many errors for what is not as it should be, Python's own among them
        raise Fault(DAMAGED, f"the document cannot be read: {error}") from error


def _expect_end(stream: IO[bytes]) -> None:
    """Raise Fault where the end is missing: pypdf would mend what is left, and give fewer pages."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - END_BYTES))
    if b"%%EOF" not in stream.read():
        raise Fault(DAMAGED, "the document ends without its end mark: was it cut off?")
    stream.seek(0)


def _information(reader: PdfReader) -> dict[str, str | None]:
    found = reader.metadata
    return {} if found is None else {"title": clean(found.title or ""), "author": clean(found.author or "")}


def _text(reader: PdfReader, characters: int) -> str | None:
    """Give the text from the beginning, page by page, as far as it is wanted."""
    parts: list[str] = []
    length = 0
    for page in reader.pages[:TEXT_PAGES]:
        if length >= characters:
            break
        part = clean(page.extract_text()) or ""
        parts.append(part)
        length += len(part)
    return clean("\n\n".join(filter(None, parts))[:characters])
