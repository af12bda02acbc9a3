SELECT
  service,
  name,
  count(*) AS spans,
  count_if(status = 2) AS errors,
  percentile(milliseconds, 0.5) AS p50_milliseconds,
  percentile(milliseconds, 0.95) AS p95_milliseconds,
  max(milliseconds) AS max_milliseconds,
  max(started_at) AS last_started_at
FROM traces
GROUP BY service, name
