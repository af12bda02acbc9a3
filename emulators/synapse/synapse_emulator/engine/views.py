"""The catalogue views of SQL Server, over the tables in which the emulator keeps its catalogue."""

from __future__ import annotations

import duckdb

SCHEMA = """
CREATE SCHEMA IF NOT EXISTS tsql_meta;
CREATE SCHEMA IF NOT EXISTS tsql_info;
CREATE SCHEMA IF NOT EXISTS sys;
CREATE SEQUENCE IF NOT EXISTS tsql_meta.ids START 1000;
CREATE TABLE IF NOT EXISTS tsql_meta.schemas(schema_id INTEGER, name VARCHAR);
CREATE TABLE IF NOT EXISTS tsql_meta.objects(object_id INTEGER, schema_id INTEGER, name VARCHAR, type VARCHAR,
  create_date TIMESTAMP, definition VARCHAR, distribution VARCHAR, distribution_columns VARCHAR[], index_kind VARCHAR,
  partition_column VARCHAR);
CREATE TABLE IF NOT EXISTS tsql_meta.columns(object_id INTEGER, column_id INTEGER, name VARCHAR, type VARCHAR,
  is_nullable BOOLEAN, is_identity BOOLEAN, default_text VARCHAR);
CREATE TABLE IF NOT EXISTS tsql_meta.principals(name VARCHAR, kind VARCHAR);
"""

_TYPE = "split_part(c.type, '(', 1)"
_ARGS = "string_split(rtrim(split_part(c.type, '(', 2), ')'), ',')"
_TYPES = [
    ("int", 56, 4, 10, 0),
    ("bigint", 127, 8, 19, 0),
    ("smallint", 52, 2, 5, 0),
    ("tinyint", 48, 1, 3, 0),
    ("bit", 104, 1, 1, 0),
    ("decimal", 106, 17, 38, 38),
    ("money", 60, 8, 19, 4),
    ("smallmoney", 122, 4, 10, 4),
    ("float", 62, 8, 53, 0),
    ("real", 59, 4, 24, 0),
    ("date", 40, 3, 10, 0),
    ("time", 41, 5, 16, 7),
    ("datetime", 61, 8, 23, 3),
    ("datetime2", 42, 8, 27, 7),
    ("datetimeoffset", 43, 10, 34, 7),
    ("smalldatetime", 58, 4, 16, 0),
    ("char", 175, 8000, 0, 0),
    ("varchar", 167, 8000, 0, 0),
    ("nchar", 239, 8000, 0, 0),
    ("nvarchar", 231, 8000, 0, 0),
    ("binary", 173, 8000, 0, 0),
    ("varbinary", 165, 8000, 0, 0),
    ("uniqueidentifier", 36, 16, 0, 0),
    ("sysname", 256, 256, 0, 0),
]
_COLUMNS = f"""SELECT c.object_id, c.name, c.column_id, y.user_type_id AS system_type_id, y.user_type_id,
  CAST(CASE WHEN {_TYPE} IN ('nvarchar', 'nchar') 
      THEN CASE WHEN {_ARGS}[1] = 'max' THEN -1 ELSE CAST({_ARGS}[1] AS INTEGER) * 2 END
    WHEN {_TYPE} IN ('varchar', 'char', 'varbinary', 'binary') 
      THEN CASE WHEN {_ARGS}[1] = 'max' THEN -1 ELSE CAST({_ARGS}[1] AS INTEGER) END
    ELSE y.max_length END AS SMALLINT) AS max_length,
  CAST(CASE WHEN {_TYPE} = 'decimal' THEN CAST({_ARGS}[1] AS INTEGER) ELSE y.precision END AS UTINYINT) AS precision,
  CAST(CASE WHEN {_TYPE} = 'decimal' THEN CAST({_ARGS}[2] AS INTEGER)
    WHEN {_TYPE} IN ('datetime2', 'time', 'datetimeoffset') 
      THEN CAST({_ARGS}[1] AS INTEGER) ELSE y.scale END AS UTINYINT) AS scale,
  CASE WHEN {_TYPE} LIKE '%char' THEN 'SQL_Latin1_General_CP1_CI_AS' END AS collation_name,
  c.is_nullable, c.is_identity,
  false AS is_computed, CAST(0 AS INTEGER) AS default_object_id
  FROM tsql_meta.columns c JOIN sys.types y ON y.name = {_TYPE}"""
_COLUMN_TYPES = (
    "object_id int,name nvarchar(128),column_id int,system_type_id int,user_type_id int,max_length "
    "smallint,precision tinyint,"
    "scale tinyint,collation_name nvarchar(128),is_nullable bit,is_identity bit,is_computed bit,default_object_id int"
)
_OBJECT_TYPES = (
    "name nvarchar(128),object_id int,principal_id int,schema_id int,parent_object_id int,type "
    "char(2),type_desc nvarchar(60),"
    "create_date datetime,modify_date datetime,is_ms_shipped bit"
)
_OBJECTS = """SELECT o.name, o.object_id, CAST(NULL AS INTEGER) AS principal_id, o.schema_id,
  0 AS parent_object_id, o.type,
  CASE o.type WHEN 'U' THEN 'USER_TABLE' WHEN 'V' THEN 'VIEW' ELSE 'SQL_STORED_PROCEDURE' END AS type_desc,
  o.create_date,
  o.create_date AS modify_date, false AS is_ms_shipped FROM tsql_meta.objects o"""

VIEWS: dict[str, tuple[str, str]] = {
    "sys.types": (
        "name nvarchar(128),system_type_id int,user_type_id int,schema_id int,max_length int,precision "
        "int,scale int,is_nullable bit,is_user_defined bit",
        "SELECT name, id AS system_type_id, id AS user_type_id, 4 AS schema_id, size AS max_length, p AS "
        "precision, s AS scale,"
        " true AS is_nullable, false AS is_user_defined FROM (VALUES "
        + ", ".join(f"('{name}', {a}, {b}, {c}, {d})" for name, a, b, c, d in _TYPES)
        + ") AS v(name, id, size, p, s)",
    ),
    "sys.schemas": (
        "name nvarchar(128),schema_id int,principal_id int",
        "SELECT name, schema_id, 1 AS principal_id FROM tsql_meta.schemas",
    ),
    "sys.objects": (_OBJECT_TYPES, _OBJECTS),
    "sys.all_objects": (_OBJECT_TYPES, _OBJECTS),
    "sys.tables": (
        _OBJECT_TYPES + ",is_external bit,temporal_type tinyint",
        "SELECT *, false AS is_external, CAST(0 AS UTINYINT) AS temporal_type FROM sys.objects WHERE type = 'U'",
    ),
    "sys.views": (_OBJECT_TYPES, "SELECT * FROM sys.objects WHERE type = 'V'"),
    "sys.procedures": (_OBJECT_TYPES, "SELECT * FROM sys.objects WHERE type = 'P'"),
    "sys.columns": (_COLUMN_TYPES, _COLUMNS),
    "sys.all_columns": (
        _COLUMN_TYPES,
        "SELECT * FROM sys.columns UNION ALL SELECT CAST(-t.n AS INTEGER), c.column_name, c.column_index, "
        "56, 56, 4, 10, 0, NULL, true,"
        " false, false, 0 FROM duckdb_columns() c CROSS JOIN range(1, 25) t(n) WHERE c.internal",
    ),
    "sys.sql_modules": (
        "object_id int,definition nvarchar(max)",
        "SELECT object_id, definition FROM tsql_meta.objects WHERE definition IS NOT NULL",
    ),
    "sys.databases": (
        "name nvarchar(128),database_id int,state int,state_desc nvarchar(60),collation_name "
        "nvarchar(128),is_read_only bit",
        "SELECT d.database_name AS name, CAST(5 AS INTEGER) AS database_id, 0 AS state, 'ONLINE' AS state_desc,"
        " 'SQL_Latin1_General_CP1_CI_AS' AS collation_name, false AS is_read_only FROM duckdb_databases() "
        "d WHERE NOT d.internal",
    ),
    "sys.database_principals": (
        "name nvarchar(128),principal_id int,type char(1),type_desc nvarchar(60)",
        "SELECT name, CAST(row_number() OVER () AS INTEGER) + 4 AS principal_id, CASE kind WHEN 'ROLE' "
        "THEN 'R' ELSE 'S' END AS type,"
        " CASE kind WHEN 'ROLE' THEN 'DATABASE_ROLE' ELSE 'SQL_USER' END AS type_desc FROM tsql_meta.principals",
    ),
    "sys.indexes": (
        "object_id int,name nvarchar(128),index_id int,type tinyint,type_desc nvarchar(60),is_unique "
        "bit,is_primary_key bit",
        "SELECT object_id, CAST(NULL AS VARCHAR) AS name, CASE index_kind WHEN 'HEAP' THEN 0 ELSE 1 END AS index_id,"
        " CAST(CASE WHEN index_kind = 'HEAP' THEN 0 WHEN index_kind LIKE '%COLUMNSTORE%' THEN 5 ELSE 1 END "
        "AS UTINYINT) AS type,"
        " CASE WHEN index_kind = 'HEAP' THEN 'HEAP' WHEN index_kind LIKE '%COLUMNSTORE%' THEN 'CLUSTERED "
        "COLUMNSTORE' ELSE 'CLUSTERED' END AS type_desc,"
        " false AS is_unique, false AS is_primary_key FROM tsql_meta.objects WHERE type = 'U'",
    ),
    "sys.pdw_table_distribution_properties": (
        "object_id int,distribution_policy tinyint,distribution_policy_desc nvarchar(60)",
        "SELECT object_id, CAST(CASE distribution WHEN 'HASH' THEN 2 WHEN 'REPLICATE' THEN 3 ELSE 4 END AS "
        "UTINYINT) AS distribution_policy,"
        " distribution AS distribution_policy_desc FROM tsql_meta.objects WHERE type = 'U'",
    ),
    "sys.pdw_column_distribution_properties": (
        "object_id int,column_id int,distribution_ordinal tinyint",
        "SELECT c.object_id, c.column_id, CAST(CASE WHEN "
        "list_contains(list_transform(o.distribution_columns, lambda x: lower(x)), lower(c.name))"
        " THEN 1 ELSE 0 END AS UTINYINT) AS distribution_ordinal FROM tsql_meta.columns c JOIN "
        "tsql_meta.objects o USING (object_id)",
    ),
    "tsql_info.SCHEMATA": (
        "CATALOG_NAME nvarchar(128),SCHEMA_NAME nvarchar(128),SCHEMA_OWNER nvarchar(128)",
        "SELECT current_database(), name, 'dbo' FROM tsql_meta.schemas",
    ),
    "tsql_info.TABLES": (
        "TABLE_CATALOG nvarchar(128),TABLE_SCHEMA nvarchar(128),TABLE_NAME nvarchar(128),TABLE_TYPE varchar(10)",
        "SELECT current_database(), s.name, o.name, CASE o.type WHEN 'U' THEN 'BASE TABLE' ELSE 'VIEW' END"
        " FROM tsql_meta.objects o JOIN tsql_meta.schemas s USING (schema_id) WHERE o.type IN ('U', 'V')",
    ),
    "tsql_info.VIEWS": (
        "TABLE_CATALOG nvarchar(128),TABLE_SCHEMA nvarchar(128),TABLE_NAME nvarchar(128),VIEW_DEFINITION "
        "nvarchar(4000)",
        "SELECT current_database(), s.name, o.name, left(o.definition, 4000)"
        " FROM tsql_meta.objects o JOIN tsql_meta.schemas s USING (schema_id) WHERE o.type = 'V'",
    ),
    "tsql_info.COLUMNS": (
        "TABLE_CATALOG nvarchar(128),TABLE_SCHEMA nvarchar(128),TABLE_NAME nvarchar(128),COLUMN_NAME "
        "nvarchar(128),ORDINAL_POSITION int,"
        "COLUMN_DEFAULT nvarchar(4000),IS_NULLABLE varchar(3),DATA_TYPE nvarchar(128),CHARACTER_MAXIMUM_LENGTH int,"
        "NUMERIC_PRECISION tinyint,NUMERIC_SCALE int,DATETIME_PRECISION smallint",
        "SELECT current_database(), s.name, o.name, c.name, c.column_id, m.default_text, CASE WHEN "
        "c.is_nullable THEN 'YES' ELSE 'NO' END,"
        " y.name, CASE WHEN y.name LIKE 'n%char' AND c.max_length > 0 THEN c.max_length // 2"
        " WHEN y.name LIKE '%char' OR y.name LIKE '%binary' THEN c.max_length END,"
        " CASE WHEN y.name IN ('int', 'bigint', 'smallint', 'tinyint', 'decimal', 'float', 'real', "
        "'money') THEN c.precision END,"
        " CASE WHEN y.name IN ('int', 'bigint', 'smallint', 'tinyint', 'decimal', 'money') THEN c.scale END,"
        " CASE WHEN y.name LIKE 'date%' OR y.name = 'time' THEN c.scale END"
        " FROM sys.columns c JOIN sys.types y USING (user_type_id) JOIN tsql_meta.columns m ON m.object_id "
        "= c.object_id"
        " AND m.column_id = c.column_id JOIN tsql_meta.objects o ON o.object_id = c.object_id JOIN "
        "tsql_meta.schemas s ON s.schema_id = o.schema_id",
    ),
}


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the catalogue's tables and views; run at each start, so that views follow the program's version."""
    for statement in SCHEMA.split(";"):
        if statement.strip():
            connection.execute(statement)
    if not connection.execute("SELECT count(*) FROM tsql_meta.schemas").fetchall()[0][0]:
        connection.execute("INSERT INTO tsql_meta.schemas VALUES (1, 'dbo'), (3, 'INFORMATION_SCHEMA'), (4, 'sys')")
    for name, (columns, sql) in VIEWS.items():
        names = ", ".join(column.split(" ")[0] for column in split_columns(columns))
        connection.execute(f"CREATE OR REPLACE VIEW {name}({names}) AS {sql}")


def split_columns(columns: str) -> list[str]:
    """`name type` pieces; no type of a view has a comma in it."""
    return columns.split(",")
