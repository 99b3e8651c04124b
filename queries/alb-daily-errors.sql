-- What failed most: 4xx, 5xx and what is no answer at all, by API, status and path; a switch of protocol (101) is none. kinds is how many there are.
WITH requests_of_day AS (
  SELECT
    coalesce(nullif(regexp_extract(target_group_arn, ':targetgroup/([^/]+)', 1), ''), target_group_arn, '(none)') AS target_group,
    elb_status_code AS status,
    request_verb AS verb,
    request_path AS path
  FROM {{table: identifier}}
  WHERE "date" BETWEEN {{firstDate: date}} AND {{lastDate: date}}
    AND "time" >= {{start: timestamp}}
    AND "time" < {{end: timestamp}}
    AND (elb_status_code IS NULL OR elb_status_code NOT BETWEEN 100 AND 399)
),
counted AS (
  SELECT
    CASE target_group WHEN '(none)' THEN '(none)' {{apis: when_then}} ELSE target_group END AS api,
    status, verb, path, count(*) AS requests
  FROM requests_of_day
  GROUP BY 1, 2, 3, 4
)
SELECT api, status, verb, path, requests, count(*) OVER () AS kinds
FROM counted
ORDER BY requests DESC, status, api, verb, path
LIMIT 20
