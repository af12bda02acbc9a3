WITH landed AS (
  SELECT
    CAST(CAST(_landed_at AS timestamp) AS date) AS landed_on,
    type,
    kind,
    bytes,
    pages,
    seconds
  FROM media
)

SELECT
  landed_on,
  type,
  max(kind) AS kind,
  count(*) AS files,
  sum(bytes) AS bytes,
  sum(pages) AS pages,
  sum(seconds) AS seconds
FROM landed
GROUP BY landed_on, type
