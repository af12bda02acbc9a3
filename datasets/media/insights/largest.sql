-- The path settles which of equally large files comes first.
WITH ranked AS (
  SELECT
    row_number() OVER (ORDER BY bytes DESC, path) AS rank,
    path,
    kind,
    type,
    bytes,
    thumbnail
  FROM media
)

SELECT rank, path, kind, type, bytes, thumbnail
FROM ranked
WHERE rank <= 100
