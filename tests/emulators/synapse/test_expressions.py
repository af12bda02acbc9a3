"""Values and types of T-SQL expressions, as the reference for each function gives them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest


@pytest.mark.parametrize(
    ("expression", "value", "kind"),
    [
        ("7 / 2", 3, "int"),
        ("-7 / 2", -3, "int"),
        ("7 % 4", 3, "int"),
        ("1.0 / 3", Decimal("0.333333"), "decimal(13,12)"),
        ("1.5 * 2.25", Decimal("3.375"), "decimal(6,3)"),
        ("1 + '2'", 3, "int"),
        ("'a' + N'b'", "ab", "nvarchar(2)"),
        ("'a' + NULL", None, "varchar"),
        ("2147483648", Decimal("2147483648"), "decimal(10,0)"),
        ("CAST(2.7 AS INT)", 2, "int"),
        ("CAST(-2.7e0 AS SMALLINT)", -2, "smallint"),
        ("CAST('abcdef' AS VARCHAR(3))", "abc", "varchar(3)"),
        ("CAST(1 AS BIT)", True, "bit"),
        ("CAST(CAST(1 AS BIT) AS VARCHAR(5))", "1", "varchar(5)"),
        ("TRY_CAST('x' AS INT)", None, "int"),
        ("TRY_CONVERT(DATE, '2013-02-30')", None, "date"),
        ("CONVERT(VARCHAR(10), CAST('2013-02-03' AS DATE), 103)", "03/02/2013", "varchar(10)"),
        ("CONVERT(DATE, '03/02/2013', 103)", dt.date(2013, 2, 3), "date"),
        ("CONVERT(CHAR(8), CAST('20130203' AS DATETIME), 112)", "20130203", "char(8)"),
        (
            "CONVERT(VARCHAR(19), CAST('2013-02-03 04:05:06' AS DATETIME2(0)), 120)",
            "2013-02-03 04:05:06",
            "varchar(19)",
        ),
        ("ISNULL(CAST(NULL AS VARCHAR(2)), 'abc')", "ab", "varchar(2)"),
        ("COALESCE(NULL, 1, 2.5)", 1, "decimal"),
        ("NULLIF(1, 1)", None, "int"),
        ("IIF(1 > 2, 'a', N'bc')", "bc", "nvarchar(2)"),
        ("LEN('ab  ')", 2, "int"),
        ("DATALENGTH(N'ab')", 4, "int"),
        ("CHARINDEX('B', 'abc')", 2, "int"),
        ("PATINDEX('%[0-9]%', 'ab1')", 3, "int"),
        ("SUBSTRING('abcdef', 0, 3)", "ab", "varchar(3)"),
        ("STUFF('abcdef', 2, 3, 'Z')", "aZef", "nvarchar(4000)"),
        ("REPLACE('aBc', 'b', '$1')", "a$1c", "varchar(4000)"),
        ("CONCAT('a', NULL, 5)", "a5", "nvarchar"),
        ("ROUND(123.456, 1)", Decimal("123.500"), "decimal(6,3)"),
        ("DATEADD(month, 1, CAST('2013-01-31' AS DATE))", dt.date(2013, 2, 28), "date"),
        ("DATEADD(hour, -5, CAST('2013-01-01' AS DATETIME2(0)))", dt.datetime(2012, 12, 31, 19), "datetime2(0)"),
        ("DATEDIFF(month, '20130131', '20130201')", 1, "int"),
        ("DATEDIFF(week, '20130105', '20130106')", 1, "int"),
        ("DATEPART(weekday, '2013-01-06')", 1, "int"),
        ("DATEPART(week, '2013-01-06')", 2, "int"),
        ("DATEPART(iso_week, '2013-01-06')", 1, "int"),
        ("DATENAME(month, '2013-05-06')", "May", "nvarchar(30)"),
        ("DATENAME(dw, '2013-05-06')", "Monday", "nvarchar(30)"),
        ("EOMONTH('2013-02-03', 1)", dt.date(2013, 3, 31), "date"),
        ("DATEFROMPARTS(2013, 2, 3)", dt.date(2013, 2, 3), "date"),
        ("FORMAT(CAST('2013-02-03' AS DATE), 'yyyy-MM-dd')", "2013-02-03", "nvarchar(4000)"),
        (
            "HASHBYTES('SHA2_256', 'abc')",
            bytes.fromhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            "varbinary",
        ),
        ("CONVERT(CHAR(32), HASHBYTES('MD5', N'abc'), 2)", "CE1473CF80C6B3FDA8E3DFC006ADC315", "char(32)"),
        ("JSON_VALUE('{\"a\":{\"b\":5}}', '$.a.b')", "5", "nvarchar(4000)"),
        ("SERVERPROPERTY('EngineEdition')", 6, "int"),
    ],
)
def test_expression_has_the_value_and_type_of_the_pool(client, expression, value, kind):
    (row,) = client.run(f"SELECT {expression} AS x")
    found = row[0]
    assert (pytest.approx(float(value), abs=1e-6) == float(found)) if isinstance(value, Decimal) else found == value
    assert client.last.columns[0][0].startswith(f"x {kind}")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("'abc' = 'ABC'", True),
        ("'abc' LIKE 'A%'", True),
        ("'a5' LIKE '[a-c][0-9]'", True),
        ("'d5' LIKE '[^d]%'", False),
        ("'50%' LIKE '50!%' ESCAPE '!'", True),
        ("CAST('2013-01-05' AS DATE) = '20130105'", True),
        ("NULL = NULL", False),
        ("2 BETWEEN 1 AND 3 AND NOT 5 IN (1, 2)", True),
        ("(1 = 2 OR (3 + 4) * 2 = 14)", True),
        ("'x' COLLATE Latin1_General_CS_AS = 'X'", False),
        ("3 > ALL (SELECT 1 UNION ALL SELECT 2)", True),
        ("CAST(1 AS BIT) = 1", True),
    ],
)
def test_condition_holds_as_in_the_pool(client, condition, holds):
    assert client.run(f"SELECT CASE WHEN {condition} THEN 1 ELSE 0 END AS x") == [(int(holds),)]


def test_aggregates_have_the_types_of_their_arguments(client):
    client.run(
        "SELECT SUM(a) s, AVG(a) v, SUM(b) t, AVG(b) w, COUNT(*) c, MAX(d) m FROM (SELECT 1 a, 1.5 b, 'x' "
        "d UNION ALL SELECT 2, 2.5, 'Y') q"
    )
    assert client.last.columns[0] == ["s int", "v int", "t decimal(38,1)", "w decimal(38,6)", "c int", "m varchar(1)"]
    assert client.last.sets[0] == [(3, 1, Decimal("4.0"), Decimal("2.000000"), 2, "Y")]


def test_deeply_nested_calls_stay_quick(client):
    nested = "x"
    for _ in range(25):
        nested = f"ISNULL({nested}, 'a')"
    assert client.run(f"SELECT {nested} y FROM (SELECT 'b' x) q") == [("b",)]
