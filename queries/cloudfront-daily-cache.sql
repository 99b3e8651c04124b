-- Requests and bytes by how CloudFront answered: Hit, RefreshHit, Miss, Error and so on.
SELECT
  x_edge_result_type AS result_type,
  count(*) AS requests,
  sum(sc_bytes) AS bytes
FROM {{table: identifier}}
WHERE "date" BETWEEN {{firstDate: date}} AND {{lastDate: date}}
  AND "time" >= {{start: timestamp}}
  AND "time" < {{end: timestamp}}
GROUP BY 1
ORDER BY 1
