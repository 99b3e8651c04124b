-- The edge locations that answered most; locations is how many there are in all.
WITH counted AS (
  SELECT x_edge_location AS edge_location, count(*) AS requests, sum(sc_bytes) AS bytes
  FROM {{table: identifier}}
  WHERE "date" BETWEEN {{firstDate: date}} AND {{lastDate: date}}
  AND "time" >= {{start: timestamp}}
  AND "time" < {{end: timestamp}}
  GROUP BY 1
)
SELECT edge_location, requests, bytes, count(*) OVER () AS kinds
FROM counted
ORDER BY requests DESC, edge_location
LIMIT 20
