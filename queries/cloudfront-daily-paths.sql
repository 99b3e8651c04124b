-- The paths asked for most; kinds is how many different ones there are.
WITH counted AS (
  SELECT cs_uri_stem AS path, count(*) AS requests, sum(sc_bytes) AS bytes
  FROM {{table: identifier}}
  WHERE "date" BETWEEN {{firstDate: date}} AND {{lastDate: date}}
  AND "time" >= {{start: timestamp}}
  AND "time" < {{end: timestamp}}
  GROUP BY 1
)
SELECT path, requests, bytes, count(*) OVER () AS kinds
FROM counted
ORDER BY requests DESC, path
LIMIT 25
