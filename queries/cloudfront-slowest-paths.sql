-- The newest day's paths by the 95th percentile of the time that CloudFront took, in seconds.
SELECT
  cs_uri_stem AS path,
  count(*) AS requests,
  approx_percentile(time_taken, 0.5) AS p50_seconds,
  approx_percentile(time_taken, 0.95) AS p95_seconds,
  max(time_taken) AS max_seconds
FROM cloudfront
WHERE "date" = (SELECT max("date") FROM "cloudfront$partitions")
  AND time_taken IS NOT NULL
GROUP BY cs_uri_stem
ORDER BY p95_seconds DESC, requests DESC, path
LIMIT 25
