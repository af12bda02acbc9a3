-- The calendar: one row a day from 2000 to 2049; date_key is yyyymmdd, as facts carry it.
IF NOT EXISTS (SELECT 1 FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = 'dw' AND t.name = 'dim_date')
CREATE TABLE dw.dim_date (
  date_key INT NOT NULL,
  calendar_date DATE NOT NULL,
  year SMALLINT NOT NULL,
  quarter SMALLINT NOT NULL,
  month SMALLINT NOT NULL,
  month_name NVARCHAR(12) NOT NULL,
  day_of_month SMALLINT NOT NULL,
  day_of_week SMALLINT NOT NULL,
  day_name NVARCHAR(12) NOT NULL,
  is_weekend BIT NOT NULL
)
WITH (DISTRIBUTION = REPLICATE, CLUSTERED COLUMNSTORE INDEX);
GO
-- A dedicated SQL pool takes no INSERT behind a common table expression: hence the derived tables.
IF NOT EXISTS (SELECT 1 FROM dw.dim_date)
INSERT INTO dw.dim_date (date_key, calendar_date, year, quarter, month, month_name, day_of_month, day_of_week, day_name, is_weekend)
SELECT
  DATEPART(year, days.calendar_date) * 10000 + DATEPART(month, days.calendar_date) * 100 + DATEPART(day, days.calendar_date),
  days.calendar_date,
  DATEPART(year, days.calendar_date),
  DATEPART(quarter, days.calendar_date),
  DATEPART(month, days.calendar_date),
  DATENAME(month, days.calendar_date),
  DATEPART(day, days.calendar_date),
  DATEPART(weekday, days.calendar_date),
  DATENAME(weekday, days.calendar_date),
  CASE WHEN DATEPART(weekday, days.calendar_date) IN (1, 7) THEN 1 ELSE 0 END
FROM (
  SELECT DATEADD(day, numbers.number, CAST('2000-01-01' AS DATE)) AS calendar_date
  FROM (
    SELECT a.digit + 10 * b.digit + 100 * c.digit + 1000 * d.digit + 10000 * e.digit AS number
    FROM (SELECT 0 AS digit UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
          UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) a
    CROSS JOIN (SELECT 0 AS digit UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
          UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) b
    CROSS JOIN (SELECT 0 AS digit UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
          UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) c
    CROSS JOIN (SELECT 0 AS digit UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
          UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) d
    CROSS JOIN (SELECT 0 AS digit UNION ALL SELECT 1) e
  ) numbers
  WHERE numbers.number < DATEDIFF(day, CAST('2000-01-01' AS DATE), CAST('2050-01-01' AS DATE))
) days;
