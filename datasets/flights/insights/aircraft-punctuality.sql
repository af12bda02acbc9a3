-- Delays and cancellations by type of aircraft; '(unknown)' gathers the flights whose aircraft is not in the register.
SELECT
    COALESCE(manufacturer, '(unknown)') AS manufacturer,
    COALESCE(model, '(unknown)') AS model,
    COUNT(*) AS flights,
    COUNT(DISTINCT tailnum) AS aircraft,
    CAST(SUM(seats) AS DOUBLE) / NULLIF(COUNT(seats), 0) AS avg_seats,
    CAST(SUM(dep_delay) AS DOUBLE) / NULLIF(COUNT(dep_delay), 0) AS avg_dep_delay,
    CAST(SUM(arr_delay) AS DOUBLE) / NULLIF(COUNT(arr_delay), 0) AS avg_arr_delay,
    CAST(SUM(CASE WHEN status = 'cancelled' THEN 1 ELSE 0 END) AS DOUBLE) / COUNT(*) AS cancelled_share
FROM flights
GROUP BY COALESCE(manufacturer, '(unknown)'), COALESCE(model, '(unknown)')
