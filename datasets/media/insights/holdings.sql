SELECT
  to_date(_landed_at) AS landed_on,
  type,
  max(kind) AS kind,
  count(*) AS files,
  sum(bytes) AS bytes,
  sum(pages) AS pages,
  sum(seconds) AS seconds
FROM media
GROUP BY to_date(_landed_at), type
