-- Exact percentiles (nearest rank) of the time from receipt to the end of the answer: the sum of the log's three times,
-- in microseconds, over the requests that have all three. One row for each API, for each hour, and for all.
WITH requests_of_day AS (
  SELECT
    coalesce(nullif(regexp_extract(target_group_arn, ':targetgroup/([^/]+)', 1), ''), target_group_arn, '(none)') AS target_group,
    date_diff('second', {{start: timestamp}}, "time") / 3600 AS hour,
    CAST(round((request_processing_time + target_processing_time + response_processing_time) * 1000000) AS bigint) AS micros
  FROM {{table: identifier}}
  WHERE "date" BETWEEN {{firstDate: date}} AND {{lastDate: date}}
    AND "time" >= {{start: timestamp}}
    AND "time" < {{end: timestamp}}
    AND request_processing_time >= 0
    AND target_processing_time >= 0
    AND response_processing_time >= 0
),
timed AS (
  SELECT CASE target_group WHEN '(none)' THEN '(none)' {{apis: when_then}} ELSE target_group END AS api, hour, micros
  FROM requests_of_day
),
counted AS (
  SELECT 'api' AS scope, api, CAST(NULL AS bigint) AS hour, micros, count(*) AS n FROM timed GROUP BY api, micros
  UNION ALL
  SELECT 'hour' AS scope, CAST(NULL AS varchar) AS api, hour, micros, count(*) AS n FROM timed GROUP BY hour, micros
  UNION ALL
  SELECT 'all' AS scope, CAST(NULL AS varchar) AS api, CAST(NULL AS bigint) AS hour, micros, count(*) AS n FROM timed GROUP BY micros
),
ranked AS (
  SELECT
    scope, api, hour, micros,
    sum(n) OVER (PARTITION BY scope, api, hour ORDER BY micros) AS rank_upto,
    sum(n) OVER (PARTITION BY scope, api, hour) AS measured
  FROM counted
)
SELECT
  scope,
  api,
  hour,
  max(measured) AS measured,
  min(CASE WHEN rank_upto * 2 >= measured THEN micros END) AS p50_micros,
  min(CASE WHEN rank_upto * 20 >= measured * 19 THEN micros END) AS p95_micros,
  min(CASE WHEN rank_upto * 100 >= measured * 99 THEN micros END) AS p99_micros,
  max(micros) AS max_micros
FROM ranked
GROUP BY scope, api, hour
ORDER BY scope, api, hour
