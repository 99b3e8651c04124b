-- The newest day's targets by the errors they sent, apart from those that the load balancer made up itself.
SELECT
  coalesce(regexp_extract(target_group_arn, 'targetgroup/([^/]+)', 1), '(none)') AS target_group,
  target_ip,
  target_port,
  count(*) AS requests,
  count_if(target_status_code >= 500) AS errors_of_target,
  count_if(elb_status_code >= 500 AND target_status_code IS NULL) AS errors_of_load_balancer
FROM alb
WHERE "date" = (SELECT max("date") FROM "alb$partitions")
GROUP BY 1, 2, 3
HAVING count_if(elb_status_code >= 500) > 0
ORDER BY errors_of_target DESC, errors_of_load_balancer DESC, target_ip, target_port
LIMIT 25
