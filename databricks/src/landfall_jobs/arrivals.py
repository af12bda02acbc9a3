"""Which files of a batch can still be read as they were announced.

A blob has an eTag, which every write changes: what it was before and after reading is what was read. Local paths and
Volumes have none, by design; there only a file that is gone is noticed.
"""

from concurrent.futures import ThreadPoolExecutor

from landfall_jobs import storage
from landfall_jobs.context import Context, LandedFile


def look(context: Context) -> Context:
    """Give the context with the files that are gone, or are another version by now, among those that have changed."""
    with ThreadPoolExecutor(max_workers=8) as workers:
        same = list(workers.map(lambda file: _is_same(context, file), context.files))
    return context.without([file.path for file, still in zip(context.files, same, strict=True) if not still])


def note(context: Context) -> None:
    """Write down which files were left out, for the steps that come after."""
    left_out = [*context.changed_files, *(file for file, _ in context.rejected_files)]
    storage.write_json(_note(context), [file.path for file in left_out])


def recall(context: Context) -> Context:
    """Give the context without the files that cleanse has left out: what silver holds of their paths is to stay."""
    left_out = storage.read_json(_note(context))
    return context.without(left_out) if isinstance(left_out, list) else context


def _is_same(context: Context, file: LandedFile) -> bool:
    try:
        etag = storage.etag(storage.join(context.landing, file.path))
    except FileNotFoundError:
        return False
    return etag is None or etag == file.etag


def _note(context: Context) -> str:
    return storage.join(context.lake, "staging", context.dataset, context.batch, "left-out.json")
