-- Requests, bytes to viewers, cache hit ratio and errors of each UTC day that the lake holds.
SELECT
  "date",
  count(*) AS requests,
  sum(sc_bytes) AS bytes,
  round(CAST(count_if(x_edge_result_type IN ('Hit', 'RefreshHit')) AS double) / count(*), 4) AS hit_ratio,
  count_if(sc_status BETWEEN 400 AND 499) AS status_4xx,
  count_if(sc_status BETWEEN 500 AND 599) AS status_5xx
FROM cloudfront
GROUP BY "date"
ORDER BY "date"
