-- Generated from definition.yaml: what each measure of the semantic model is in SQL.
--   Flights: Scheduled departures
--   Completed: Flights that arrived where they were to
--   Cancelled: Flights that never departed
--   Cancellation Rate: Share of scheduled departures that were cancelled
--   Diverted: Flights that departed and did not arrive where they were to
--   Average Departure Delay: Mean departure delay in minutes, of flights that departed
--   Average Arrival Delay: Mean arrival delay in minutes, of flights that arrived
--   Late Flights: Flights that arrived more than 15 minutes late
--   Late Share: Share of completed flights that arrived more than 15 minutes late
--   Predicted Late Risk: Mean predicted probability of an arrival more than 15 minutes late
--   Aircraft: Aircraft that were scheduled to fly
--   Distance Flown: Miles of completed flights
--   Share of Carriers: Share of the scheduled departures of all carriers
WITH base AS (
SELECT NULLIF(COUNT(*), 0) AS m1, NULLIF(COUNT(CASE WHEN f."status" = 'operated' THEN 1 END), 0) AS m2, NULLIF(COUNT(CASE WHEN f."status" = 'cancelled' THEN 1 END), 0) AS m3, CASE WHEN COALESCE(NULLIF(COUNT(*), 0), 0) <> 0 THEN NULLIF(COUNT(CASE WHEN f."status" = 'cancelled' THEN 1 END), 0) * 1e0 / NULLIF(COUNT(*), 0) END AS m4, NULLIF(COUNT(CASE WHEN f."status" = 'diverted' THEN 1 END), 0) AS m5, AVG(f."dep_delay" * 1e0) AS m6, AVG(f."arr_delay" * 1e0) AS m7, NULLIF(COUNT(CASE WHEN f."arr_delay" > 15 THEN 1 END), 0) AS m8, CASE WHEN COALESCE(NULLIF(COUNT(CASE WHEN f."status" = 'operated' THEN 1 END), 0), 0) <> 0 THEN NULLIF(COUNT(CASE WHEN f."arr_delay" > 15 THEN 1 END), 0) * 1e0 / NULLIF(COUNT(CASE WHEN f."status" = 'operated' THEN 1 END), 0) END AS m9, AVG(f."late_risk" * 1e0) AS m10, NULLIF(COUNT(DISTINCT f."tailnum"), 0) AS m11, SUM(CAST(CASE WHEN f."status" = 'operated' THEN f."distance" END AS BIGINT)) AS m12, NULLIF(COUNT(*), 0) AS m13
FROM dw.fact_flight f
),
total1 AS (
SELECT NULLIF(COUNT(*), 0) AS whole
FROM dw.fact_flight f
)
SELECT
  b.m1 AS "[Flights]",
  b.m2 AS "[Completed]",
  b.m3 AS "[Cancelled]",
  b.m4 AS "[Cancellation Rate]",
  b.m5 AS "[Diverted]",
  b.m6 AS "[Average Departure Delay]",
  b.m7 AS "[Average Arrival Delay]",
  b.m8 AS "[Late Flights]",
  b.m9 AS "[Late Share]",
  b.m10 AS "[Predicted Late Risk]",
  b.m11 AS "[Aircraft]",
  b.m12 AS "[Distance Flown]",
  CASE WHEN COALESCE(total1.whole, 0) <> 0 THEN b.m13 * 1e0 / total1.whole END AS "[Share of Carriers]"
FROM base b
LEFT JOIN total1 ON 1 = 1
WHERE b.m1 IS NOT NULL OR b.m2 IS NOT NULL OR b.m3 IS NOT NULL OR b.m4 IS NOT NULL OR b.m5 IS NOT NULL OR b.m6 IS NOT NULL OR b.m7 IS NOT NULL OR b.m8 IS NOT NULL OR b.m9 IS NOT NULL OR b.m10 IS NOT NULL OR b.m11 IS NOT NULL OR b.m12 IS NOT NULL OR b.m13 IS NOT NULL;
