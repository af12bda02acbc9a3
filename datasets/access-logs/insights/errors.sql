SELECT
  coalesce(method, '(none)') AS method,
  route,
  count(*) AS requests,
  count_if(status BETWEEN 400 AND 499) AS client_errors,
  count_if(status >= 500) AS server_errors,
  avg(CASE WHEN status BETWEEN 400 AND 499 THEN 1e0 ELSE 0e0 END) AS client_error_share,
  avg(CASE WHEN status >= 500 THEN 1e0 ELSE 0e0 END) AS server_error_share,
  max(CASE WHEN status >= 500 THEN at END) AS last_server_error
FROM access_logs
GROUP BY method, route
