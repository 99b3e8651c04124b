/**
 * The Trino functions that the embedded Athena knows. What is not here fails its query by name, so that no function of
 * DuckDB's that happens to share a name answers in its own way.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/functions-env3.html
 */
import { QueryError } from "../query-error.ts";
import { call, type Node, parenthesised, template, text, textOf } from "./sql-tree.ts";
import { fromJodaPattern, fromMysqlPattern } from "./time-patterns.ts";

/** The facts about a call that its statement tells. */
export interface CallContext {
  /** Values with a time zone of their own may occur, so that time functions have to look. */
  zones: boolean;
}

/** A scalar function: DuckDB's name for the same thing, or what to put in its place. */
type Scalar = string | ((args: Node[], context: CallContext) => Node);

const UNITS = new Set(["millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"]);

function local(value: Node, { zones }: CallContext): Node {
  return zones ? call("trn_local", value) : value;
}

function part(duckdb: string): Scalar {
  return ([value], context) => call(duckdb, local(value, context));
}

function constant(node: Node, what: string): string {
  const value = textOf(node);
  if (value === null) throw new QueryError("NOT_SUPPORTED", `The embedded Athena needs ${what} as a text literal`);
  return value;
}

function unitOf(node: Node): string {
  const unit = constant(node, "the unit of time").toLowerCase();
  if (!UNITS.has(unit)) throw new QueryError("INVALID_FUNCTION_ARGUMENT", `'${unit}' is not a valid TIMESTAMP field`);
  return unit;
}

/** NULL when any argument is, where DuckDB's function would pass over it. */
function nullIfAnyNull(name: string): Scalar {
  return (args) => {
    const isNull = args.map((_, index) => `_${index} IS NULL`).join(" OR ");
    return template(`CASE WHEN ${isNull} THEN NULL ELSE _9 END`, ...padded(args, call(name, ...args)));
  };
}

function padded(args: Node[], last: Node): Node[] {
  if (args.length > 9) throw new QueryError("NOT_SUPPORTED", "The embedded Athena takes at most nine arguments here");
  return [...args, ...Array(9 - args.length).fill(null), last];
}

function lambdaTest(sql: string): Scalar {
  return ([list, predicate]) => template(sql, call("list_transform", list, predicate));
}

const MICROSECONDS_INTERVAL = (unit: string) =>
  unit === "quarter" ? "INTERVAL '3' MONTH" : `INTERVAL '1' ${unit.toUpperCase()}`;

/** By Trino's name, lower case. */
export const SCALARS: Record<string, Scalar> = {
  // Numbers
  abs: "abs",
  cbrt: "cbrt",
  ceil: "ceil",
  ceiling: "ceil",
  degrees: "degrees",
  e: () => template("exp(1.0::DOUBLE)"),
  exp: "exp",
  floor: "floor",
  ln: "ln",
  log: ([base, x]) => call("log", base, x),
  log2: "log2",
  log10: "log10",
  mod: "trn_modulus",
  pi: "pi",
  pow: "pow",
  power: "pow",
  radians: "radians",
  rand: "random",
  random: "random",
  round: "round",
  sign: "sign",
  sqrt: "sqrt",
  truncate: "trunc",
  cos: "cos",
  sin: "sin",
  tan: "tan",
  acos: "acos",
  asin: "asin",
  atan: "atan",
  atan2: "atan2",
  is_nan: "isnan",
  is_finite: "isfinite",
  is_infinite: "isinf",
  nan: () => template("CAST('nan' AS DOUBLE)"),
  infinity: () => template("CAST('inf' AS DOUBLE)"),
  greatest: nullIfAnyNull("greatest"),
  least: nullIfAnyNull("least"),
  bitwise_and: ([a, b]) => template("(_0 & _1)", a, b),
  bitwise_or: ([a, b]) => template("(_0 | _1)", a, b),
  bitwise_xor: "xor",

  // Text
  chr: "chr",
  codepoint: "unicode",
  length: "len",
  lower: "lower",
  upper: "upper",
  ltrim: "ltrim",
  rtrim: "rtrim",
  lpad: "lpad",
  rpad: "rpad",
  replace: "trn_replace",
  reverse: "reverse",
  split_part: "trn_split_part",
  starts_with: "starts_with",
  strpos: "trn_strpos",
  substr: "trn_substr",
  translate: "translate",
  concat_ws: "concat_ws",
  levenshtein_distance: "levenshtein",
  hamming_distance: "hamming",
  to_utf8: "encode",
  from_utf8: "decode",
  concat: (args) => parenthesised(args.reduce((left, right) => template("_0 || _1", left, right))),
  split: (args) => {
    if (args.length > 2) throw new QueryError("NOT_SUPPORTED", "The embedded Athena knows split without a limit only");
    return call("string_split", ...args);
  },
  regexp_like: "regexp_matches",
  regexp_extract: "trn_regexp_extract",
  regexp_extract_all: "regexp_extract_all",
  regexp_split: "string_split_regex",
  regexp_count: ([x, pattern]) => template("len(regexp_extract_all(_0, _1))", x, pattern),
  regexp_replace: ([x, pattern, replacement]) => {
    if (replacement?.lambda)
      throw new QueryError("NOT_SUPPORTED", "The embedded Athena knows regexp_replace with text only");
    // Trino writes groups as $1, DuckDB as \1.
    const shown = replacement ? constant(replacement, "the replacement of regexp_replace") : "";
    const groups = shown.replace(
      /\\(.)|\$(\d)/gs,
      (_, plain: string | undefined, group: string) => plain ?? `\\${group}`,
    );
    return call("regexp_replace", x, pattern, text(groups), text("g"));
  },

  // Binary
  md5: "trn_md5",
  sha1: "trn_sha1",
  sha256: "trn_sha256",
  to_hex: "hex",
  from_hex: "unhex",
  to_base64: "base64",
  from_base64: "from_base64",

  // URLs
  url_encode: "url_encode",
  url_decode: "url_decode",
  url_extract_protocol: "trn_url_extract_protocol",
  url_extract_host: "trn_url_extract_host",
  url_extract_port: "trn_url_extract_port",
  url_extract_path: "trn_url_extract_path",
  url_extract_query: "trn_url_extract_query",
  url_extract_fragment: "trn_url_extract_fragment",
  url_extract_parameter: "trn_url_extract_parameter",

  // JSON
  json_extract: "trn_json_extract",
  json_extract_scalar: "trn_json_extract_scalar",
  json_array_length: "trn_json_array_length",
  json_parse: "trn_json_parse",
  json_format: "trn_json_format",

  // Time
  year: part("year"),
  month: part("month"),
  day: part("day"),
  day_of_month: part("day"),
  hour: part("hour"),
  minute: part("minute"),
  second: part("second"),
  quarter: part("quarter"),
  week: part("weekofyear"),
  week_of_year: part("weekofyear"),
  day_of_week: part("isodow"),
  dow: part("isodow"),
  day_of_year: part("dayofyear"),
  doy: part("dayofyear"),
  year_of_week: part("isoyear"),
  yow: part("isoyear"),
  millisecond: ([x], context) => template("millisecond(_0) % 1000", local(x, context)),
  date: ([x], context) => template("CAST(_0 AS DATE)", local(x, context)),
  last_day_of_month: part("last_day"),
  date_trunc: ([unit, x], { zones }) =>
    zones
      ? call("trn_trunc_zoned", text(unitOf(unit)), x)
      : template("cast_to_type(date_trunc(_0, _1), _1)", text(unitOf(unit)), x),
  date_add: ([unit, count, x], { zones }) => {
    const added = template(
      `_1 + _0 * ${MICROSECONDS_INTERVAL(unitOf(unit))}`,
      parenthesised(count),
      zones ? call("trn_instant", x) : x,
    );
    return zones
      ? template(
          "trn_like(_0, trn_zoned(_1, TRY_CAST(_0 AS STRUCT(instant TIMESTAMP, zone VARCHAR)).zone), _1)",
          x,
          added,
        )
      : template("cast_to_type(_0, _1)", added, x);
  },
  // Trino counts whole units between the two, which DuckDB calls date_sub.
  date_diff: ([unit, from, to], { zones }) =>
    zones
      ? call("date_sub", text(unitOf(unit)), call("trn_instant", from), call("trn_instant", to))
      : call("date_sub", text(unitOf(unit)), from, to),
  date_format: ([x, pattern], context) =>
    call("strftime", local(x, context), text(fromMysqlPattern(constant(pattern, "the pattern of date_format")))),
  date_parse: ([x, pattern]) =>
    call("strptime", x, text(fromMysqlPattern(constant(pattern, "the pattern of date_parse")))),
  format_datetime: ([x, pattern], context) =>
    call("strftime", local(x, context), text(fromJodaPattern(constant(pattern, "the pattern of format_datetime")))),
  parse_datetime: ([x, pattern]) =>
    template(
      "CAST(strptime(_0, _1) AS TIMESTAMPTZ)",
      x,
      text(fromJodaPattern(constant(pattern, "the pattern of parse_datetime"))),
    ),
  from_unixtime: (args) => call(args.length > 1 ? "trn_from_unixtime_at" : "trn_from_unixtime", ...args),
  to_unixtime: "trn_to_unixtime",
  to_iso8601: "trn_to_iso8601",
  from_iso8601_timestamp: ([x]) => template("CAST(_0 AS TIMESTAMPTZ)", x),
  from_iso8601_date: ([x]) => template("CAST(_0 AS DATE)", x),
  at_timezone: "trn_at_timezone",
  with_timezone: "trn_with_timezone",
  current_timezone: () => text("UTC"),

  // Arrays and maps
  cardinality: "trn_cardinality",
  element_at: "trn_element_at",
  contains: "list_contains",
  array_join: "trn_array_join",
  array_distinct: "list_distinct",
  array_sort: "list_sort",
  array_max: "list_max",
  array_min: "list_min",
  array_position: ([list, x]) => template("coalesce(list_position(_0, _1), 0)", list, x),
  array_intersect: "list_intersect",
  array_except: ([a, b]) => template("list_filter(list_distinct(_0), lambda v: NOT list_contains(_1, v))", a, b),
  array_union: ([a, b]) => template("list_distinct(list_concat(_0, _1))", a, b),
  array_remove: "trn_array_remove",
  arrays_overlap: "list_has_any",
  flatten: "flatten",
  slice: "trn_slice",
  sequence: "generate_series",
  map_keys: "map_keys",
  map_values: "map_values",
  map_entries: "map_entries",
  map_from_entries: "map_from_entries",
  map_concat: "map_concat",
  transform: "list_transform",
  filter: "list_filter",
  any_match: lambdaTest("coalesce(list_bool_or(_0), false)"),
  all_match: lambdaTest("coalesce(list_bool_and(_0), true)"),
  none_match: lambdaTest("NOT coalesce(list_bool_or(_0), false)"),
  reduce: ([list, start, step, finish]) =>
    template(
      "list_extract(_0, 1)",
      call("list_transform", template("[_0]", call("list_reduce", list, step, start)), finish),
    ),

  // Aggregates that are made of others
  map_agg: "trn_map_agg",
};

/** Aggregates and window functions, by DuckDB's name for what Trino's does. */
export const AGGREGATES: Record<string, string> = {
  count: "count",
  sum: "sum",
  avg: "avg",
  min: "min",
  max: "max",
  count_if: "count_if",
  bool_and: "bool_and",
  bool_or: "bool_or",
  every: "bool_and",
  any_value: "any_value",
  arbitrary: "any_value",
  array_agg: "array_agg",
  approx_distinct: "approx_distinct",
  // Exact where Trino estimates: the same answer every time, and inside Trino's error.
  approx_percentile: "quantile_disc",
  max_by: "arg_max_null",
  min_by: "arg_min_null",
  histogram: "histogram",
  stddev: "stddev_samp",
  stddev_samp: "stddev_samp",
  stddev_pop: "stddev_pop",
  variance: "var_samp",
  var_samp: "var_samp",
  var_pop: "var_pop",
  corr: "corr",
  covar_samp: "covar_samp",
  covar_pop: "covar_pop",
  regr_slope: "regr_slope",
  regr_intercept: "regr_intercept",
  bitwise_and_agg: "bit_and",
  bitwise_or_agg: "bit_or",
  listagg: "listagg",
  row_number: "row_number",
  rank: "rank",
  dense_rank: "dense_rank",
  percent_rank: "percent_rank",
  cume_dist: "cume_dist",
  ntile: "ntile",
  lag: "lag",
  lead: "lead",
  first_value: "first_value",
  last_value: "last_value",
  nth_value: "nth_value",
  grouping: "grouping",
};

/** Words that a parenthesis may follow without being a function's name; types and clauses of the language. */
export const NOT_FUNCTIONS = new Set(
  `in values and or not exists select from where on using over filter group by having when then else case any all some union
   except intersect distinct as join lateral unnest sets rollup cube limit offset like between escape interval with recursive
   partition order rows range groups is cross end null true false asc desc left right inner full outer natural table view
   cast try_cast extract trim substring position row array map if coalesce nullif try json_query json_value
   decimal numeric varchar char timestamp time bernoulli system normalize current_timestamp localtimestamp current_time localtime to`.split(
    /\s+/,
  ),
);
