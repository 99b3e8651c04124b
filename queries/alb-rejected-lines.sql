-- Lines that became no row, by the day they arrived and why.
SELECT "date", reason, count(*) AS lines, count(DISTINCT source_file) AS objects, min(text) AS example
FROM alb_rejected
GROUP BY "date", reason
ORDER BY "date", lines DESC, reason
