import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { text, textOptions } from "../../../lake/formats/text.ts";
import { parseText, readRows } from "../columns/parse-text.ts";
import { hasSharedData, sharedData } from "../shared-data.ts";

const apache = {
  pattern:
    '(?P<ip>\\S+) \\S+ (?P<user>\\S+) \\[(?P<at>[^\\]]+)\\] "(?P<request>[^"]*)" (?P<status>\\d{3}) (?P<bytes>\\S+) "(?P<referrer>[^"]*)" "(?P<agent>.*)"',
  columns: [
    { name: "time", type: "timestamp_millis", upstreamName: "at" },
    { name: "client_ip", type: "string", upstreamName: "ip" },
    { name: "status", type: "int32", upstreamName: "status" },
    { name: "bytes", type: "int64", upstreamName: "bytes" },
  ],
  time: "time",
};
const line = '192.0.2.1 - anna [17/May/2015:23:05:03 -0200] "GET /ä HTTP/1.1" 200 - "-" "curl"';

async function rowsOf(input: string | Uint8Array, formatOptions: object) {
  const { files, rejected } = await parseText(text, input, { formatOptions: formatOptions as never });
  return { rows: await readRows(files), rejected };
}

describe("text", () => {
  it("keeps whole lines under the day of delivery", async () => {
    const { rows } = await rowsOf("one\u2028still one\u000b\n\ntwo\r\n", { deliveryDate: "2026-01-17" });
    expect(rows.map(({ date, message, _line }) => [date, message, _line])).toEqual([
      ["2026-01-17", "one\u2028still one\u000b", 1n],
      ["2026-01-17", "two", 3n],
    ]);
  });

  it("makes columns of named groups, and keeps the other groups", async () => {
    const { rows, rejected } = await rowsOf(`${line}\nsomething else\n`, apache);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      date: "2015-05-18",
      time: new Date("2015-05-18T01:05:03Z"),
      client_ip: "192.0.2.1",
      status: 200,
      bytes: null,
    });
    expect(JSON.parse(String(rows[0]!._extra))).toEqual({ user: "anna", request: "GET /ä HTTP/1.1", agent: "curl" });
    expect(rejected.map(({ reason, line }) => [line, reason])).toEqual([[2, "NO_MATCH"]]);
  });

  it("is not made to hang by a pattern that backtracks", async () => {
    const options = { pattern: "(?P<a>(x+x+)+)y", columns: [{ name: "a", type: "string", upstreamName: "a" }] };
    const started = performance.now();
    const { rejected } = await rowsOf("x".repeat(5000), { ...options, deliveryDate: "2026-01-17" });
    expect(rejected.map(({ reason }) => reason)).toEqual(["NO_MATCH"]);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it.each([
    [{ pattern: "(?<a>x)\\1", columns: [] }, ["pattern"]],
    [{ pattern: "(?P<a>x)" }, ["columns"]],
    [
      { pattern: "(?P<a>x)", columns: [{ name: "b", type: "string", upstreamName: "b" }] },
      ["columns", 0, "upstreamName"],
    ],
    [{ time: "at" }, ["time"]],
  ])("refuses the options %o, with the path", (options, path) => {
    expect(textOptions.safeParse(options).error?.issues.map((issue) => issue.path)).toContainEqual(path);
  });
});

describe.skipIf(!hasSharedData)("text, on the shared real files (skipped without ../shared/data)", () => {
  it("takes 4,000 Apache lines apart", async () => {
    const { rows, rejected } = await rowsOf(
      gunzipSync(readFileSync(`${sharedData}text/apache-combined-2015.log.gz`)),
      apache,
    );
    expect([rows.length, rejected.length]).toEqual([4000, 0]);
    expect(rows.every(({ status }) => Number(status) >= 200)).toBe(true);
  });

  it("keeps every line of a service's log that is not blank", async () => {
    const bytes = readFileSync(`${sharedData}text/kafka-server-2016.log`);
    const { rows } = await rowsOf(bytes, { deliveryDate: "2016-12-19" });
    expect(rows.map(({ message }) => message)).toEqual(
      bytes
        .toString()
        .split("\n")
        .filter((one) => one !== ""),
    );
  });
});
