import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cloudFrontText } from "../../../bench/columns/generate.ts";
import { openKernelEngine } from "../../../lake/columns/kernel-engine.ts";
import { type ParquetOptions, parquetSettings } from "../../../lake/columns/parquet-options.ts";
import { openReferenceEngine } from "../../../lake/columns/reference/reference-engine.ts";
import { cloudfront } from "../../../lake/formats/cloudfront/cloudfront.ts";
import { asyncBuffer, parseText } from "./parse-text.ts";

const text = Buffer.concat([...cloudFrontText({ rows: 30_000, seed: 5 })]);
const compressors = { ZSTD: (input: Uint8Array) => new Uint8Array(zstdDecompressSync(input)) };

let folder: string;
let expected: Record<string, unknown>[];

/** One file of all days: rows in the order of their lines. */
async function files(options: ParquetOptions | undefined, openEngine = openKernelEngine) {
  return (await parseText(cloudfront, text, { ...parquetSettings(options), openEngine })).files;
}

async function rowsOf(file: Uint8Array) {
  return await parquetReadObjects({ file: asyncBuffer(file), compressors });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-options-"));
  expected = (await Promise.all([...(await files(undefined)).values()].map(rowsOf))).flat();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the options of Parquet files", () => {
  it.each<ParquetOptions>([
    { compression: "snappy", encodings: "delta" },
    { compression: "zstd", encodings: "standard" },
    { compression: "zstd", encodings: "delta" },
  ])("$compression and $encodings hold the same rows for hyparquet and DuckDB", async (options) => {
    const written = await files(options);
    const rows = (await Promise.all([...written.values()].map(rowsOf))).flat();
    expect(rows.length).toBe(expected.length);
    expect(rows).toEqual(expected);

    const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
    const [left, right] = await Promise.all(
      [await files(undefined), written].map(async (set, i) => {
        for (const [date, bytes] of set) writeFileSync(join(folder, `${i}-${date}.parquet`), bytes);
        const table = `read_parquet('${folder}/${i}-*.parquet')`;
        const columns = Object.keys(expected[0]!).map((name) => `sum(hash("${name}")::HUGEINT)::VARCHAR`);
        const reader = await connection.runAndReadAll(`SELECT count(*), ${columns.join(",")} FROM ${table}`);
        return reader.getRowsJS();
      }),
    );
    expect(right).toEqual(left);
    connection.closeSync();
  });

  it("writes differences where no dictionary is worth it, and lines as differences", async () => {
    const [file] = (await files({ compression: "snappy", encodings: "delta" })).values();
    const metadata = await parquetMetadataAsync(asyncBuffer(file!));
    const encodings = Object.fromEntries(
      metadata.row_groups[0]!.columns.map(({ meta_data }) => [meta_data!.path_in_schema[0], meta_data!.encodings]),
    );
    expect(encodings).toMatchObject({
      _line: ["DELTA_BINARY_PACKED", "RLE"],
      sc_bytes: ["DELTA_BINARY_PACKED", "RLE"],
      x_edge_request_id: ["DELTA_LENGTH_BYTE_ARRAY", "RLE"],
      cs_method: ["PLAIN", "RLE_DICTIONARY", "RLE"],
    });
  });

  it("is written alike by the kernel and the reference", async () => {
    const options = { codec: "UNCOMPRESSED", encodings: "delta" } as const;
    const [kernel, reference] = [
      await parseText(cloudfront, text, { ...options, openEngine: openKernelEngine }),
      await parseText(cloudfront, text, { ...options, openEngine: openReferenceEngine }),
    ];
    for (const [date, bytes] of reference.files) {
      expect(Buffer.compare(bytes, kernel.files.get(date)!), date).toBe(0);
    }
  });
});
