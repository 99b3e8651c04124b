-- Which sites sent the newest day's requests; requests without a referrer are "(none)".
SELECT
  coalesce(url_extract_host(cs_referer), '(none)') AS referrer,
  count(*) AS requests,
  sum(sc_bytes) AS bytes
FROM cloudfront
WHERE "date" = (SELECT max("date") FROM "cloudfront$partitions")
GROUP BY 1
ORDER BY requests DESC, referrer
LIMIT 25
