-- The modified z-score of Iglewicz and Hoaglin: how many times the median deviation from the median an hour is away; beyond
-- 3.5 it is an outlier. Where most hours are alike the median deviation is 0: a deviation of less than 1 request, or of one
-- in a hundred failing, then counts as none. Hours without any request are in no log, and in none of this.
WITH hours AS (
  SELECT
    hour,
    count(*) AS requests,
    avg(CASE WHEN status >= 500 THEN 1e0 ELSE 0e0 END) AS error_share
  FROM access_logs
  GROUP BY hour
),

middle AS (
  SELECT
    percentile(requests, 0.5) AS requests,
    percentile(error_share, 0.5) AS error_share
  FROM hours
),

deviations AS (
  SELECT
    hours.hour,
    hours.requests,
    hours.error_share,
    middle.requests AS usual_requests,
    middle.error_share AS usual_error_share,
    hours.requests - middle.requests AS requests_off,
    hours.error_share - middle.error_share AS error_share_off
  FROM hours
  CROSS JOIN middle
),

spread AS (
  SELECT
    greatest(percentile(abs(requests_off), 0.5), 1.0) AS requests,
    greatest(percentile(abs(error_share_off), 0.5), 0.01) AS error_share
  FROM deviations
),

scores AS (
  SELECT
    deviations.*,
    0.6745 * requests_off / spread.requests AS requests_score,
    0.6745 * error_share_off / spread.error_share AS error_share_score
  FROM deviations
  CROSS JOIN spread
)

SELECT
  hour,
  CASE
    WHEN error_share_score > 3.5 THEN 'errors'
    WHEN requests_score > 3.5 THEN 'busy'
    ELSE 'quiet'
  END AS kind,
  requests,
  usual_requests,
  requests_score,
  error_share,
  usual_error_share,
  error_share_score
FROM scores
WHERE abs(requests_score) > 3.5 OR error_share_score > 3.5
