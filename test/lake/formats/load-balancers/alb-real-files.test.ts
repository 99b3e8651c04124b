import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { alb } from "../../../../lake/formats/load-balancers/alb.ts";
import { hasSharedData, sharedData } from "../../../shared-data.ts";
import { parseText, type Row, readRows } from "../../columns/parse-text.ts";
import { type ExpectedRecord, numberOrNull, plainValue, readExpected } from "../expected-fields.ts";

/** The escapes of the load balancers undone once, written apart from the code under test. */
function backslashDecoded(text: string): string {
  const bytes = Buffer.from(text).toString("latin1");
  const decoded = bytes.replaceAll(/\\(?:x(?:FFFFFF)?([0-9A-F]{2})|(["\\]))/gi, (_, hex, literal) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : literal,
  );
  return Buffer.from(decoded, "latin1").toString();
}

const dashless = (value: unknown) => value ?? "-";

/** The text of each field as the log has it, from the typed columns. */
function rebuilt(row: Row): Record<string, unknown> {
  const endpoint = (ip: unknown, port: unknown) => (ip === null ? "-" : `${ip}:${port}`);
  return {
    "client:port": endpoint(row.client_ip, row.client_port),
    "target:port": endpoint(row.target_ip, row.target_port),
    request: [row.request_verb, row.request_url, row.request_proto].map(dashless).join(" "),
  };
}

const definitions = new Map(alb.columns().map((definition) => [definition.upstreamName, definition]));

function checkField(row: Row, field: string, text: string): void {
  const whole = rebuilt(row);
  if (field in whole) {
    expect([field, whole[field]]).toEqual([field, backslashDecoded(text)]);
    return;
  }
  const { name, type } = definitions.get(field)!;
  const value = row[name];
  if (type === "timestamp_micros") expect([field, (value as Date).toISOString()]).toEqual([field, millis(text)]);
  else if (type === "string") expect([field, value]).toEqual([field, text === "-" ? null : backslashDecoded(text)]);
  else expect([field, plainValue(value)]).toEqual([field, text.startsWith("-1") ? null : numberOrNull(text)]);
}

/** hyparquet gives a Date, which holds milliseconds; DuckDB compares the micros elsewhere. */
const millis = (text: string) => new Date(text).toISOString();

function checkRecord(row: Row, { fields = {} }: ExpectedRecord): void {
  expect(row.date).toBe(fields.time!.slice(0, 10));
  for (const [field, text] of Object.entries(fields)) checkField(row, field, text);
  for (const { upstreamName, name, optional } of alb.columns()) {
    if (!optional && !(upstreamName in fields)) expect([name, row[name]]).toEqual([name, null]);
  }
}

function readText(path: string): Uint8Array {
  const bytes = readFileSync(`${sharedData}${path}`);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

const withExpectation = hasSharedData
  ? readdirSync(`${sharedData}alb`)
      .filter((name) => name.endsWith(".expected.json"))
      .map((name) => `alb/${name.replace(".expected.json", "")}`)
  : [];

describe.skipIf(!hasSharedData)("alb, on the shared real files (skipped without ../shared/data)", () => {
  it.each(withExpectation)("gives every expected field of %s", async (path) => {
    const expected = readExpected(path);
    const { files, pieces, rejected } = await parseText(alb, readText(path));
    const rows = await readRows(files);
    expect(rejected).toEqual([]);
    expect(rows.length).toBe(expected.length);
    expect(pieces[0]).toMatchObject({ lines: expected.length, rows: expected.length, comments: 0 });
    for (const record of expected) checkRecord(rows.find(({ _line }) => _line === BigInt(record.line!))!, record);
  });

  it("gives the sums of 576 gRPC requests", async () => {
    const path = "alb/coralogix-2024-grpcs.log.gz";
    const summary = JSON.parse(readFileSync(`${sharedData}${path}.summary.json`, "utf8"));
    const { files, rejected } = await parseText(alb, readText(path));
    const rows = await readRows(files);
    expect(rejected).toEqual([]);
    expect(rows.length).toBe(summary.lines);
    const sum = (column: string) => Number(rows.reduce((total, row) => total + (row[column] as bigint), 0n));
    expect(sum("received_bytes")).toBe(summary.sum_received_bytes);
    expect(sum("sent_bytes")).toBe(summary.sum_sent_bytes);
    expect(new Set(rows.map(({ trace_id }) => trace_id)).size).toBe(summary.distinct_trace_id);
    expect(rows.every(({ type, elb_status_code }) => type === "grpcs" && elb_status_code === 200)).toBe(true);
    const byTime = rows.map(({ time }) => (time as Date).getTime()).sort((a, b) => a - b);
    expect(new Date(byTime[0]!).toISOString()).toBe(millis(summary.min_time));
    expect(new Date(byTime.at(-1)!).toISOString()).toBe(millis(summary.max_time));
    for (const end of ["first", "last"]) {
      checkRecord(rows.find(({ _line }) => _line === BigInt(summary[end].line))!, summary[end]);
    }
  });
});
