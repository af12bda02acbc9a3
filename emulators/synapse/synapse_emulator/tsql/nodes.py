"""The tree of a T-SQL batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Expression = Any
"""Any node of an expression or condition below."""
Statement = Any
"""Any node that can stand alone."""
Name = tuple[str, ...]
"""The parts of a dotted name, outermost first."""


@dataclass(slots=True, frozen=True)
class TypeSpec:
    """A type as written: `name` in lower case; `length` -1 stands for MAX."""

    name: str
    length: int | None = None
    scale: int | None = None


@dataclass(slots=True)
class Node:
    """Anything with a place in the text."""

    line: int = field(default=1, kw_only=True)


# Expressions


@dataclass(slots=True)
class Literal(Node):
    """`kind` is int, dec, float, str, nstr, bin or null."""

    kind: str
    text: str


@dataclass(slots=True)
class Column(Node):
    """A column reference, with or without qualifiers."""

    parts: Name


@dataclass(slots=True)
class Star(Node):
    """`*` or `t.*`."""

    qualifier: Name = ()


@dataclass(slots=True)
class Variable(Node):
    """`@name` or `@@NAME`, in lower case with its at signs."""

    name: str


@dataclass(slots=True)
class Unary(Node):
    """`-`, `+`, `~` or NOT."""

    op: str
    operand: Any


@dataclass(slots=True)
class Binary(Node):
    """Arithmetic, bit, comparison, AND and OR."""

    op: str
    left: Any
    right: Any


@dataclass(slots=True)
class Test(Node):
    """NULL, BETWEEN, IN (list), IN (query), LIKE tests; `kind` names which."""

    kind: str
    operand: Any
    args: list[Any]
    negated: bool = False


@dataclass(slots=True)
class Exists(Node):
    """EXISTS (query)."""

    query: Any


@dataclass(slots=True)
class Quantified(Node):
    """A comparison with ANY, SOME or ALL of a query."""

    op: str
    left: Any
    quantifier: str
    query: Any


@dataclass(slots=True)
class Case(Node):
    """Both forms of CASE."""

    operand: Any
    whens: list[tuple[Any, Any]]
    default: Any


@dataclass(slots=True)
class Cast(Node):
    """CAST, CONVERT and their TRY_ forms."""

    operand: Any
    type: TypeSpec
    attempt: bool = False
    style: Any = None


@dataclass(slots=True)
class Over(Node):
    """A window."""

    partition: list[Any]
    order: list[Any]
    frame: str = ""


@dataclass(slots=True)
class Call(Node):
    """A function call; `name` in upper case, `path` as written."""

    name: str
    args: list[Any]
    path: Name = ()
    distinct: bool = False
    over: Over | None = None
    within: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Scalar(Node):
    """A subquery as a value."""

    query: Any


@dataclass(slots=True)
class Collate(Node):
    """expr COLLATE name."""

    operand: Any
    collation: str


@dataclass(slots=True)
class Order(Node):
    """One ORDER BY item."""

    expression: Any
    descending: bool = False


# Queries


@dataclass(slots=True)
class Item(Node):
    """One item of a select list; `target` is the variable of SELECT @v = expr."""

    expression: Any
    alias: str | None = None
    target: str | None = None


@dataclass(slots=True)
class TableName(Node):
    """A named table in FROM."""

    parts: Name
    alias: str | None = None


@dataclass(slots=True)
class Derived(Node):
    """A subquery in FROM."""

    query: Any
    alias: str
    columns: list[str] | None = None


@dataclass(slots=True)
class TableCall(Node):
    """A table-valued function in FROM."""

    call: Call
    alias: str | None = None


@dataclass(slots=True)
class Join(Node):
    """`kind`: INNER, LEFT, RIGHT, FULL, CROSS, CROSS APPLY or OUTER APPLY."""

    kind: str
    left: Any
    right: Any
    on: Any = None


@dataclass(slots=True)
class Top(Node):
    """TOP (n) [PERCENT] [WITH TIES]."""

    count: Any
    percent: bool = False
    ties: bool = False


@dataclass(slots=True)
class Select(Node):
    """One SELECT block."""

    items: list[Item]
    distinct: bool = False
    top: Top | None = None
    into: Name | None = None
    source: Any = None
    where: Any = None
    grouping: list[Any] = field(default_factory=list)
    grouping_kind: str = ""
    having: Any = None


@dataclass(slots=True)
class SetOperation(Node):
    """UNION [ALL], EXCEPT, INTERSECT."""

    op: str
    left: Any
    right: Any


@dataclass(slots=True)
class Query(Node):
    """CTEs, a body (Select, SetOperation or nested Query) and an order."""

    body: Any
    ctes: list[tuple[str, list[str] | None, Any]] = field(default_factory=list)
    order: list[Order] = field(default_factory=list)
    label: str | None = None


# Statements


@dataclass(slots=True)
class Insert(Node):
    """INSERT; `source` is a Query, values (`more` has further rows), an Execute, or None for DEFAULT VALUES."""

    table: Name
    columns: list[str]
    source: Any
    ctes: list[Any] = field(default_factory=list)
    more: list[list[Any]] = field(default_factory=list)


@dataclass(slots=True)
class InsertBulk(Node):
    """INSERT BULK, by which a driver announces rows that follow as a message of their own."""

    table: Name
    columns: list[str]


@dataclass(slots=True)
class Update(Node):
    """UPDATE [alias or table] SET … FROM … WHERE …."""

    target: Name
    changes: list[tuple[Name, str, Any]]
    source: Any = None
    where: Any = None
    ctes: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Delete(Node):
    """DELETE [FROM] target FROM … WHERE …."""

    target: Name
    source: Any = None
    where: Any = None
    ctes: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class MergeWhen(Node):
    """One WHEN clause: `on` is matched, target or source; `action` update, delete or insert."""

    on: str
    condition: Any
    action: str
    columns: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Merge(Node):
    """MERGE."""

    target: Name
    alias: str | None
    source: Any
    condition: Any
    whens: list[MergeWhen]
    ctes: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class ColumnSpec(Node):
    """A column of CREATE TABLE or ALTER TABLE ADD."""

    name: str
    type: TypeSpec
    nullable: bool = True
    default: Any = None
    identity: tuple[int, int] | None = None


@dataclass(slots=True)
class TableOptions(Node):
    """WITH (…) of CREATE TABLE: distribution, its columns, index kind and partition column."""

    distribution: str = "ROUND_ROBIN"
    distribution_columns: list[str] = field(default_factory=list)
    index: str = "CLUSTERED COLUMNSTORE INDEX"
    partition: str | None = None
    boundaries: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class CreateTable(Node):
    """CREATE TABLE with columns or AS SELECT."""

    name: Name
    columns: list[ColumnSpec]
    options: TableOptions
    query: Any = None
    column_names: list[str] | None = None
    keys: list[tuple[str, list[str]]] = field(default_factory=list)


@dataclass(slots=True)
class Command(Node):
    """A statement whose meaning is its `verb` and a few arguments."""

    verb: str
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Module(Node):
    """CREATE [OR ALTER] VIEW or PROCEDURE; `text` is the body as written."""

    kind: str
    name: Name
    mode: str
    body: Any
    text: str
    columns: list[str] | None = None
    parameters: list[tuple[str, TypeSpec, Any, bool]] = field(default_factory=list)


@dataclass(slots=True)
class CopyColumn(Node):
    """An item of COPY INTO's column list."""

    name: str
    default: Any = None
    field_number: int | None = None


@dataclass(slots=True)
class CopyInto(Node):
    """COPY INTO."""

    table: Name
    columns: list[CopyColumn]
    locations: list[str]
    options: dict[str, Any]


@dataclass(slots=True)
class Block(Node):
    """BEGIN … END, or a whole batch."""

    statements: list[Any]


@dataclass(slots=True)
class If(Node):
    """IF … ELSE …."""

    condition: Any
    then: Any
    otherwise: Any = None


@dataclass(slots=True)
class While(Node):
    """WHILE …."""

    condition: Any
    body: Any


@dataclass(slots=True)
class Try(Node):
    """BEGIN TRY … END CATCH."""

    body: Block
    handler: Block


@dataclass(slots=True)
class Declare(Node):
    """DECLARE of variables."""

    variables: list[tuple[str, TypeSpec, Any]]


@dataclass(slots=True)
class SetVariable(Node):
    """SET @v = expr, SET @v += expr."""

    name: str
    op: str
    value: Any


@dataclass(slots=True)
class Execute(Node):
    """EXEC proc args, or EXEC ('text')."""

    procedure: Name | None
    args: list[tuple[str | None, Any, bool]]
    text: Any = None
    result: str | None = None
