-- The paths that were answered 404 most; kinds is how many different ones there are.
WITH counted AS (
  SELECT cs_uri_stem AS path, count(*) AS requests
  FROM {{table: identifier}}
  WHERE "date" BETWEEN {{firstDate: date}} AND {{lastDate: date}}
  AND "time" >= {{start: timestamp}}
  AND "time" < {{end: timestamp}}
    AND sc_status = 404
  GROUP BY 1
)
SELECT path, requests, count(*) OVER () AS kinds
FROM counted
ORDER BY requests DESC, path
LIMIT 20
