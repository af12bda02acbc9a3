"""What a dedicated SQL pool does not have, refused while parsing.

From Microsoft's pages "Design tables", "Transactions", "Transact-SQL features", "IDENTITY" and "Temporary tables" for
Synapse SQL. Numbers are the server's where they are known, else 104467.
"""

from __future__ import annotations

from synapse_emulator.errors import SqlError, unsupported
from synapse_emulator.tsql.nodes import ColumnSpec, CreateTable, Name, TypeSpec

_FUNCTIONS = frozenset(
    [
        "CHOOSE",
        "STRING_ESCAPE",
        "TRANSLATE",
        "CHECKSUM_AGG",
        "GROUPING_ID",
        "SCOPE_IDENTITY",
        "IDENT_CURRENT",
        "ERROR_LINE",
        "OPENROWSET",
        "OPENQUERY",
        "SESSION_CONTEXT",
        "NEWSEQUENTIALID",
        "ROWCOUNT_BIG",
    ]
)
_TYPES = frozenset(
    [
        "text",
        "ntext",
        "image",
        "xml",
        "sql_variant",
        "rowversion",
        "timestamp",
        "geometry",
        "geography",
        "hierarchyid",
        "table",
        "cursor",
    ]
)
KNOWN_TYPES = frozenset(
    [
        "bigint",
        "int",
        "integer",
        "smallint",
        "tinyint",
        "bit",
        "decimal",
        "dec",
        "numeric",
        "money",
        "smallmoney",
        "float",
        "real",
        "date",
        "datetime",
        "datetime2",
        "smalldatetime",
        "datetimeoffset",
        "time",
        "char",
        "character",
        "varchar",
        "nchar",
        "nvarchar",
        "binary",
        "varbinary",
        "uniqueidentifier",
        "sysname",
    ]
)


def refuse_function(name: str, line: int) -> None:
    """Raise for a function that the pool lacks."""
    if name in _FUNCTIONS:
        raise unsupported(f"The function {name}", line)


def refuse_variable(name: str, line: int) -> None:
    """@@IDENTITY is not in the pool."""
    if name == "@@identity":
        raise unsupported("@@IDENTITY", line)


def check_type(kind: TypeSpec, line: int) -> None:
    """Raise for a type that the pool lacks, or that nobody has (2715)."""
    if kind.name in _TYPES:
        raise SqlError(104467, f"The data type '{kind.name}' is not supported in a dedicated SQL pool.", line=line)
    if kind.name not in KNOWN_TYPES:
        raise SqlError(2715, f"Column, parameter, or variable: Cannot find data type {kind.name}.", line=line)


def check_name(name: Name, database: str, line: int) -> None:
    """40515 for a three-part name of another database; ## tables are refused."""
    if name[-1].startswith("##"):
        raise unsupported("A global temporary table", line)
    if len(name) > 3 or (
        len(name) == 3 and name[0].lower() not in (database.lower(), "tempdb" if name[-1].startswith("#") else "")
    ):
        raise SqlError(
            40515,
            f"Reference to database and/or server name in '{'.'.join(name)}' is not supported in this "
            f"version of SQL Server.",
            severity=15,
            line=line,
        )


def check_create_table(table: CreateTable) -> None:
    """The rules on identity, distribution and temporary tables."""
    options = table.options
    names = {column.name.lower(): column for column in table.columns}
    hashed = {name.lower() for name in options.distribution_columns}
    if len(names) != len(table.columns):
        raise SqlError(2705, "Column names in each table must be unique.", line=table.line)
    for column in table.columns:
        check_type(column.type, column.line)
        _check_identity(column, hashed)
    if table.columns:
        for name in hashed:
            if name not in names:
                raise SqlError(
                    104467, f"Column '{name}' is used in the distribution but is not in the table.", line=table.line
                )
    if table.name[-1].startswith("##"):
        raise unsupported("A global temporary table", table.line)
    if table.name[-1].startswith("#"):
        if options.distribution == "REPLICATE":
            raise unsupported("A replicated temporary table", table.line)
        if options.partition:
            raise unsupported("A partitioned temporary table", table.line)


def _check_identity(column: ColumnSpec, hashed: set[str]) -> None:
    if column.identity is None:
        return
    if column.type.name not in ("int", "integer", "bigint"):
        raise SqlError(2749, f"Identity column '{column.name}' must be of data type INT or BIGINT.", line=column.line)
    if column.name.lower() in hashed:
        raise SqlError(104467, f"The identity column '{column.name}' cannot be the distribution key.", line=column.line)
