"""What the texts of a column have in common."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from landfall_jobs.authoring.profiling.fields import Field
from landfall_jobs.media.facts import Fact
from landfall_jobs.transforms.checks import FORMS

NULLS = ("", "NA", "N/A", "n/a", "NULL", "null", "None", "\\N", "-", "nan", "NaN", "?", "#N/A")
NEARLY = 0.98
"""Share of values that must fit for a column to be taken for a type; the others will be quarantined."""
TYPES = ("boolean", "int", "bigint", "double", "date", "timestamp")
INT_MAX = 2**31 - 1
CODE = r"^[+-]?0[0-9]"
"""Digits that begin with a zero are a code, not a number."""


@dataclass(frozen=True)
class ColumnProfile:
    """A column with its texts, null where they stand for nothing."""

    field: Field
    texts: pa.ChunkedArray
    type: str
    misfits: int
    misfit: str | None

    @property
    def rows(self) -> int:
        """Rows, with and without a value."""
        return len(self.texts)

    @cached_property
    def nulls(self) -> int:
        """Rows without a value."""
        return self.texts.null_count

    @cached_property
    def distinct(self) -> int:
        """Different texts."""
        return pc.count_distinct(self.texts, mode="only_valid").as_py()

    @cached_property
    def longest(self) -> int:
        """Characters of the longest text."""
        return pc.max(pc.utf8_length(self.texts)).as_py() or 0

    @cached_property
    def numbers(self) -> pa.ChunkedArray:
        """The values of a numeric column; misfits are null."""
        fits = pc.match_substring_regex(self.texts, FORMS["double"])
        return pc.cast(pc.if_else(fits, self.texts, pa.scalar(None, pa.string())), pa.float64())

    @cached_property
    def bounds(self) -> tuple[object, object] | None:
        """The least and the greatest value of a number or a time; None of other columns."""
        if self.type in ("int", "bigint", "double"):
            found = pc.min_max(self.numbers).as_py()
        elif self.type in ("date", "timestamp"):
            fits = pc.match_substring_regex(self.texts, FORMS[self.type])
            found = pc.min_max(self.texts.filter(pc.fill_null(fits, False))).as_py()
        else:
            return None
        return None if found["min"] is None else (found["min"], found["max"])

    def most_common(self, most: int) -> list[tuple[str, int]]:
        """Give the most common texts, with how often each comes."""
        counts = self.texts.drop_null().value_counts()
        ordered = sorted(counts.to_pylist(), key=lambda entry: (-entry["counts"], entry["values"]))
        return [(entry["values"], entry["counts"]) for entry in ordered[:most]]


def profile(
    fields: Sequence[Field], table: pa.Table, known: Sequence[str], facts: Mapping[str, Fact]
) -> tuple[list[ColumnProfile], list[str]]:
    """Give the profile of each column, and the texts that stand for null in any: those known to, and others.

    `facts` are columns that need no guessing.
    """
    nulls = list(known)
    for field in fields:
        found = [] if field.name in facts else _null_texts(table.column(field.name))
        nulls += [text for text in found if text not in nulls]
    blank = pa.array(nulls, pa.string())
    texts = {field: _without(table.column(field.name), blank) for field in fields}
    return [_profile(field, column, facts.get(field.name)) for field, column in texts.items()], nulls


def _without(texts: pa.ChunkedArray, blank: pa.Array) -> pa.ChunkedArray:
    return pc.if_else(pc.is_in(texts, blank), pa.scalar(None, pa.string()), texts) if len(blank) else texts


def _null_texts(texts: pa.ChunkedArray) -> list[str]:
    """Give the texts that stand for null: the empty one, and others where all the rest is of a type."""
    found = [text for text in NULLS if pc.any(pc.equal(texts, text)).as_py()]
    others = [text for text in found if text]
    rest = _without(texts, pa.array(found, pa.string()))
    if others and (rest.null_count == len(rest) or _type_of(rest)[0] == "string"):
        return [text for text in found if not text]
    return found


def _profile(field: Field, texts: pa.ChunkedArray, fact: Fact | None) -> ColumnProfile:
    kind, misfits, misfit = _type_of(texts) if fact is None else (fact.type, 0, None)
    return ColumnProfile(field, texts, kind, misfits, misfit)


def _type_of(texts: pa.ChunkedArray) -> tuple[str, int, str | None]:
    """Give the narrowest type of which nearly all texts are, how many are not, and one of them."""
    values = texts.drop_null()
    if not len(values) or pc.any(pc.match_substring_regex(values, CODE)).as_py():
        return "string", 0, None
    for kind in TYPES:
        form = r"^(?i:true|false)$" if kind == "boolean" else FORMS[kind]
        fits = pc.match_substring_regex(values, form)
        if kind == "int":
            fits = pc.and_(fits, pc.less_equal(pc.utf8_length(values), 11))
        misfits = len(values) - pc.sum(fits).as_py()
        if misfits > (1 - NEARLY) * len(values):
            continue
        if kind == "int" and _is_wide(values.filter(fits)):
            continue
        misfit = values.filter(pc.invert(fits))[0].as_py() if misfits else None
        return kind, misfits, misfit
    return "string", 0, None


def _is_wide(values: pa.ChunkedArray) -> bool:
    bounds = pc.min_max(pc.cast(pc.replace_substring_regex(values, r"^\+", ""), pa.int64())).as_py()
    return bounds["max"] > INT_MAX or bounds["min"] < -INT_MAX - 1


def shape_of(texts: Iterable[str]) -> str | None:
    """Give the regular expression of texts that all have the same letters and digits in the same places."""
    shapes = {re.sub(r"[a-z]", "a", re.sub(r"[A-Z]", "A", re.sub(r"[0-9]", "9", text))) for text in texts}
    if len(shapes) != 1:
        return None
    (shape,) = shapes
    if not re.search(r"[A9a]", shape) or not re.fullmatch(r"[A9a_./:-]+", shape):
        return None
    classes = {"A": "[A-Z]", "a": "[a-z]", "9": "[0-9]"}
    parts = (match[0] for match in re.finditer(r"(.)\1*", shape))
    return "".join(
        (classes.get(part[0]) or ("[.]" if part[0] == "." else part[0])) + (f"{{{len(part)}}}" if len(part) > 1 else "")
        for part in parts
    )
