-- What a traveller meets at an airport on a day. The weather is that of the hours in which flights were scheduled to
-- depart: each such hour counts once, however many flights it has. Sums are taken as decimals to be exact.
WITH departures AS (
    SELECT
        origin,
        flight_date,
        year,
        month,
        COUNT(*) AS flights,
        SUM(CASE WHEN status = 'cancelled' THEN 1 ELSE 0 END) AS cancelled,
        CAST(SUM(dep_delay) AS DOUBLE) / NULLIF(COUNT(dep_delay), 0) AS avg_dep_delay,
        CAST(SUM(arr_delay) AS DOUBLE) / NULLIF(COUNT(arr_delay), 0) AS avg_arr_delay,
        MAX(dep_delay) AS max_dep_delay
    FROM flights
    GROUP BY origin, flight_date, year, month
),

hours AS (
    SELECT
        origin,
        flight_date,
        time_hour,
        MAX(temp) AS temp,
        MAX(wind_speed) AS wind_speed,
        MAX(precip) AS precip,
        MAX(visib) AS visib
    FROM flights
    GROUP BY origin, flight_date, time_hour
),

weather_of_day AS (
    SELECT
        origin,
        flight_date,
        CAST(SUM(CAST(temp AS DECIMAL(18, 6))) AS DOUBLE) / NULLIF(COUNT(temp), 0) AS avg_temp,
        CAST(SUM(CAST(wind_speed AS DECIMAL(18, 6))) AS DOUBLE) / NULLIF(COUNT(wind_speed), 0) AS avg_wind_speed,
        CAST(SUM(CAST(precip AS DECIMAL(18, 6))) AS DOUBLE) AS total_precip,
        MIN(visib) AS min_visib
    FROM hours
    GROUP BY origin, flight_date
)

SELECT
    departures.origin,
    departures.flight_date,
    departures.year,
    departures.month,
    departures.flights,
    departures.cancelled,
    departures.avg_dep_delay,
    departures.avg_arr_delay,
    departures.max_dep_delay,
    weather_of_day.avg_temp,
    weather_of_day.avg_wind_speed,
    weather_of_day.total_precip,
    weather_of_day.min_visib
FROM departures
INNER JOIN weather_of_day
    ON departures.origin = weather_of_day.origin AND departures.flight_date = weather_of_day.flight_date
