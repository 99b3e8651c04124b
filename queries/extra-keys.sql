-- Keys that no column takes, from the texts in _extra: in how many rows, on which days, and what their values look like. The
-- counts of kinds are of rows; example is only filled where examples is 1, as nobody may see texts of a source with a PII policy.
WITH extras AS (
  SELECT "date", CAST(json_parse(_extra) AS MAP(VARCHAR, JSON)) AS extra
  FROM {{table: identifier}}
  WHERE "date" BETWEEN {{firstDate: date}} AND {{lastDate: date}}
    AND _extra IS NOT NULL
),
members AS (
  SELECT
    extras."date" AS "date",
    member.key AS key,
    json_format(element_at(extras.extra, member.key)) AS value_json,
    json_extract_scalar(element_at(extras.extra, member.key), '$') AS scalar
  FROM extras
  -- Once, even where a record has the key twice.
  CROSS JOIN UNNEST(array_distinct(map_keys(extras.extra))) AS member (key)
)
SELECT
  key,
  count(*) AS row_count,
  min("date") AS first_date,
  max("date") AS last_date,
  count_if(value_json IS NULL OR value_json = 'null') AS nulls,
  count_if(regexp_like(value_json, '^[\[{]')) AS nested,
  count_if(scalar IN ('true', 'false')) AS booleans,
  count_if(regexp_like(scalar, '^(0|-?[1-9][0-9]{0,17})$')) AS integers,
  count_if(regexp_like(scalar, '^-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$')) AS decimals,
  count_if(regexp_like(scalar, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z?$')) AS timestamps,
  count_if(regexp_like(scalar, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$')) AS dates,
  CASE WHEN {{examples: integer}} = 1 THEN min(CASE WHEN value_json <> 'null' THEN substr(coalesce(scalar, value_json), 1, 60) END) END AS example
FROM members
GROUP BY key
ORDER BY row_count DESC, key
