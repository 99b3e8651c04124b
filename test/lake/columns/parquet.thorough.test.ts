import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { parquetMetadataAsync, parquetReadObjects, readColumnIndex, readOffsetIndex } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloudFrontText } from "../../../bench/columns/generate.ts";
import { cloudfront } from "../../../lake/formats/cloudfront/cloudfront.ts";
import { asyncBuffer, parseText, type Row, readRows } from "./parse-text.ts";

/** Several pages and row groups; columns that stay with their dictionary and such that give it up. */
const ROWS = 70_000;
const ROW_GROUP_ROWS = 30_000;

let files: Map<string, Uint8Array>;
let folder: string;

beforeAll(async () => {
  const text = Buffer.concat([...cloudFrontText({ rows: ROWS, seed: 7 })]);
  ({ files } = await parseText(cloudfront, text, { rowGroupRows: ROW_GROUP_ROWS }));
  folder = mkdtempSync(join(tmpdir(), "sluice-parquet-"));
  for (const [date, bytes] of files) writeFileSync(join(folder, `${date}.parquet`), bytes);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** DuckDB's JavaScript value in the form of hyparquet's. */
function normalised(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : value;
}

describe("a Parquet file of ours", () => {
  it("is read alike by hyparquet and DuckDB", async () => {
    const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
    for (const [date, bytes] of files) {
      const ours = (await parquetReadObjects({ file: asyncBuffer(bytes) })) as Row[];
      const reader = await connection.runAndReadAll(
        `SELECT * FROM read_parquet('${join(folder, `${date}.parquet`)}') ORDER BY _line`,
      );
      const theirs = reader.getRowObjectsJS() as Row[];
      expect(theirs.length).toBe(ours.length);
      const names = Object.keys(ours[0]!);
      for (const [i, row] of ours.entries()) {
        for (const name of names) {
          const [a, b] = [normalised(row[name]), normalised(theirs[i]![name])];
          if (a !== b) expect([date, i, name, a]).toEqual([date, i, name, b]);
        }
      }
    }
    connection.closeSync();
  });

  it("has the types of the schema for DuckDB", async () => {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const reader = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet('${folder}/*.parquet')`);
    const types = Object.fromEntries(reader.getRowObjectsJS().map((row) => [row.column_name, row.column_type]));
    expect(types).toMatchObject({
      time: "TIMESTAMP",
      sc_bytes: "BIGINT",
      sc_status: "INTEGER",
      time_taken: "DOUBLE",
      cs_cookie: "VARCHAR",
      _extra: "VARCHAR",
      _line: "BIGINT",
      _processed_at: "TIMESTAMP",
    });
    connection.closeSync();
  });

  it("states bounds and null counts that its data has", async () => {
    for (const bytes of files.values()) {
      const file = asyncBuffer(bytes);
      const metadata = await parquetMetadataAsync(file);
      let rowStart = 0;
      for (const group of metadata.row_groups) {
        const rowEnd = rowStart + Number(group.num_rows);
        const rows = await parquetReadObjects({ file, metadata, rowStart, rowEnd });
        for (const { meta_data: chunk } of group.columns) {
          const name = chunk!.path_in_schema[0]!;
          const values = rows.map((row) => row[name]).filter((value) => value !== null);
          const { null_count, min_value, max_value } = chunk!.statistics!;
          expect([name, Number(null_count)]).toEqual([name, rows.length - values.length]);
          if (values.length === 0) {
            expect([name, min_value, max_value]).toEqual([name, undefined, undefined]);
            continue;
          }
          const sorted = values.map(comparable).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
          const [least, greatest] = [comparable(min_value), comparable(max_value)];
          if (chunk!.type === "BYTE_ARRAY") {
            // Texts are cut after 16 bytes, downwards and upwards.
            expect(sorted[0]! >= least && sorted.at(-1)! <= greatest, name).toBe(true);
            if (String(sorted[0]).length <= 16) expect([name, least]).toEqual([name, sorted[0]]);
          } else expect([name, least, greatest]).toEqual([name, sorted[0], sorted.at(-1)]);
        }
        rowStart = rowEnd;
      }
    }
  });

  it("has an offset index and a column index with the bounds of its pages for every column of several pages", async () => {
    const bytes = [...files.values()][0]!;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const metadata = await parquetMetadataAsync(asyncBuffer(bytes));
    const group = metadata.row_groups[0]!;
    expect(Number(group.num_rows)).toBe(ROW_GROUP_ROWS);
    const rows = await parquetReadObjects({ file: asyncBuffer(bytes), rowEnd: ROW_GROUP_ROWS });
    for (const column of group.columns) {
      const name = column.meta_data!.path_in_schema[0]!;
      expect(column.offset_index_offset, name).toBeDefined();
      const at = { view, offset: Number(column.offset_index_offset) };
      const { page_locations } = readOffsetIndex(at);
      expect(page_locations.map(({ first_row_index }) => Number(first_row_index))).toEqual([0, 20_000]);
      const element = metadata.schema.find((schema) => schema.name === name)!;
      const index = readColumnIndex({ view, offset: Number(column.column_index_offset) }, element);
      const pages = [rows.slice(0, 20_000), rows.slice(20_000)];
      for (const [i, page] of pages.entries()) {
        const values = page.map((row) => row[name]).filter((value) => value !== null);
        expect([name, index.null_pages[i]]).toEqual([name, values.length === 0]);
        expect([name, Number(index.null_counts![i])]).toEqual([name, page.length - values.length]);
        if (values.length === 0) continue;
        const sorted = values.map(comparable).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        const bounds = [index.min_values[i], index.max_values[i]].map((bound) => comparable(bound));
        const isLong = (text: unknown) => typeof text === "string" && text.length > 64;
        expect(bounds[0]! <= sorted[0]! && bounds[1]! >= sorted.at(-1)!, name).toBe(true);
        if (!isLong(sorted[0])) expect([name, bounds[0]]).toEqual([name, sorted[0]]);
        if (!isLong(sorted.at(-1))) expect([name, bounds[1]]).toEqual([name, sorted.at(-1)]);
      }
    }
  });

  it("is the same bytes every time, though hashes are salted anew", async () => {
    const text = Buffer.concat([...cloudFrontText({ rows: 3000, seed: 3 })]);
    const [first, second] = [await parseText(cloudfront, text), await parseText(cloudfront, text)];
    expect([...first.files]).toEqual([...second.files]);
  });

  it("holds every row once", async () => {
    const rows = await readRows(files);
    const lines = rows.map(({ _line }) => Number(_line)).sort((a, b) => a - b);
    expect(lines).toEqual(Array.from({ length: ROWS }, (_, i) => i + 3));
  });
});

/** A value in the order of Parquet: numbers by size, texts by their bytes. */
function comparable(value: unknown): number | bigint | string {
  if (value instanceof Date) return value.getTime();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (typeof value === "string") return Buffer.from(value).toString("latin1");
  // The least of zeros is written -0.
  return value === 0 ? 0 : (value as number | bigint);
}
