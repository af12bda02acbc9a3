"""Which columns tell one row from all others."""

import re
from dataclasses import dataclass
from itertools import combinations

import pyarrow as pa
import pyarrow.compute as pc

from landfall_jobs.authoring.profiling.columns import ColumnProfile

LARGEST_KEY = 4
POOL = 8
"""How many columns are tried together: 154 ways to take two, three or four of them."""
SAMPLE_ROWS = 20_000
LONGEST_KEY_TEXT = 64
LONGEST_CODE = 16


@dataclass(frozen=True)
class Key:
    """Columns of a key; `repeated` rows equal another in all, `clashing` ones in the key only."""

    names: list[str]
    repeated: int
    clashing: int


def find_key(columns: list[ColumnProfile]) -> Key:
    """Give the fewest columns that tell all rows apart which differ, those first that sound like a key.

    Where no four of the likeliest columns do, give those that tell most of them apart.
    """
    whole = pa.table({column.field.name: column.texts for column in columns})
    names = [column.field.name for column in columns]
    different = _different(whole, names)
    pool = sorted(filter(_may_be_key, columns), key=lambda column: (-_likelihood(column), -column.distinct))[:POOL]
    sample = whole.slice(0, SAMPLE_ROWS)
    in_sample = _different(sample, names)
    best: tuple[int, list[str]] = (0, names[:1])
    # Alone a time is unique by chance, if not called so; beside others it is what they are about.
    alone = sorted(
        pool, key=lambda column: (not _sounds_like_key(column), _is_time(column), names.index(column.field.name))
    )
    for size in range(1, LARGEST_KEY + 1):
        for chosen in combinations(alone if size == 1 else pool, size):
            key = [column.field.name for column in chosen]
            found = _different(sample, key)
            if found == in_sample and _different(whole, key) == different:
                return Key(sorted(key, key=names.index), whole.num_rows - different, 0)
            if found > best[0]:
                best = (found, key)
    key = sorted(best[1], key=names.index)
    return Key(key, whole.num_rows - different, different - _different(whole, key))


def _may_be_key(column: ColumnProfile) -> bool:
    return (
        not column.nulls and column.type not in ("double", "boolean") and column.longest <= LONGEST_KEY_TEXT
    ) and column.distinct > 1


def _sounds_like_key(column: ColumnProfile) -> bool:
    return re.search(r"(^|_)(id|key|code|no|nr|number|uuid|guid)$", column.field.name) is not None


def _is_time(column: ColumnProfile) -> bool:
    return column.type in ("timestamp", "date")


def _likelihood(column: ColumnProfile) -> int:
    """Keys are called so, or are times and codes; measures tell rows apart too, by chance."""
    if _sounds_like_key(column):
        return 4
    if _is_time(column):
        return 3
    return 2 if column.type == "string" and column.longest <= LONGEST_CODE else 1


def _different(table: pa.Table, names: list[str]) -> int:
    if len(names) == 1:
        return pc.count_distinct(table.column(names[0]), mode="all").as_py()
    return table.select(names).group_by(names).aggregate([]).num_rows
