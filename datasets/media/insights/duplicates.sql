SELECT
  sha256,
  max(type) AS type,
  count(*) AS files,
  max(bytes) * (count(*) - 1) AS bytes_to_spare,
  array_join(sort_array(collect_list(path)), ', ') AS paths
FROM media
GROUP BY sha256
HAVING count(*) > 1
