"""--check: what the pool's T-SQL is and is not."""

from __future__ import annotations

import pytest
from synapse_emulator.check import check_files, check_text

ACCEPTED = """
IF NOT EXISTS (SELECT 1 FROM sys.schemas WHERE name = 'dw') EXEC('CREATE SCHEMA dw');
GO
CREATE TABLE dw.fact (k NVARCHAR(16) NOT NULL, m DECIMAL(9, 4), at DATETIME2(0),
  CONSTRAINT pk PRIMARY KEY NONCLUSTERED (k) NOT ENFORCED, UNIQUE (m) NOT ENFORCED)
WITH (DISTRIBUTION = HASH(k), CLUSTERED COLUMNSTORE INDEX ORDER (k),
  PARTITION (at RANGE RIGHT FOR VALUES ('20130101', '20140101')));
go
CREATE TABLE dw.copy WITH (DISTRIBUTION = ROUND_ROBIN, HEAP) AS SELECT k, m FROM dw.fact OPTION (LABEL = 'x');
COPY INTO stage.t (k 1, n DEFAULT 5 2) FROM 'https://a.blob.core.windows.net/c/p/*.parquet'
WITH (FILE_TYPE = 'PARQUET', MAXERRORS = 10, CREDENTIAL = (IDENTITY = 'Managed Identity'))
RENAME OBJECT dw.copy TO fact_2
MERGE dw.fact AS t USING stage.t AS s ON t.k = s.k WHEN MATCHED THEN UPDATE SET m = s.n
  WHEN NOT MATCHED THEN INSERT (k, m) VALUES (s.k, s.n);
CREATE STATISTICS st ON dw.fact (k) WITH FULLSCAN
GRANT SELECT, INSERT ON SCHEMA::dw TO reader
"""


def test_the_warehouse_forms_are_accepted():
    assert check_text(ACCEPTED) == []


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE t (a INT PRIMARY KEY)",
        "CREATE TABLE t (a INT REFERENCES u (a))",
        "CREATE TABLE t (a INT UNIQUE)",
        "CREATE TABLE t (a XML)",
        "CREATE TABLE t (a INT, b AS a + 1)",
        "CREATE TABLE t (a SMALLINT IDENTITY(1, 1))",
        "CREATE TABLE t (a INT IDENTITY(1, 1)) WITH (DISTRIBUTION = HASH(a))",
        "CREATE TABLE t (a DATETIME DEFAULT GETDATE())",
        "CREATE TABLE t AS SELECT 1 a",
        "CREATE TABLE ##t (a INT)",
        "CREATE UNIQUE INDEX i ON t (a)",
        "CREATE TRIGGER t ON x AFTER INSERT AS SELECT 1",
        "CREATE SEQUENCE s",
        "SELECT a FROM t ORDER BY a OFFSET 5 ROWS FETCH NEXT 5 ROWS ONLY",
        "SELECT a FROM t FOR JSON PATH",
        "INSERT INTO t VALUES (1), (2)",
        "SELECT * FROM (VALUES (1), (2)) v (a)",
        "WITH r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT * FROM r",
        "MERGE t USING s ON t.a = s.a WHEN MATCHED THEN DELETE",
        "DECLARE @t TABLE (a INT)",
        "DECLARE c CURSOR FOR SELECT 1",
        "SELECT CHOOSE(1, 'a')",
        "SELECT @@IDENTITY",
        "SELECT SCOPE_IDENTITY()",
        "SELECT * FROM OPENROWSET(BULK 'x', FORMAT = 'PARQUET') r",
        "SAVE TRANSACTION x",
        "BEGIN DISTRIBUTED TRAN",
        "WAITFOR DELAY '00:00:01'",
        "GOTO x",
        "THROW 100001, 'x', 1",
        "UPDATE t SET a = 1 OUTPUT inserted.a",
        "SELEC 1 FROM t",
        "SELECT 1 FROM",
        "SELECT 'open",
    ],
)
def test_what_the_pool_lacks_is_refused(text):
    assert len(check_text(text)) == 1


def test_faults_name_file_line_and_reason(tmp_path, capsys):
    path = tmp_path / "bad.sql"
    path.write_text("SELECT 1\nGO\n\nSELECT a\nFROM t ORDER BY a\nOFFSET 1 ROWS\nGO\nSELECT 2\n")
    assert check_files([path]) == 1
    assert capsys.readouterr().out == f"{path}:6: OFFSET/FETCH is not supported in a dedicated SQL pool. (104467)\n"
    path.write_text("SELECT 1 -- GO\n/* GO /* nested */ */\nSELECT 2;\n")
    assert check_files([path]) == 0
