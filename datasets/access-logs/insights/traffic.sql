-- Null stands for what was no HTTP request; a key needs a value.
SELECT
  hour,
  coalesce(method, '(none)') AS method,
  route,
  count(*) AS requests,
  count(DISTINCT host) AS clients,
  sum(bytes) AS bytes,
  count_if(status BETWEEN 400 AND 499) AS client_errors,
  count_if(status >= 500) AS server_errors
FROM access_logs
GROUP BY hour, method, route
