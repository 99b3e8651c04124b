-- How many rows each UTC date's partition holds: compared with the ledger before a report is believed.
SELECT "date", count(*) AS row_count
FROM {{table: identifier}}
WHERE "date" BETWEEN {{firstDate: date}} AND {{lastDate: date}}
GROUP BY "date"
ORDER BY "date"
