/**
 * Derived columns in a deployed lake: in the files, in Athena, and beside them the keys that have no column yet.
 */
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { glueType } from "../../lake/rows/schema.ts";
import { defineLake } from "../../lake/sources/config.ts";
import { driftOf } from "../../lake/sources/drift.ts";
import { sourceColumns } from "../../lake/sources/source-format.ts";
import type { Manifest } from "../../local/deploy/manifest.ts";
import { namedQuery } from "../../reports/query/named-query.ts";
import { fillSql } from "../../reports/query/sql-template.ts";
import { aLake, arrival, type Lake } from "./a-lake.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Bears the name of a source that is deployed. */
const clickstream = {
  format: "json" as const,
  prefix: "alb/",
  formatOptions: {
    columns: [
      { name: "at", type: "timestamp_millis", upstreamName: "at" },
      { name: "page_url", type: "string", upstreamName: "url" },
      { name: "user_agent", type: "string", upstreamName: "ua" },
      { name: "items", type: "string", upstreamName: "items" },
    ],
    time: "at",
  },
  derive: {
    page_path: { from: "page_url", part: "path" as const },
    utm_source: { from: "page_url", parameter: "utm_source" },
    browser: { from: "user_agent", userAgent: "family" as const },
    is_bot: { from: "user_agent", userAgent: "bot" as const },
    local_hour: { from: "at", calendar: "hour" as const, timeZone: "Europe/Berlin" },
    local_date: { from: "at", calendar: "date" as const, timeZone: "Europe/Berlin" },
    revenue_cents: { amount: { items: "items", price: "price", quantity: "qty" }, decimals: 2, unit: "EUR" },
  },
};
const config = { sources: { alb: clickstream }, alertRecipients: ["on-call@example.com"] };
const source = defineLake(config).sources.alb!;

/** The project with this source. */
function aProject(): string {
  const project = mkdtempSync(join(tmpdir(), "sluice-project-"));
  for (const folder of ["aws", "functions", "lake", "reports", "queries"])
    cpSync(join(root, folder), join(project, folder), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
  writeFileSync(
    join(project, "sluice.config.ts"),
    `import { defineLake } from "./lake/sources/config.ts";\nexport default defineLake(${JSON.stringify(config)});\n`,
  );
  return project;
}

/** Declares the source's columns as `stacks/catalog.ts` does. */
function withTable(manifest: Manifest): Manifest {
  const columns = sourceColumns(source).map(({ name, type, upstreamName }) => ({
    ...{ name, type: glueType(type), comment: upstreamName },
  }));
  return {
    ...manifest,
    resources: manifest.resources.map((resource) =>
      resource.inputs.name === "alb" && resource.type.startsWith("aws:glue/catalogTable")
        ? {
            ...resource,
            inputs: { ...resource.inputs, storageDescriptor: { ...resource.inputs.storageDescriptor, columns } },
          }
        : resource,
    ),
  };
}

async function ask(lake: Lake, sql: string): Promise<Record<string, string | null>[]> {
  const { QueryExecutionId } = await lake.cloud.call("athena", "StartQueryExecution", {
    QueryString: sql,
    WorkGroup: "sluice-local-Workgroup",
    QueryExecutionContext: { Database: "sluice_local" },
  });
  for (;;) {
    const { QueryExecution } = (await lake.cloud.call("athena", "GetQueryExecution", { QueryExecutionId })) as {
      QueryExecution: { Status: { State: string; StateChangeReason?: string } };
    };
    const { State, StateChangeReason } = QueryExecution.Status;
    if (State === "SUCCEEDED") break;
    if (State === "FAILED") throw new Error(StateChangeReason);
    await sleep(50);
  }
  const { ResultSet } = (await lake.cloud.call("athena", "GetQueryResults", { QueryExecutionId })) as {
    ResultSet: { Rows: { Data: { VarCharValue?: string }[] }[] };
  };
  const [header, ...rows] = ResultSet.Rows.map(({ Data }) => Data.map(({ VarCharValue }) => VarCharValue ?? null));
  return rows.map((row) => Object.fromEntries(row.map((cell, i) => [header![i]!, cell])));
}

describe("derived columns in the embedded cloud", () => {
  const project = aProject();
  let lake: Lake;
  beforeAll(async () => {
    lake = await aLake({ project, change: withTable });
  });
  afterAll(async () => {
    await lake.stop();
    rmSync(project, { recursive: true });
  });

  it("are in the files and in Athena's table, typed", async () => {
    const records = [
      {
        at: "2026-01-17T23:30:00Z",
        url: "https://shop.example/shoes/7?utm_source=news%20letter",
        ua: "curl/8.5.0",
        items: [
          { price: 19.99, qty: 2 },
          { price: 0.01, qty: 1 },
        ],
        newKey: 7,
      },
      { at: "2026-01-17T10:00:00Z", url: "none", ua: null, items: "none", newKey: 8 },
    ];
    const event = await arrival(lake, "alb/clicks.json", records.map((record) => JSON.stringify(record)).join("\n"));
    const { status, cause } = await lake.run("Ingest", [event]);
    expect({ status, cause }).toEqual({ status: "SUCCEEDED", cause: undefined });
    expect(await lake.rows("alb")).toMatchObject([
      {
        page_path: "/shoes/7",
        utm_source: "news letter",
        browser: "curl",
        is_bot: true,
        local_hour: 0,
        local_date: new Date("2026-01-18"),
        revenue_cents: 3999n,
        _extra: '{"newKey":7}',
      },
      {
        page_path: null,
        utm_source: null,
        browser: null,
        is_bot: null,
        local_hour: 11,
        local_date: new Date("2026-01-17"),
        revenue_cents: null,
      },
    ]);
    expect(
      await ask(
        lake,
        `SELECT local_date, count_if(is_bot) AS bots, sum(revenue_cents) AS cents FROM alb GROUP BY 1 ORDER BY 1`,
      ),
    ).toEqual([
      { local_date: "2026-01-17", bots: "0", cents: null },
      { local_date: "2026-01-18", bots: "1", cents: "3999" },
    ]);
    const columns = await ask(
      lake,
      `SELECT column_name, comment FROM information_schema.columns WHERE table_name = 'alb'`,
    );
    expect(columns).toContainEqual({
      column_name: "revenue_cents",
      comment: "derived: sum over items of price times qty, in units of 0.01 EUR",
    });
  });

  it("leave keys without a column to the drift report", async () => {
    const period = { firstDate: "2026-01-01", lastDate: "2026-01-31" };
    const rows = await ask(lake, fillSql(namedQuery("extra-keys"), { table: "alb", ...period, examples: 1 }));
    expect(driftOf(source, rows).keys).toMatchObject([
      {
        key: "newKey",
        rows: 2,
        type: "int64",
        example: "7",
        column: { name: "new_key", type: "int64", upstreamName: "newKey" },
      },
    ]);
  });
});
