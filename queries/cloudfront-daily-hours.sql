-- Requests and bytes in each hour of the day, counted from its first instant, by the class of the status code.
SELECT
  date_diff('second', {{start: timestamp}}, "time") / 3600 AS hour,
  count(*) FILTER (WHERE sc_status BETWEEN 200 AND 299) AS status_2xx,
  count(*) FILTER (WHERE sc_status BETWEEN 300 AND 399) AS status_3xx,
  count(*) FILTER (WHERE sc_status BETWEEN 400 AND 499) AS status_4xx,
  count(*) FILTER (WHERE sc_status BETWEEN 500 AND 599) AS status_5xx,
  count(*) AS requests,
  sum(sc_bytes) AS bytes
FROM {{table: identifier}}
WHERE "date" BETWEEN {{firstDate: date}} AND {{lastDate: date}}
  AND "time" >= {{start: timestamp}}
  AND "time" < {{end: timestamp}}
GROUP BY 1
ORDER BY 1
