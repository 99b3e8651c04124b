import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lake } from "./lake.ts";

let lake: Lake;
beforeAll(async () => {
  lake = new Lake();
  await lake.declare("t", { x: "int" });
});
afterAll(() => lake.close());

/** Expression, and what Athena prints for it. Sources: Trino's and Athena's function references. */
const CASES: [string, [expression: string, printed: string | null][]][] = [
  [
    "numbers",
    [
      ["7 / 2", "3"],
      ["-7 / 2", "-3"],
      ["-7 % 3", "-1"],
      ["100.0 * 1 / 3", "33.3"],
      ["1.00 / 3", "0.33"],
      ["7 / 2e0", "3.5"],
      ["1e0 / 0", "Infinity"],
      ["1e7", "1.0E7"],
      ["123456789.125e0", "1.23456789125E8"],
      ["0.0005e0", "5.0E-4"],
      ["0.25e0", "0.25"],
      ["DECIMAL '1.50'", "1.50"],
      ["CAST(1.005 AS DECIMAL(10, 2))", "1.01"],
      ["CAST(0.1 AS real)", "0.1"],
      ["CAST(2.5e0 AS bigint)", "3"],
      ["TRY(1 / 0)", null],
      ["TRY_CAST('abc' AS integer)", null],
      ["TRY_CAST('1.5' AS integer)", null],
      ["round(2.5e0)", "3.0"],
      ["greatest(1, NULL, 3)", null],
      ["power(2, 10)", "1024.0"],
    ],
  ],
  [
    "text",
    [
      ["'a' || 'b'", "ab"],
      ["concat('a', NULL)", null],
      ["split_part('a/b', '/', 2)", "b"],
      ["split_part('a/b', '/', 5)", null],
      ["split('a,b,,c', ',')", "[a, b, , c]"],
      ["regexp_extract('abc', '\\d+')", null],
      ["regexp_extract('a12', 'a(\\d+)', 1)", "12"],
      ["regexp_like('abc', 'b')", "true"],
      ["regexp_replace('abab', '(b)', '[$1]')", "a[b]a[b]"],
      ["substr('hello', -3, 2)", "ll"],
      ["CAST(1e7 AS varchar)", "1.0E7"],
      ["CAST(TIMESTAMP '2026-01-17 10:00:00' AS varchar)", "2026-01-17 10:00:00.000"],
      ["CAST('hello' AS varchar(3))", "hel"],
      ["upper(trim('  a '))", "A"],
      ["if(length('abc') > 2, 'long')", "long"],
      ["coalesce(NULL, nullif('a', 'a'), 'z')", "z"],
      ["to_utf8('AB')", "41 42"],
      ["to_hex(md5(to_utf8('a')))", "0CC175B9C0F1B6A831C399E269772661"],
      ["url_extract_host('https://u@example.com:8080/a%20b?x=1&y=a+b')", "example.com"],
      ["url_extract_path('https://example.com/a%20b?x=1')", "/a b"],
      ["url_extract_parameter('https://example.com/?x=1&y=a+b%21', 'y')", "a b!"],
      ["url_extract_parameter('https://example.com/?x=1', 'y')", null],
    ],
  ],
  [
    "time",
    [
      ["TIMESTAMP '2026-01-17 10:00:00'", "2026-01-17 10:00:00.000"],
      ["DATE '2026-01-17'", "2026-01-17"],
      ["current_timestamp", "2026-01-20 12:00:00.000 UTC"],
      ["current_date - interval '3' day", "2026-01-17"],
      ["date_trunc('hour', TIMESTAMP '2026-01-17 10:20:30')", "2026-01-17 10:00:00.000"],
      ["date_trunc('month', DATE '2026-01-17')", "2026-01-01"],
      ["date_add('day', -1, DATE '2026-01-17')", "2026-01-16"],
      ["date_add('hour', 2, TIMESTAMP '2026-01-17 23:00:00')", "2026-01-18 01:00:00.000"],
      ["date_diff('day', TIMESTAMP '2026-01-17 23:00:00', TIMESTAMP '2026-01-18 01:00:00')", "0"],
      ["date_diff('minute', TIMESTAMP '2026-01-17 23:00:00', TIMESTAMP '2026-01-18 01:00:59')", "120"],
      ["date_format(TIMESTAMP '2026-01-17 10:20:30', '%Y-%m-%d %H:%i:%s')", "2026-01-17 10:20:30"],
      ["date_parse('2026-01-17 10:20', '%Y-%m-%d %H:%i')", "2026-01-17 10:20:00.000"],
      ["format_datetime(TIMESTAMP '2026-01-17 10:20:30', 'yyyy-MM-dd''T''HH:mm')", "2026-01-17T10:20"],
      ["from_unixtime(1700000000)", "2023-11-14 22:13:20.000 UTC"],
      ["to_unixtime(TIMESTAMP '2026-01-17 10:00:00')", "1.768644E9"],
      ["day_of_week(DATE '2026-01-18')", "7"],
      ["year(DATE '2026-01-18')", "2026"],
      ["extract(hour FROM TIMESTAMP '2026-01-17 10:20:30')", "10"],
      ["from_iso8601_timestamp('2026-01-17T10:00:00Z')", "2026-01-17 10:00:00.000 UTC"],
      ["TIMESTAMP '2026-01-17 10:00:00' + interval '1' hour", "2026-01-17 11:00:00.000"],
      ["CAST('2026-01-17' AS date)", "2026-01-17"],
    ],
  ],
  [
    "time zones",
    [
      ["TIMESTAMP '2026-01-17 23:30:00' AT TIME ZONE 'Europe/Berlin'", "2026-01-18 00:30:00.000 Europe/Berlin"],
      ["hour(TIMESTAMP '2026-07-17 23:30:00' AT TIME ZONE 'Europe/Berlin')", "1"],
      [
        "date_trunc('day', TIMESTAMP '2026-01-17 23:30:00' AT TIME ZONE 'Europe/Berlin')",
        "2026-01-18 00:00:00.000 Europe/Berlin",
      ],
      ["CAST(at_timezone(TIMESTAMP '2026-01-17 23:30:00', 'Europe/Berlin') AS date)", "2026-01-18"],
      ["CAST(TIMESTAMP '2026-01-17 23:30:00' AT TIME ZONE 'Europe/Berlin' AS timestamp)", "2026-01-18 00:30:00.000"],
      [
        "date_format(TIMESTAMP '2026-01-17 23:30:00' AT TIME ZONE 'America/New_York', '%Y-%m-%d %H:%i')",
        "2026-01-17 18:30",
      ],
      ["with_timezone(TIMESTAMP '2026-01-17 10:00:00', 'Europe/Berlin')", "2026-01-17 10:00:00.000 Europe/Berlin"],
      ["to_unixtime(with_timezone(TIMESTAMP '1970-01-01 01:00:00', 'Europe/Berlin'))", "0.0"],
    ],
  ],
  [
    "JSON, arrays and maps",
    [
      [`json_extract_scalar('{"a":{"b":[1,2]}}', '$.a.b[1]')`, "2"],
      [`json_extract_scalar('{"a":{"b":[1,2]}}', '$.a')`, null],
      ["json_extract_scalar('no json', '$.a')", null],
      [`json_extract('{"a":[1]}', '$.a')`, "[1]"],
      ["ARRAY[1, NULL, 3]", "[1, null, 3]"],
      ["MAP(ARRAY['a'], ARRAY[1])", "{a=1}"],
      ["ROW(1, 'x')", "{field0=1, field1=x}"],
      ["element_at(ARRAY[1, 2], 5)", null],
      ["ARRAY[1, 2][2]", "2"],
      ["cardinality(ARRAY[1, 2])", "2"],
      ["cardinality(MAP(ARRAY['a'], ARRAY[1]))", "1"],
      ["contains(ARRAY[1, 2], 2)", "true"],
      ["array_join(ARRAY['a', 'b'], '-')", "a-b"],
      ["transform(ARRAY[1, 2], x -> x + 1)", "[2, 3]"],
      ["filter(ARRAY[1, 2, 3], x -> x > 1)", "[2, 3]"],
      ["reduce(ARRAY[1, 2, 3], 10, (s, x) -> s + x, s -> s * 2)", "32"],
      ["any_match(ARRAY[1, 2], x -> x > 1)", "true"],
      ["slice(ARRAY[1, 2, 3, 4], 2, 2)", "[2, 3]"],
      ["sequence(1, 3)", "[1, 2, 3]"],
    ],
  ],
];

describe.each(CASES)("%s", (_, cases) => {
  it.each(cases)("%s is %s", async (expression, printed) => {
    expect(await lake.value(expression)).toBe(printed);
  });
});

describe("aggregates", () => {
  it("answer as Trino does, with its types", async () => {
    const { rows, types } = await lake.ask(`
      SELECT count(*), sum(x), avg(x), count_if(x > 1), approx_percentile(x, 0.5), approx_distinct(x), max_by(y, x),
             array_agg(y ORDER BY x DESC), listagg(y, '+') WITHIN GROUP (ORDER BY x), sum(x) FILTER (WHERE x > 2),
             100.0 * count_if(x > 1) / count(*), map_agg(y, x), bool_or(x > 2)
      FROM (VALUES (1, 'a'), (2, 'b'), (3, 'c')) AS v(x, y)`);
    expect(rows).toEqual([
      ["3", "6", "2.0", "2", "2", "3", "c", "[c, b, a]", "a+b+c", "3", "66.7", "{a=1, b=2, c=3}", "true"],
    ]);
    expect(types.slice(0, 6)).toEqual(["bigint", "bigint", "double", "bigint", "integer", "bigint"]);
  });

  it("count 0 where no condition is known", async () => {
    const { rows, types } = await lake.ask(`
      SELECT count_if(x), count_if(x) FILTER (WHERE y > 1)
      FROM (VALUES (CAST(NULL AS boolean), 1), (NULL, 2)) AS v(x, y)`);
    expect([rows, types]).toEqual([[["0", "0"]], ["bigint", "bigint"]]);
    const windows = await lake.ask("SELECT count_if(x) OVER () FROM (VALUES CAST(NULL AS boolean)) AS v(x)");
    expect(windows.rows).toEqual([["0"]]);
  });

  it("run in windows", async () => {
    const { rows } = await lake.ask(`
      SELECT x, row_number() OVER (ORDER BY x DESC), sum(x) OVER (ORDER BY x), lag(x) OVER (ORDER BY x)
      FROM (VALUES 1, 2, 3) AS v(x) ORDER BY x`);
    expect(rows).toEqual([
      ["1", "3", "1", null],
      ["2", "2", "3", "1"],
      ["3", "1", "6", "2"],
    ]);
  });
});

describe("UNNEST", () => {
  it("counts with ordinality, opens maps, and pads the shorter of two arrays", async () => {
    expect(
      (await lake.ask("SELECT p, n FROM UNNEST(split('a,b', ',')) WITH ORDINALITY AS u (p, n) ORDER BY n")).rows,
    ).toEqual([
      ["a", "1"],
      ["b", "2"],
    ]);
    expect(
      (await lake.ask("SELECT k, v FROM (SELECT MAP(ARRAY['a'], ARRAY[1]) AS m) CROSS JOIN UNNEST(m) AS u (k, v)"))
        .rows,
    ).toEqual([["a", "1"]]);
    const padded =
      "SELECT a, b FROM (SELECT ARRAY[1, 2] AS x, ARRAY['p'] AS y) CROSS JOIN UNNEST(x, y) AS u (a, b) ORDER BY a";
    expect((await lake.ask(padded)).rows).toEqual([
      ["1", "p"],
      ["2", null],
    ]);
  });
});

describe("the name that a SELECT gives a column", () => {
  const day = "(VALUES (1, 'a'), (12, 'b'), (13, 'b')) AS v(n, name)";

  it.each([
    ["GROUP BY", `SELECT n / 10 AS tens, count(*) FROM ${day} GROUP BY tens`],
    ["WHERE", `SELECT n / 10 AS tens FROM ${day} WHERE tens > 0`],
    ["HAVING", `SELECT name, count(*) AS c FROM ${day} GROUP BY name HAVING c > 1`],
    ["the columns beside it", `SELECT n / 10 AS tens, tens + 1 FROM ${day}`],
  ])("is not seen by %s, as in Trino", async (_, sql) => {
    expect(await lake.reason(sql)).toMatch(/^(COLUMN_NOT_FOUND|EXPRESSION_NOT_AGGREGATE): line 1:\d+: .*(tens|c)/);
  });

  it("is seen by ORDER BY, and gives way to a column of the table everywhere else", async () => {
    const { rows, names } = await lake.ask(`WITH d AS (SELECT * FROM ${day})
      SELECT max(n) AS "n", name AS "Who" FROM d WHERE n > 1 GROUP BY name ORDER BY n DESC LIMIT 1`);
    expect([names, rows]).toEqual([["n", "who"], [["13", "b"]]]);
    expect((await lake.ask(`SELECT -n AS n FROM ${day} WHERE n > 1 ORDER BY n`)).rows).toEqual([["-13"], ["-12"]]);
  });
});

describe("what fails, fails in Athena's words", () => {
  it.each([
    ["SELECT no_such_function(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'no_such_function' not registered"],
    ["SELECT list_sum(ARRAY[1])", "FUNCTION_NOT_FOUND: line 1:8: Function 'list_sum' not registered"],
    ["SELECT 1 / 0", "DIVISION_BY_ZERO: Division by zero"],
    ["SELECT CAST('abc' AS double)", "INVALID_CAST_ARGUMENT: Cannot cast 'abc' to DOUBLE"],
    [
      "SELECT split('a/b', '/')[3]",
      "INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: 3 > 2",
    ],
    ["SELECT *\nFROM nosuch", "TABLE_NOT_FOUND: line 2:6: Table 'awsdatacatalog.db.nosuch' does not exist"],
    ["SELECT approx_percentile(x, 0.5), 1 FROM other.t", "SCHEMA_NOT_FOUND: line 1:42: Schema 'other' does not exist"],
    [
      "SELECT a.nosuch FROM t a",
      "COLUMN_NOT_FOUND: line 1:10: Column 'nosuch' cannot be resolved or requester is not authorized to access requested resources",
    ],
    [
      "SELECT x, count(*) FROM t",
      "EXPRESSION_NOT_AGGREGATE: line 1:8: 'x' must be an aggregate expression or appear in GROUP BY clause",
    ],
  ])("%s", async (sql, reason) => {
    expect(await lake.reason(sql)).toBe(reason);
  });
});
