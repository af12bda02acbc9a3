SELECT
  coalesce(camera_make, '(unknown)') AS camera_make,
  coalesce(camera_model, '(unknown)') AS camera_model,
  count(*) AS photographs,
  count(latitude) AS with_place,
  min(taken_at) AS first_taken_at,
  max(taken_at) AS last_taken_at,
  avg(width * height) / 1e6 AS avg_megapixels
FROM media
WHERE kind = 'image'
GROUP BY coalesce(camera_make, '(unknown)'), coalesce(camera_model, '(unknown)')
