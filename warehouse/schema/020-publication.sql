-- Which batch of each dataset the warehouse shows; it changes in the transaction that publishes the rows.
IF NOT EXISTS (SELECT 1 FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = 'dw' AND t.name = 'publication')
CREATE TABLE dw.publication (
  dataset NVARCHAR(64) NOT NULL,
  version INT NOT NULL,
  batch NVARCHAR(64) NOT NULL,
  published_at DATETIME2(3) NOT NULL
)
WITH (DISTRIBUTION = ROUND_ROBIN, HEAP);
