-- The operational database's reference tables, and what Data Factory needs to copy them by watermark. Every writer sets
-- modified_at to the time of the change, in UTC. Statements are kept to what Azure SQL and the local stand-in both know.
IF NOT EXISTS (SELECT 1 FROM sys.schemas WHERE name = 'ops')
    EXEC('CREATE SCHEMA ops');
GO
IF NOT EXISTS (SELECT 1 FROM sys.schemas WHERE name = 'etl')
    EXEC('CREATE SCHEMA etl');
GO
IF NOT EXISTS (SELECT 1 FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = 'ops' AND t.name = 'airlines')
CREATE TABLE ops.airlines (
  carrier NVARCHAR(2) NOT NULL,
  name NVARCHAR(64) NOT NULL,
  modified_at DATETIME2(7) NOT NULL
);
GO
IF NOT EXISTS (SELECT 1 FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = 'ops' AND t.name = 'airports')
CREATE TABLE ops.airports (
  faa NVARCHAR(3) NOT NULL,
  name NVARCHAR(64) NOT NULL,
  lat FLOAT NOT NULL,
  lon FLOAT NOT NULL,
  alt INT NULL,
  tz FLOAT NULL,
  dst NVARCHAR(1) NULL,
  tzone NVARCHAR(40) NULL,
  modified_at DATETIME2(7) NOT NULL
);
GO
IF NOT EXISTS (SELECT 1 FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = 'ops' AND t.name = 'planes')
CREATE TABLE ops.planes (
  tailnum NVARCHAR(8) NOT NULL,
  year INT NULL,
  type NVARCHAR(32) NULL,
  manufacturer NVARCHAR(64) NULL,
  model NVARCHAR(32) NULL,
  engines INT NULL,
  seats INT NULL,
  speed FLOAT NULL,
  engine NVARCHAR(32) NULL,
  modified_at DATETIME2(7) NOT NULL
);
GO
IF NOT EXISTS (SELECT 1 FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = 'ops' AND t.name = 'weather')
CREATE TABLE ops.weather (
  origin NVARCHAR(3) NOT NULL,
  year INT NOT NULL,
  month INT NOT NULL,
  day INT NOT NULL,
  hour INT NOT NULL,
  temp FLOAT NULL,
  dewp FLOAT NULL,
  humid FLOAT NULL,
  wind_dir FLOAT NULL,
  wind_speed FLOAT NULL,
  wind_gust FLOAT NULL,
  precip FLOAT NULL,
  pressure FLOAT NULL,
  visib FLOAT NULL,
  time_hour DATETIME2(0) NOT NULL,
  modified_at DATETIME2(7) NOT NULL
);
GO
-- One row a table: what is copied, how far the last copy came, and why the last failure was one.
IF NOT EXISTS (SELECT 1 FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = 'etl' AND t.name = 'copied_table')
CREATE TABLE etl.copied_table (
  table_name NVARCHAR(64) NOT NULL,
  source_table NVARCHAR(128) NOT NULL,
  select_list NVARCHAR(1000) NOT NULL,
  watermark_column NVARCHAR(64) NOT NULL,
  is_enabled BIT NOT NULL,
  watermark DATETIME2(7) NOT NULL,
  rows_copied BIGINT NULL,
  run_id NVARCHAR(64) NULL,
  failed_run_id NVARCHAR(64) NULL,
  failure NVARCHAR(4000) NULL
);
GO
IF NOT EXISTS (SELECT 1 FROM etl.copied_table WHERE table_name = 'airlines')
INSERT INTO etl.copied_table (table_name, source_table, select_list, watermark_column, is_enabled, watermark)
VALUES ('airlines', 'ops.airlines', 'carrier, name', 'modified_at', 1, '1900-01-01');
GO
IF NOT EXISTS (SELECT 1 FROM etl.copied_table WHERE table_name = 'airports')
INSERT INTO etl.copied_table (table_name, source_table, select_list, watermark_column, is_enabled, watermark)
VALUES ('airports', 'ops.airports', 'faa, name, lat, lon, alt, tz, dst, tzone', 'modified_at', 1, '1900-01-01');
GO
IF NOT EXISTS (SELECT 1 FROM etl.copied_table WHERE table_name = 'planes')
INSERT INTO etl.copied_table (table_name, source_table, select_list, watermark_column, is_enabled, watermark)
VALUES ('planes', 'ops.planes', 'tailnum, year, type, manufacturer, model, engines, seats, speed, engine', 'modified_at', 1, '1900-01-01');
GO
IF NOT EXISTS (SELECT 1 FROM etl.copied_table WHERE table_name = 'weather')
INSERT INTO etl.copied_table (table_name, source_table, select_list, watermark_column, is_enabled, watermark)
VALUES ('weather', 'ops.weather', 'origin, year, month, day, hour, temp, dewp, humid, wind_dir, wind_speed, wind_gust, precip, pressure, visib, CONVERT(NVARCHAR(19), time_hour, 126) + ''Z'' AS time_hour', 'modified_at', 1, '1900-01-01');
GO
