import { createReadStream, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cloudfront } from "../../../../lake/formats/cloudfront/cloudfront.ts";
import { compressionOf, unpack } from "../../../../lake/unpack/compression.ts";
import { hasSharedData, sharedData } from "../../../shared-data.ts";
import { parseText, pieceOf, type Row, readRows } from "../../columns/parse-text.ts";
import { type ExpectedRecord, numberOrNull, percentDecoded, plainValue, readExpected } from "../expected-fields.ts";

const typeOf = new Map(cloudfront.columns().map(({ upstreamName, name, type }) => [upstreamName, { name, type }]));

function checkRecord(row: Row, { fields = {} }: ExpectedRecord): void {
  const { date, time, ...others } = fields;
  expect(row.date).toBe(date);
  expect(row.time).toEqual(new Date(`${date}T${time}Z`));
  for (const [upstreamName, text] of Object.entries(others)) {
    const column = typeOf.get(upstreamName);
    if (!column) {
      const extra = JSON.parse(String(row._extra));
      expect([upstreamName, extra[upstreamName]]).toEqual([upstreamName, text]);
      continue;
    }
    const expected = column.type === "string" ? (text === "-" ? null : percentDecoded(text)) : numberOrNull(text);
    expect([upstreamName, plainValue(row[column.name])]).toEqual([upstreamName, expected]);
  }
  // What is not in the record is null, except the lake's own columns.
  for (const { upstreamName, name } of cloudfront.columns()) {
    if (name !== "time" && !(upstreamName in fields)) expect([name, row[name]]).toEqual([name, null]);
  }
}

async function parseFile(path: string) {
  const head = readFileSync(`${sharedData}${path}`).subarray(0, 16);
  const object = { bucket: "raw", key: path };
  const bytes = unpack(createReadStream(`${sharedData}${path}`), compressionOf(head), { object });
  return parseText(cloudfront, [{ ...pieceOf("", path), bytes }]);
}

const withExpectation = hasSharedData
  ? readdirSync(`${sharedData}cloudfront`)
      .filter((name) => name.endsWith(".expected.json"))
      .map((name) => `cloudfront/${name.replace(".expected.json", "")}`)
      // Deliveries of standard logging v2 in JSON are another format.
      .filter((path) => !path.endsWith(".jsonl"))
  : [];

describe.skipIf(!hasSharedData)("cloudfront, on the shared real files (skipped without ../shared/data)", () => {
  it.each(withExpectation)("gives every expected field of %s", async (path) => {
    const expected = readExpected(path);
    const { files, pieces, rejected } = await parseFile(path);
    const rows = await readRows(files);
    const records = expected.filter(({ fields }) => fields);
    expect(rows.length).toBe(records.length);
    for (const record of records) {
      const row = rows.find(({ _line }) => _line === BigInt(record.line!));
      expect(row, `line ${record.line}`).toBeDefined();
      checkRecord(row!, record);
    }
    const [counts] = pieces;
    expect(counts!.lines).toBe(counts!.comments + counts!.rows + counts!.rejected);
    expect(rejected.length).toBe(expected.filter(({ error }) => error).length);
  });

  it("reads the gzipped file as the plain one", async () => {
    const plain = await parseFile("cloudfront/aws-log-parser-33f.log");
    const packed = await parseFile("cloudfront/aws-log-parser-33f.log.gz");
    const withoutFile = async (files: Map<string, Uint8Array>) =>
      (await readRows(files)).map((row) => ({ ...row, _source_file: "" }));
    expect(await withoutFile(packed.files)).toEqual(await withoutFile(plain.files));
  });

  it("gives the sums of a file of 174,119 records", async () => {
    const path = "cloudfront/rkalla-2011-12f-174k.gz";
    const summary = JSON.parse(readFileSync(`${sharedData}${path}.summary.json`, "utf8"));
    const { files, pieces, rejected } = await parseFile(path);
    const rows = await readRows(files);
    expect(rows.length).toBe(summary.records);
    expect(pieces[0]!.lines).toBe(summary.lines);
    expect(rejected).toEqual([]);
    expect(rows.reduce((sum, { sc_bytes }) => sum + (sc_bytes as bigint), 0n)).toBe(BigInt(summary.sum_sc_bytes));
    expect([...files.keys()]).toEqual(Object.keys(summary.date));
    for (const column of ["sc_status", "x_edge_location"]) {
      const counts = Object.fromEntries(
        Object.entries(Object.groupBy(rows, (row) => String(row[column]))).map(([value, all]) => [value, all!.length]),
      );
      expect(counts).toEqual(summary[column]);
    }
  });
});

const edgeCases: Record<string, { outcome: string; records: number }> = hasSharedData
  ? JSON.parse(readFileSync(`${sharedData}gzip-edge/EXPECTED.json`, "utf8"))
  : {};

describe.skipIf(!hasSharedData)("cloudfront, on the shared packing cases (skipped without ../shared/data)", () => {
  it.each(Object.keys(edgeCases))("reads all records of %s", async (name) => {
    const { files, rejected } = await parseFile(`gzip-edge/${name}`);
    const rows = await readRows(files);
    expect(rows.length).toBe(edgeCases[name]!.records);
    expect(rejected).toEqual([]);
    for (const { sc_range_end, _extra } of rows) expect([sc_range_end, _extra]).toEqual([null, null]);
    if (name === "two-dates.gz") expect(files.size).toBe(2);
  });
});
