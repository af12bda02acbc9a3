"""From text as it landed to typed, derived and judged rows."""

import operator
from collections.abc import Callable, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from landfall_jobs import lineage
from landfall_jobs.contract import Column as ContractColumn
from landfall_jobs.contract import Contract
from landfall_jobs.rules import Outcome, Rule
from landfall_jobs.transforms.constraints import constraint_faults

# Spark's casts are lenient (' 5' is a number, '2013' a date); a file that is off should show, so the form is checked.
FORMS = {
    "int": r"^[+-]?[0-9]{1,10}$",
    "bigint": r"^[+-]?[0-9]{1,19}$",
    "double": r"^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?$",
    "boolean": r"^(?i:true|false|t|f|yes|no|y|n|1|0)$",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "timestamp": (
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?$"
    ),
}
SEPARATOR = ","
BITS = 63
"""Bits of a bigint, without its sign."""


def check_rows(landed: DataFrame, contract: Contract) -> DataFrame:
    """Give the business columns, typed, with the lineage and what each row breaks.

    `landed` has the contract's columns as text, and the columns that the reader adds.
    """
    typed = type_rows(landed, contract)
    sound = _first_then(
        F.col(lineage.PROBLEM),
        listed([*_column_faults(contract), *_derived_faults(contract), *constraint_faults(contract, "quarantine")]),
    )
    judged = typed.withColumn(lineage.BROKEN, sound)
    judged = judged.withColumn(
        lineage.BROKEN, _first_then(F.col(lineage.BROKEN), listed(_broken_rules(contract.rules, "quarantine")))
    )
    good = F.col(lineage.BROKEN).isNull()
    return judged.select(
        *contract.names,
        lineage.FILE,
        lineage.LINE,
        lineage.LINES,
        *lineage.place(contract)[2:],
        lineage.BATCH,
        lineage.LANDED_AT,
        row_hash(contract).alias(lineage.ROW_HASH),
        lineage.BROKEN,
        F.when(good, listed(_told(contract, "warn"))).alias(lineage.WARNED),
        F.when(good, listed(_told(contract, "fail"))).alias(lineage.FAILED),
    )


def type_rows(landed: DataFrame, contract: Contract) -> DataFrame:
    """Give the business columns, typed and derived, beside the texts that they come from and the lineage."""
    typed = _typed(landed, contract)
    for column in contract.derived:
        value = F.expr(column.expression or "null").cast(column.type)
        typed = typed.withColumn(column.name, value)
    return typed


def row_hash(contract: Contract) -> Column:
    """Hash of a row's content. xxhash64 skips nulls, so which columns are null is part of what is hashed."""
    return content_hash(contract.landed)


def content_hash(columns: Sequence[ContractColumn]) -> Column:
    """Hash of some columns; of none it is the same for all rows."""
    names = [column.name for column in columns if column.evolved is None]
    groups = [names[start : start + BITS] for start in range(0, len(names), BITS)]
    # A column that came later adds nothing where it is null, so that what was hashed before it came stays the same.
    evolved = [_named_value(column.name) for column in columns if column.evolved is not None]
    return F.xxhash64(*names, *(_null_bits(group) for group in groups), *evolved, _zero())


def _named_value(name: str) -> Column:
    return F.concat(F.lit(f"{name}="), F.col(name).cast("string"))


def key_hash(contract: Contract) -> Column:
    """Hash of a row's key: equal for equal keys, and seldom for others."""
    return F.xxhash64(*contract.key, _zero())


def _zero() -> Column:
    """0, computed for each row: Sail 0.7.2 panics in xxhash64 where all its arguments are constants for it.

    It takes a column for one where the statistics of a file say that there is nothing but null.
    """
    return F.when(F.col(lineage.LINE) < 0, F.lit(1)).otherwise(0)


def _null_bits(names: list[str]) -> Column:
    """Give a number with one bit a column, set where it is null."""
    bits = [F.when(F.col(name).isNull(), F.lit(1 << i)).otherwise(0) for i, name in enumerate(names)]
    return _folded(operator.add, bits).cast("bigint")


def _typed(landed: DataFrame, contract: Contract) -> DataFrame:
    """Give typed columns, and beside them whether a text was there that did not fit."""
    texts = [_text(c, contract.arrival.null_values).alias(_text_of(c)) for c in contract.read]
    lines = [*lineage.place(contract), lineage.LINES, lineage.BATCH, lineage.LANDED_AT, lineage.PROBLEM]
    as_text = landed.select(*texts, *lines)
    held = {c.name: _cast(c) for c in contract.read}
    for name, remainder in contract.remainders.items():
        held[remainder] = F.when(held[name].isNull(), F.col(_text_of(contract.column(name))))
    return as_text.select(
        *(held[c.name].alias(c.name) for c in contract.landed),
        *(F.col(_text_of(c)) for c in contract.landed if c.type != "string"),
        *lines,
    )


def _text(column: ContractColumn, null_values: tuple[str, ...]) -> Column:
    if not null_values:
        return F.col(column.name)
    return F.when(~F.col(column.name).isin([F.lit(text) for text in null_values]), F.col(column.name))


def _cast(column: ContractColumn) -> Column:
    text = F.col(_text_of(column))
    if column.type == "string":
        return text
    return F.when(text.rlike(FORMS[column.type]), text.try_cast(column.type))


def _text_of(column: ContractColumn) -> str:
    return f"__text_{column.name}"


def _column_faults(contract: Contract) -> list[tuple[str, Column]]:
    faults = []
    remainders = contract.remainders
    for column in contract.landed:
        value = F.col(column.name)
        text = value if column.type == "string" else F.col(_text_of(column))
        if column.type != "string" and column.name not in remainders:
            faults.append((f"type:{column.name}", text.isNotNull() & value.isNull()))
        if not column.nullable:
            faults.append((f"not-null:{column.name}", text.isNull()))
        if column.length is not None and column.type == "string":
            faults.append((f"length:{column.name}", F.length(value) > column.length))
    return faults


def _derived_faults(contract: Contract) -> list[tuple[str, Column]]:
    required = [(f"not-null:{c.name}", F.col(c.name).isNull()) for c in contract.derived if not c.nullable]
    long = [
        (f"length:{c.name}", F.length(c.name) > c.length)
        for c in contract.derived
        if c.length is not None and c.type == "string"
    ]
    return required + long


def _told(contract: Contract, outcome: Outcome) -> list[tuple[str, Column]]:
    """Give the constraints and rules that leave a row good."""
    return [*constraint_faults(contract, outcome), *_broken_rules(contract.rules, outcome)]


def _broken_rules(rules: tuple[Rule, ...], outcome: Outcome) -> list[tuple[str, Column]]:
    return [(r.name, ~F.coalesce(F.expr(r.expression), F.lit(False))) for r in rules if r.outcome == outcome]


def listed(faults: list[tuple[str, Column]]) -> Column:
    """Give the names of the faults that a row has, separated; null when it has none."""
    if not faults:
        return F.lit(None).cast("string")
    names = F.concat_ws(SEPARATOR, *(F.when(condition, F.lit(name)) for name, condition in faults))
    return F.when(_folded(operator.or_, [condition for _, condition in faults]), names)


def _folded(operation: Callable[[Column, Column], Column], columns: list[Column]) -> Column:
    """Combine columns pair by pair: in a row, many of them would nest deeper than Spark Connect's messages may."""
    if len(columns) == 1:
        return columns[0]
    middle = len(columns) // 2
    return operation(_folded(operation, columns[:middle]), _folded(operation, columns[middle:]))


def _first_then(first: Column, second: Column) -> Column:
    """A row that is broken in one way is not judged in the next: what follows from a fault is no news."""
    return F.when(first.isNotNull(), first).otherwise(second)
