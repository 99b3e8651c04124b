-- Requests, errors and bytes of each UTC day that the lake holds. A request without a status code counts as an error.
SELECT
  "date",
  count(*) AS requests,
  count_if(elb_status_code BETWEEN 400 AND 499) AS status_4xx,
  count_if(elb_status_code BETWEEN 500 AND 599) AS status_5xx,
  count_if(elb_status_code IS NULL) AS no_status,
  round(CAST(count_if(elb_status_code IS NULL OR elb_status_code >= 500) AS double) / count(*), 6) AS error_rate,
  sum(received_bytes + sent_bytes) AS bytes
FROM alb
GROUP BY "date"
ORDER BY "date"
