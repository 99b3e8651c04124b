-- The newest day's clients by requests, with how many of them failed.
SELECT
  client_ip AS client,
  count(*) AS requests,
  count_if(elb_status_code BETWEEN 400 AND 499) AS status_4xx,
  count_if(elb_status_code >= 500) AS status_5xx,
  sum(sent_bytes) AS bytes,
  min("time") AS first_seen,
  max("time") AS last_seen,
  max_by(user_agent, "time") AS last_user_agent
FROM alb
WHERE "date" = (SELECT max("date") FROM "alb$partitions")
GROUP BY client_ip
ORDER BY requests DESC, client
LIMIT 25
