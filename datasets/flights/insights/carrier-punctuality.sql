-- Flights, cancellations, diversions and delays of each carrier by month of departure.
-- Delays are means over the flights that have one; late_15_share is the share of operated flights that arrived
-- more than 15 minutes late.
SELECT
    carrier,
    year,
    month,
    MAX(carrier_name) AS carrier_name,
    COUNT(*) AS flights,
    SUM(CASE WHEN status = 'operated' THEN 1 ELSE 0 END) AS operated,
    SUM(CASE WHEN status = 'cancelled' THEN 1 ELSE 0 END) AS cancelled,
    SUM(CASE WHEN status = 'diverted' THEN 1 ELSE 0 END) AS diverted,
    CAST(SUM(dep_delay) AS DOUBLE) / NULLIF(COUNT(dep_delay), 0) AS avg_dep_delay,
    CAST(SUM(arr_delay) AS DOUBLE) / NULLIF(COUNT(arr_delay), 0) AS avg_arr_delay,
    CAST(SUM(CASE WHEN status = 'operated' AND arr_delay > 15 THEN 1 ELSE 0 END) AS DOUBLE)
    / NULLIF(SUM(CASE WHEN status = 'operated' THEN 1 ELSE 0 END), 0) AS late_15_share
FROM flights
GROUP BY carrier, year, month
