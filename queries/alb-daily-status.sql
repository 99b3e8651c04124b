-- Requests of each API by the status code that the load balancer answered; status is NULL where the log has "-".
-- An API is what the configuration calls a target group; requests that reached none are "(none)".
WITH requests_of_day AS (
  SELECT
    coalesce(nullif(regexp_extract(target_group_arn, ':targetgroup/([^/]+)', 1), ''), target_group_arn, '(none)') AS target_group,
    elb_status_code AS status,
    received_bytes,
    sent_bytes
  FROM {{table: identifier}}
  WHERE "date" BETWEEN {{firstDate: date}} AND {{lastDate: date}}
    AND "time" >= {{start: timestamp}}
    AND "time" < {{end: timestamp}}
)
SELECT
  CASE target_group WHEN '(none)' THEN '(none)' {{apis: when_then}} ELSE target_group END AS api,
  target_group,
  status,
  count(*) AS requests,
  sum(received_bytes) AS received_bytes,
  sum(sent_bytes) AS sent_bytes
FROM requests_of_day
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
