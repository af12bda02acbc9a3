-- How likely a flight of a route is to arrive more than 15 minutes late, over all hours and by hour of departure.
-- Risk is the mean of the predictions, late_share what was observed of the flights that arrived.
-- Names and places are those of the airports, so that the routes can be drawn on a map.
-- Sums of predictions are taken as decimals: exact, so the same whatever the order of the rows.
WITH by_hour AS (
    SELECT
        origin,
        dest,
        hour,
        COUNT(*) AS flights,
        SUM(CAST(late_risk AS DECIMAL(18, 9))) AS risk_sum,
        COUNT(late_risk) AS risk_count,
        SUM(CASE WHEN status = 'operated' AND arr_delay > 15 THEN 1 ELSE 0 END) AS late,
        SUM(CASE WHEN status = 'operated' THEN 1 ELSE 0 END) AS operated,
        MAX(origin_name) AS origin_name,
        MAX(origin_lat) AS origin_lat,
        MAX(origin_lon) AS origin_lon,
        MAX(dest_name) AS dest_name,
        MAX(dest_lat) AS dest_lat,
        MAX(dest_lon) AS dest_lon
    FROM flights
    GROUP BY origin, dest, hour
)

SELECT
    origin,
    dest,
    MAX(origin_name) AS origin_name,
    MAX(origin_lat) AS origin_lat,
    MAX(origin_lon) AS origin_lon,
    MAX(dest_name) AS dest_name,
    MAX(dest_lat) AS dest_lat,
    MAX(dest_lon) AS dest_lon,
    SUM(flights) AS flights,
    CAST(SUM(risk_sum) AS DOUBLE) / NULLIF(SUM(risk_count), 0) AS risk,
    CAST(SUM(late) AS DOUBLE) / NULLIF(SUM(operated), 0) AS late_share,
    ARRAY_SORT(COLLECT_LIST(NAMED_STRUCT(
        'hour', hour,
        'flights', flights,
        'risk', CAST(risk_sum AS DOUBLE) / NULLIF(risk_count, 0),
        'late_share', CAST(late AS DOUBLE) / NULLIF(operated, 0)
    ))) AS hours
FROM by_hour
GROUP BY origin, dest
