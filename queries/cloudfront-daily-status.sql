-- Requests and bytes sent to viewers by status code. status is NULL where the log has none.
SELECT
  sc_status AS status,
  count(*) AS requests,
  sum(sc_bytes) AS bytes
FROM {{table: identifier}}
WHERE "date" BETWEEN {{firstDate: date}} AND {{lastDate: date}}
  AND "time" >= {{start: timestamp}}
  AND "time" < {{end: timestamp}}
GROUP BY 1
ORDER BY 1
