/** Every file of `queries/` runs, over tables declared as the stacks declare them, with rows and without. */
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatNamed } from "../../../../lake/formats/index.ts";
import { glueType, tableColumns } from "../../../../lake/rows/schema.ts";
import { fillSql, type SqlValue } from "../../../../reports/query/sql-template.ts";
import { Lake } from "./lake.ts";

const FOLDER = new URL("../../../../queries/", import.meta.url);
const FILES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".sql"))
  .sort();
const REJECTED = { source_file: "string", line: "bigint", byte_offset: "bigint", reason: "string", text: "string" };
const GROUP = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/orders/0123456789abcdef";
const VALUES: Record<string, SqlValue> = {
  firstDate: "2026-01-17",
  lastDate: "2026-01-18",
  start: "2026-01-17 00:00:00",
  end: "2026-01-18 00:00:00",
  apis: { orders: "Orders API" },
  examples: 1,
};

const columnsOf = (format: "cloudfront" | "alb") =>
  Object.fromEntries(tableColumns(formatNamed(format).columns()).map(({ name, type }) => [name, glueType(type)]));

/** The values that the query asks for, and no others. */
function filled(file: string, lake: { table: string }): string {
  const sql = readFileSync(new URL(file, FOLDER), "utf8");
  const names = new Set([...sql.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1]!));
  const all: Record<string, SqlValue> = { ...VALUES, table: lake.table };
  return fillSql(sql, Object.fromEntries([...names].map((name) => [name, all[name]!])));
}

const tableFor = (file: string) => (file.startsWith("cloudfront") ? "cloudfront" : "alb");

describe.each(["empty", "filled"])("queries over an %s lake", (state) => {
  const lake = new Lake();

  beforeAll(async () => {
    for (const source of ["cloudfront", "alb"] as const) {
      await lake.declare(source, columnsOf(source));
      await lake.declare(`${source}_rejected`, REJECTED);
    }
    if (state === "empty") return;
    // The last second of each hour: a rounded division would count it to the next.
    const hourly = "TIMESTAMP '2026-01-17 00:59:59' + range * INTERVAL 1 HOUR AS time";
    await lake.write(
      "alb",
      "2026-01-17",
      `SELECT ${hourly}, CASE WHEN range = 5 THEN 502 ELSE 200 END AS elb_status_code, '${GROUP}' AS target_group_arn,
      '10.0.0.1' AS client_ip, 0.001::DOUBLE AS request_processing_time, range / 10.0::DOUBLE AS target_processing_time, 0.0::DOUBLE AS response_processing_time,
      100::BIGINT AS received_bytes, 1000::BIGINT AS sent_bytes, 'GET' AS request_verb, '/orders' AS request_path, 'curl' AS user_agent,
      CASE WHEN range = 5 THEN '{"new":[1],"old":"7","old":"8"}' WHEN range < 8 THEN '{"new":null,"old":"2026-01-17T00:00:00Z"}' END AS _extra FROM range(24)`,
    );
    await lake.write(
      "cloudfront",
      "2026-01-17",
      `SELECT ${hourly}, 200 AS sc_status, 1000::BIGINT AS sc_bytes, 'Hit' AS x_edge_result_type, 'FRA56-P1' AS x_edge_location,
      '192.0.2.1' AS c_ip, '/index.html' AS cs_uri_stem, 'https://example.com/start' AS cs_referer, 'curl' AS cs_user_agent, 0.25::DOUBLE AS time_taken FROM range(24)`,
    );
    for (const source of ["cloudfront", "alb"]) {
      await lake.write(
        `${source}_rejected`,
        "2026-01-17",
        "SELECT 'raw/a.gz' AS source_file, 3::BIGINT AS line, 7::BIGINT AS byte_offset, 'TooFewFields' AS reason, 'x' AS text",
      );
    }
  });
  afterAll(() => lake.close());

  it.each(FILES)("%s", async (file) => {
    const { rows } = await lake.ask(filled(file, { table: tableFor(file) }));
    const without = state === "empty" || file === "cloudfront-daily-not-found.sql";
    expect(rows.length > 0).toBe(!without);
  });

  it("name each key that no column takes once for each row that has it", async () => {
    const { rows, names } = await lake.ask(filled("extra-keys.sql", { table: "alb" }));
    const objects = rows.map((row) => Object.fromEntries(row.map((cell, i) => [names[i], cell])));
    if (state === "empty") expect(objects).toEqual([]);
    else
      expect(objects).toEqual([
        expect.objectContaining({ key: "new", row_count: "8", nulls: "7", nested: "1", example: "[1]" }),
        expect.objectContaining({ key: "old", row_count: "8", integers: "1", decimals: "1", timestamps: "7" }),
      ]);
  });

  it("count a second before the hour to the hour that ends", async () => {
    const { rows } = await lake.ask(filled("alb-daily-hours.sql", { table: "alb" }));
    const hours = state === "empty" ? [] : Array.from({ length: 24 }, (_, hour) => String(hour));
    expect(rows.map((row) => row[0])).toEqual(hours);
  });
});
