import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cloudfront } from "../../../../lake/formats/cloudfront/cloudfront.ts";
import { cloudfrontJson } from "../../../../lake/formats/cloudfront/cloudfront-json.ts";
import { formatOf, sharesTable } from "../../../../lake/formats/index.ts";
import { hasSharedData, sharedData } from "../../../shared-data.ts";
import { parseText, readRows } from "../../columns/parse-text.ts";
import { readExpected } from "../expected-fields.ts";

async function rowsOf(text: string | Uint8Array) {
  const { files, rejected, pieces } = await parseText(cloudfrontJson, text);
  return { rows: await readRows(files), rejected, counts: pieces[0]! };
}

const record = (more: object) =>
  `${JSON.stringify({ date: "2026-01-17", time: "10:00:00", "x-edge-location": "SOF50-P2", ...more })}\n`;

describe("cloudfront-json", () => {
  it("has the table of cloudfront", () => {
    expect(sharesTable("cloudfront-json", "cloudfront")).toBe(true);
    expect(sharesTable("cloudfront", "alb")).toBe(false);
    expect(sharesTable("json", "csv")).toBe(false);
  });

  it("gives what the same record gives in w3c", async () => {
    const values = {
      "c-ip": "2001:db8::1",
      "sc-status": "200",
      "sc-bytes": "9007199254740993",
      "cs(User-Agent)": "a%2520b",
      "cs(Cookie)": "-",
      "time-taken": "0.001",
      "new-field": "x",
      "other-field": "-",
    };
    const names = Object.keys(values).join("\t");
    const w3c = `#Fields: date\ttime\tx-edge-location\t${names}\n2026-01-17\t10:00:00\tSOF50-P2\t${Object.values(values).join("\t")}\n`;
    const { rows } = await rowsOf(record(values));
    const [expected] = await readRows((await parseText(cloudfront, w3c)).files);
    expect(rows).toEqual([{ ...expected, _line: 1n }]);
    expect(rows[0]).toMatchObject({ cs_user_agent: "a%20b", cs_cookie: null, _extra: '{"new-field":"x"}' });
  });

  it("takes the time from timestamp(ms) where date and time were not chosen", async () => {
    const { rows, rejected } = await rowsOf('{"timestamp(ms)":"1731699951183","c-ip":"192.0.2.1"}\n');
    expect(rejected).toEqual([]);
    expect(rows[0]).toMatchObject({ date: "2024-11-15", time: new Date(1731699951183), c_ip: "192.0.2.1" });
  });

  it("takes the names of Parquet's columns, and those of the real-time logs", async () => {
    const keys = {
      date: "2026-01-17",
      time: "10:00:00",
      x_edge_location: "FRA2",
      cs_uri_stem: "/a%20b",
      "cs-host": "h",
    };
    const text = `${JSON.stringify(keys)}\n`;
    expect(formatOf(Buffer.from(text))).toBe("cloudfront-json");
    const { rows } = await rowsOf(text);
    expect(rows[0]).toMatchObject({ x_edge_location: "FRA2", cs_uri_stem: "/a b", cs_host: "h", _extra: null });
  });

  it("rejects records without a date or time", async () => {
    const text = record({ date: "../../etc" }) + record({ time: "25:00:00" }) + record({ date: "-" }) + record({});
    const { rows, rejected, counts } = await rowsOf(text);
    expect(rows.length).toBe(1);
    expect(rejected.map(({ reason }) => reason)).toEqual(["INVALID_DATE", "INVALID_TIME", "INVALID_DATE"]);
    expect(counts.lines).toBe(4);
  });
});

describe.skipIf(!hasSharedData)("cloudfront-json, on the shared files (skipped without ../shared/data)", () => {
  it.each([
    ["v2-aws-docs.jsonl", 2],
    ["v2-aws-docs-pretty.json", 1],
  ])("reads %s", async (name, count) => {
    const text = readFileSync(`${sharedData}cloudfront/${name}`);
    expect(formatOf(text)).toBe("cloudfront-json");
    const { rows, rejected } = await rowsOf(text);
    expect(rejected).toEqual([]);
    expect(rows.length).toBe(count);
  });

  it("gives every expected field", async () => {
    const { rows } = await rowsOf(readFileSync(`${sharedData}cloudfront/v2-aws-docs.jsonl`));
    for (const { line, fields = {} } of readExpected("cloudfront/v2-aws-docs.jsonl")) {
      const row = rows.find(({ _line }) => _line === BigInt(line!))!;
      const { date, time, ...others } = fields;
      expect(row.time).toEqual(new Date(`${date}T${time}Z`));
      const names = new Map(cloudfront.columns().map(({ upstreamName, name }) => [upstreamName, name]));
      const extra = JSON.parse(String(row._extra));
      for (const [field, text] of Object.entries(others))
        expect([field, names.has(field) ? row[names.get(field)!] : extra[field]]).toEqual([field, text]);
    }
  });
});
