-- The newest day's viewers by bytes, with how much of it was refused or failed.
SELECT
  c_ip AS client,
  count(*) AS requests,
  sum(sc_bytes) AS bytes,
  count_if(sc_status >= 400) AS errors,
  approx_distinct(cs_uri_stem) AS paths,
  max_by(cs_user_agent, "time") AS last_user_agent
FROM cloudfront
WHERE "date" = (SELECT max("date") FROM "cloudfront$partitions")
GROUP BY c_ip
ORDER BY bytes DESC, client
LIMIT 25
