/** The formats whose columns are the log's own fields, against the shared real files. */
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { LogFormat } from "../../../lake/formats/format.ts";
import { formatOf } from "../../../lake/formats/index.ts";
import { elbClassic } from "../../../lake/formats/load-balancers/elb-classic.ts";
import { nlb } from "../../../lake/formats/load-balancers/nlb.ts";
import { s3Access } from "../../../lake/formats/s3-access.ts";
import { hasSharedData, sharedData } from "../../shared-data.ts";
import { parseText, type Row, readRows } from "../columns/parse-text.ts";
import { type ExpectedRecord, numberOrNull, plainValue, readExpected } from "./expected-fields.ts";

const folders: [string, LogFormat][] = [
  ["nlb", nlb],
  ["elb-classic", elbClassic],
  ["s3-access", s3Access],
];

const unescaped = (text: string) => text.replaceAll(/\\(["\\])/g, "$1");
const dashless = (value: unknown) => value ?? "-";
const endpoint = (ip: unknown, port: unknown) => (ip === null ? "-" : `${ip}:${port}`);

/** The text of each field that the table holds in parts. */
function rebuilt(row: Row): Record<string, string> {
  const request = [row.request_verb, row.request_url, row.request_proto].map(dashless).join(" ");
  return {
    "client:port": endpoint(row.client_ip, row.client_port),
    "destination:port": endpoint(row.destination_ip, row.destination_port),
    "backend:port": endpoint(row.backend_ip, row.backend_port),
    request,
    request_uri: request,
  };
}

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** The instant that a log's own text of a time means, worked out apart from the code under test. */
function instantOf(text: string): number {
  const [, day, month, year, time] = /^(\d\d)\/(\w{3})\/(\d{4}):([\d:]+) \+0000$/.exec(text) ?? [];
  if (!day) return Date.parse(text.endsWith("Z") ? text : `${text}Z`);
  return Date.parse(`${year}-${String(MONTHS.indexOf(month!) / 3 + 1).padStart(2, "0")}-${day}T${time}Z`);
}

function checkRecord(format: LogFormat, row: Row, { fields = {} }: ExpectedRecord): void {
  const columns = new Map(format.columns().map((definition) => [definition.upstreamName, definition]));
  const parts = rebuilt(row);
  for (const [field, text] of Object.entries(fields)) {
    const definition = columns.get(field);
    if (field in parts) {
      const isNothing = text === "-" && parts[field] === "- - -";
      expect([field, isNothing ? "-" : parts[field]]).toEqual([field, unescaped(text)]);
    } else if (!definition) expect([field, JSON.parse(String(row._extra))[field]]).toEqual([field, text]);
    else if (definition.type.startsWith("timestamp")) {
      const expected = text === "-" ? undefined : instantOf(text);
      expect([field, (row[definition.name] as Date | null)?.getTime()]).toEqual([field, expected]);
    } else {
      const value = definition.type === "string" ? (text === "-" ? null : unescaped(text)) : numberOrNull(text);
      expect([field, plainValue(row[definition.name])]).toEqual([field, value === -1 ? null : value]);
    }
  }
  for (const { upstreamName, name, optional } of format.columns())
    if (!optional && !(upstreamName in fields)) expect([name, row[name]]).toEqual([name, null]);
}

const cases = hasSharedData
  ? folders.flatMap(([folder, format]) =>
      readdirSync(`${sharedData}${folder}`)
        .filter((name) => name.endsWith(".expected.json"))
        .map((name): [string, LogFormat] => [`${folder}/${name.replace(".expected.json", "")}`, format]),
    )
  : [];

describe.skipIf(!hasSharedData)("the other logs, on the shared real files (skipped without ../shared/data)", () => {
  it.each(cases)("gives every expected field of %s", async (path, format) => {
    const packed = readFileSync(`${sharedData}${path}`);
    const text = path.endsWith(".gz") ? gunzipSync(packed) : packed;
    expect(formatOf(text.subarray(0, 4096))).toBe(format.name);
    const expected = readExpected(path);
    const { files, pieces, rejected } = await parseText(format, text);
    const rows = await readRows(files);
    expect(rejected).toEqual([]);
    expect(pieces[0]!.lines).toBe(pieces[0]!.rows + pieces[0]!.comments);
    for (const record of expected) {
      const row = rows.find(({ _line }) => _line === BigInt(record.line!));
      expect(row, `line ${record.line}`).toBeDefined();
      checkRecord(format, row!, record);
    }
  });

  it("reads all 668 lines of a day of classic traffic", async () => {
    const { files, rejected } = await parseText(
      elbClassic,
      readFileSync(`${sharedData}elb-classic/elb-log-analyzer-2015.log`),
    );
    expect(rejected).toEqual([]);
    expect((await readRows(files)).length).toBe(668);
  });
});
