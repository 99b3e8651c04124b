-- The newest day's paths by the 95th percentile of the target's time, in seconds; the log's -1 is NULL in the lake.
SELECT
  request_verb AS verb,
  request_path AS path,
  count(*) AS requests,
  approx_percentile(target_processing_time, 0.5) AS p50_seconds,
  approx_percentile(target_processing_time, 0.95) AS p95_seconds,
  max(target_processing_time) AS max_seconds
FROM alb
WHERE "date" = (SELECT max("date") FROM "alb$partitions")
  AND target_processing_time >= 0
GROUP BY request_verb, request_path
ORDER BY p95_seconds DESC, requests DESC, path, verb
LIMIT 25
