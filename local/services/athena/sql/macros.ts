/**
 * Trino's functions as DuckDB macros, where DuckDB's function of that name means something else or is missing.
 *
 * Two tools recur. `typeof` is a constant once the arguments are bound, so a CASE over it leaves one branch.
 * `cast_to_type(value, other)` gives `value` the type of `other`; `CASE WHEN false THEN a + b END` is a NULL whose type
 * is that of the sum and which is never computed.
 *
 * A `timestamp with time zone` in UTC is DuckDB's TIMESTAMPTZ. One in another zone is a STRUCT of instant and zone:
 * DuckDB's own type forgets the zone, and with it what `hour()` of the value is.
 */

/** The type of a timestamp in a zone that is not UTC. */
const ZONED_TYPE = "STRUCT(instant TIMESTAMP, zone VARCHAR)";
const IS_ZONED = (name: string) => `typeof(${name}) LIKE 'STRUCT(instant TIMESTAMP%'`;
const AS_ZONED = (name: string) => `TRY_CAST(${name} AS ${ZONED_TYPE})`;

const RESULT_OF = (sum: string) => `CASE WHEN false THEN ${sum} END`;
const FLOATING = "('DOUBLE', 'FLOAT')";

/** CREATE MACRO statements, in order of use. */
export const MACROS: readonly string[] = [
  // Arithmetic: integers divide to integers, decimals to decimals, and a zero divisor is an error unless floating.
  `trn_divide(a, b) AS CASE
     WHEN a IS NOT NULL AND b = 0 AND typeof(a + b) NOT IN ${FLOATING} THEN error('DIVISION_BY_ZERO: Division by zero')
     WHEN typeof(a + b) IN ${FLOATING} OR typeof(a + b) LIKE 'DECIMAL%' THEN cast_to_type(a / b, ${RESULT_OF("a + b")})
     ELSE cast_to_type(a // b, ${RESULT_OF("a + b")}) END`,
  // Inside TRY: DuckDB takes no error() there.
  `trn_divide_or_null(a, b) AS CASE
     WHEN b = 0 AND typeof(a + b) NOT IN ${FLOATING} THEN NULL
     WHEN typeof(a + b) IN ${FLOATING} OR typeof(a + b) LIKE 'DECIMAL%' THEN cast_to_type(a / b, ${RESULT_OF("a + b")})
     ELSE cast_to_type(a // b, ${RESULT_OF("a + b")}) END`,
  `trn_modulus_or_null(a, b) AS CASE WHEN b = 0 AND typeof(a + b) NOT IN ${FLOATING} THEN NULL ELSE a % b END`,
  `trn_modulus(a, b) AS CASE
     WHEN a IS NOT NULL AND b = 0 AND typeof(a + b) NOT IN ${FLOATING} THEN error('DIVISION_BY_ZERO: Division by zero')
     ELSE a % b END`,

  // Time.
  `trn_zoned(instant, zone) AS {'instant': CAST(instant AS TIMESTAMP), 'zone': CAST(zone AS VARCHAR)}`,
  `trn_wall_clock(instant, zone) AS
     timezone(CAST(zone AS VARCHAR), timezone('UTC', CAST(instant AS TIMESTAMP))::TIMESTAMPTZ)::TIMESTAMP`,
  `trn_instant_at(wall_clock, zone) AS
     timezone('UTC', timezone(CAST(zone AS VARCHAR), CAST(wall_clock AS TIMESTAMP))::TIMESTAMPTZ)::TIMESTAMP`,
  `trn_local(x) AS CASE
     WHEN ${IS_ZONED("x")} THEN trn_wall_clock(${AS_ZONED("x")}.instant, ${AS_ZONED("x")}.zone)
     ELSE TRY_CAST(x AS TIMESTAMP) END`,
  `trn_instant(x) AS CASE WHEN ${IS_ZONED("x")} THEN ${AS_ZONED("x")}.instant ELSE TRY_CAST(x AS TIMESTAMP) END`,
  `trn_at_timezone(x, zone) AS trn_zoned(trn_instant(x), zone)`,
  `trn_with_timezone(x, zone) AS trn_zoned(trn_instant_at(x, zone), zone)`,
  // A value that may be zoned or not keeps its type by way of its text, which every type can be cast from.
  `trn_like(x, zoned, plain) AS CASE
     WHEN ${IS_ZONED("x")} THEN cast_to_type(CAST(zoned AS VARCHAR), x) ELSE cast_to_type(CAST(plain AS VARCHAR), x) END`,
  `trn_trunc_zoned(unit, x) AS trn_like(x,
     trn_zoned(trn_instant_at(date_trunc(unit, trn_local(x)), ${AS_ZONED("x")}.zone), ${AS_ZONED("x")}.zone),
     date_trunc(unit, trn_local(x)))`,
  `trn_to_unixtime(x) AS epoch(trn_instant(x))`,
  `trn_from_unixtime(x) AS to_timestamp(CAST(x AS DOUBLE))`,
  `trn_from_unixtime_at(x, zone) AS trn_zoned(timezone('UTC', to_timestamp(CAST(x AS DOUBLE))), zone)`,
  `trn_to_iso8601(x) AS CASE
     WHEN typeof(x) = 'DATE' THEN CAST(x AS VARCHAR)
     WHEN typeof(x) = 'TIMESTAMP' THEN strftime(trn_instant(x), '%Y-%m-%dT%H:%M:%S.%g')
     ELSE strftime(trn_instant(x), '%Y-%m-%dT%H:%M:%S.%gZ') END`,

  // Text of values, as CAST(… AS varchar) and results print them: doubles the way Java does.
  `trn_double_text(x) AS CASE
     WHEN isnan(x) THEN 'NaN'
     WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
     WHEN x = 0 OR (abs(x) >= 1e-3 AND abs(x) < 1e7) THEN CAST(x AS VARCHAR)
     ELSE trn_scientific(CASE WHEN x < 0 THEN '-' ELSE '' END, trn_digits(CAST(abs(x) AS VARCHAR)), trn_exponent(CAST(abs(x) AS VARCHAR)))
     END`,
  `trn_scientific(sign, digits, exponent) AS
     sign || digits[1] || '.' || CASE WHEN len(digits) > 1 THEN digits[2:] ELSE '0' END || 'E' || CAST(exponent AS VARCHAR)`,
  `trn_digits(shown) AS rtrim(ltrim(replace(split_part(shown, 'e', 1), '.', ''), '0'), '0')`,
  // The power of ten of the first digit that is not zero: from the point's place, and from "e±nn" where DuckDB wrote one.
  `trn_exponent(shown) AS
     CASE WHEN split_part(split_part(shown, 'e', 1), '.', 1) = '0'
       THEN len(ltrim(split_part(split_part(shown, 'e', 1), '.', 2), '0')) - len(split_part(split_part(shown, 'e', 1), '.', 2)) - 1
       ELSE len(split_part(split_part(shown, 'e', 1), '.', 1)) - 1 END
     + coalesce(TRY_CAST(nullif(split_part(shown, 'e', 2), '') AS INTEGER), 0)`,
  `trn_text(x) AS CASE
     WHEN typeof(x) = 'DOUBLE' THEN trn_double_text(TRY_CAST(x AS DOUBLE))
     WHEN typeof(x) = 'TIMESTAMP' THEN strftime(TRY_CAST(x AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g')
     WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN strftime(timezone('UTC', TRY_CAST(x AS TIMESTAMPTZ)), '%Y-%m-%d %H:%M:%S.%g UTC')
     WHEN ${IS_ZONED("x")} THEN strftime(trn_local(x), '%Y-%m-%d %H:%M:%S.%g ') || ${AS_ZONED("x")}.zone
     WHEN typeof(x) = 'JSON' THEN TRY_CAST(x AS JSON) ->> '$'
     ELSE CAST(x AS VARCHAR) END`,
  // Whole numbers: DuckDB would round "1.5", Trino refuses it; both round a double, Trino away from zero.
  `trn_whole(x) AS CASE
     WHEN typeof(x) = 'VARCHAR' AND NOT regexp_full_match(CAST(x AS VARCHAR), '[+-]?[0-9]+')
       THEN error('INVALID_CAST_ARGUMENT: Cannot cast ''' || CAST(x AS VARCHAR) || ''' to a whole number')
     WHEN typeof(x) IN ${FLOATING} THEN CAST(round(TRY_CAST(x AS DOUBLE)) AS VARCHAR)
     ELSE CAST(x AS VARCHAR) END`,
  `trn_whole_or_null(x) AS CASE
     WHEN typeof(x) = 'VARCHAR' AND NOT regexp_full_match(CAST(x AS VARCHAR), '[+-]?[0-9]+') THEN NULL
     WHEN typeof(x) IN ${FLOATING} THEN CAST(round(TRY_CAST(x AS DOUBLE)) AS VARCHAR)
     ELSE CAST(x AS VARCHAR) END`,

  // Text functions.
  `trn_split_part(x, separator, index) AS
     CASE WHEN index > len(string_split(x, separator)) THEN NULL ELSE split_part(x, separator, index) END`,
  `trn_regexp_extract(x, pattern, g := 0) AS CASE WHEN regexp_matches(x, pattern) THEN regexp_extract(x, pattern, g) END`,
  `trn_replace(x, search, replacement := '') AS replace(x, search, replacement)`,
  `trn_strpos(x, part) AS CAST(strpos(x, part) AS BIGINT)`,
  `trn_substr(x, start) AS substr(x, start), (x, start, size) AS substr(x, start, size)`,
  `trn_md5(x) AS unhex(md5(x))`,
  `trn_sha1(x) AS unhex(sha1(x))`,
  `trn_sha256(x) AS unhex(sha256(x))`,

  // URLs, by RFC 3986's own expression.
  `trn_url_part(url, g) AS
     regexp_extract(url, '^(?:([^:/?#]+):)?(?://(?:[^@/?#]*@)?(\\[[^\\]]*\\]|[^:/?#]*)(?::(\\d+))?)?([^?#]*)(?:\\?([^#]*))?(?:#(.*))?', g)`,
  `trn_url_extract_protocol(url) AS trn_url_part(url, 1)`,
  `trn_url_extract_host(url) AS nullif(trn_url_part(url, 2), '')`,
  `trn_url_extract_port(url) AS CAST(nullif(trn_url_part(url, 3), '') AS BIGINT)`,
  `trn_url_extract_path(url) AS url_decode(trn_url_part(url, 4))`,
  `trn_url_extract_query(url) AS url_decode(trn_url_part(url, 5))`,
  `trn_url_extract_fragment(url) AS url_decode(trn_url_part(url, 6))`,
  `trn_url_pair(pair) AS CASE WHEN position('=' IN pair) = 0 THEN '' ELSE substr(pair, position('=' IN pair) + 1) END`,
  `trn_url_extract_parameter(url, name) AS url_decode(replace(trn_url_pair(list_extract(
     list_filter(string_split(trn_url_part(url, 5), '&'), lambda pair: split_part(pair, '=', 1) = name), 1)), '+', ' '))`,

  // JSON. A path into nothing, an object where a scalar was asked for, and text that is not JSON give NULL.
  `trn_json_extract(x, path) AS CASE WHEN json_valid(CAST(x AS VARCHAR)) THEN json_extract(CAST(x AS JSON), path) END`,
  `trn_json_extract_scalar(x, path) AS CASE
     WHEN NOT json_valid(CAST(x AS VARCHAR)) THEN NULL
     WHEN json_type(CAST(x AS JSON), path) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL
     ELSE json_extract_string(CAST(x AS JSON), path) END`,
  `trn_json_array_length(x) AS CASE WHEN json_type(CAST(x AS JSON)) = 'ARRAY' THEN CAST(json_array_length(CAST(x AS JSON)) AS BIGINT) END`,
  `trn_json_parse(x) AS CAST(x AS JSON)`,
  `trn_json_format(x) AS CAST(x AS VARCHAR)`,

  // Arrays and maps.
  `trn_cardinality(x) AS CASE
     WHEN typeof(x) LIKE 'MAP(%' THEN CAST(cardinality(TRY_CAST(x AS MAP(VARCHAR, VARCHAR))) AS BIGINT)
     ELSE CAST(len(TRY_CAST(x AS VARCHAR[])) AS BIGINT) END`,
  `trn_element_at(x, i) AS x[i]`,
  `trn_subscript(x, i) AS CASE
     WHEN typeof(x) LIKE '%[]' AND (TRY_CAST(i AS BIGINT) > len(TRY_CAST(x AS VARCHAR[])) OR TRY_CAST(i AS BIGINT) < 1)
       THEN error('INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: ' || CAST(i AS VARCHAR)
         || ' > ' || CAST(len(TRY_CAST(x AS VARCHAR[])) AS VARCHAR))
     WHEN typeof(x) LIKE 'MAP(%' AND NOT list_contains(map_keys(TRY_CAST(x AS MAP(VARCHAR, VARCHAR))), CAST(i AS VARCHAR))
       THEN error('INVALID_FUNCTION_ARGUMENT: Key not present in map: ' || CAST(i AS VARCHAR))
     ELSE x[i] END`,
  `trn_slice(x, start, size) AS list_slice(x, start, start + size - 1)`,
  `trn_array_join(x, separator) AS array_to_string(x, separator),
     (x, separator, missing) AS array_to_string(list_transform(x, lambda v: coalesce(CAST(v AS VARCHAR), missing)), separator)`,
  `trn_array_remove(x, gone) AS list_filter(x, lambda v: v <> gone)`,
  `trn_map(k, v) AS map(k, v)`,
  `trn_map_agg(k, v) AS map(list(k), list(v))`,
].map((macro) => `CREATE MACRO ${macro}`);
