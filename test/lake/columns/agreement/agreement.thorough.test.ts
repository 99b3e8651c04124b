import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Encodings } from "../../../../lake/columns/parquet-options.ts";
import type { Codec } from "../../../../lake/columns/row-group.ts";
import {
  closeDuckdb,
  duckdb,
  hashRows,
  hasPyarrow,
  type ReadFile,
  readPlainly,
  readWithDuckdb,
  readWithPyarrow,
} from "./readers.ts";
import { formatSamples, hardSample, type Sample, subjects } from "./samples.ts";
import { checkStatistics } from "./statistics.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-agreement-"));
});

afterAll(() => {
  closeDuckdb();
  rmSync(folder, { recursive: true, force: true });
});

function pathOf({ name, bytes }: Sample): string {
  const path = join(folder, `${name}.parquet`);
  writeFileSync(path, bytes);
  return path;
}

const doubleNames = ({ schema }: Sample) =>
  new Set(schema.filter(({ type }) => type === "double").map(({ name }) => name));

/** DuckDB has one kind of timestamp, of microseconds. */
const millisOf = ({ schema }: Sample) =>
  schema.filter(({ type }) => type === "timestamp_millis").map(({ name }) => name);

/** What hyparquet read of each file, for pyarrow to be asked about all of them at once. */
const read = new Map<string, ReadFile>();

async function expectAgreement(samples: readonly Sample[]) {
  for (const sample of samples) {
    const doubles = doubleNames(sample);
    const ours = hashRows(await readPlainly(sample.bytes), doubles);
    const path = pathOf(sample);
    read.set(path, ours);
    const rows = await readWithDuckdb(path);
    for (const row of rows)
      for (const name of millisOf(sample)) if (row[name] !== null) row[name] = (row[name] as bigint) / 1000n;
    expect([sample.name, hashRows(rows, doubles)]).toEqual([sample.name, ours]);
    const { problems } = await checkStatistics(sample.bytes);
    expect([sample.name, problems]).toEqual([sample.name, []]);
  }
}

/** Reading back every value takes its time on a busy machine. */
const timeout = 240_000;

const writings: readonly { codec: Codec; encodings: Encodings }[] = [
  { codec: "SNAPPY", encodings: "standard" },
  { codec: "SNAPPY", encodings: "delta" },
  { codec: "ZSTD", encodings: "delta" },
  { codec: "UNCOMPRESSED", encodings: "standard" },
];

describe("files that hyparquet and DuckDB read, and what the files say about their data,", { timeout }, () => {
  it.each(writings)(
    "agree on columns of every kind: $codec pages, $encodings encodings",
    async ({ codec, encodings }) => {
      await expectAgreement([await hardSample(codec, encodings)]);
    },
  );

  it.each(subjects)("agree on mutated records of $name", async (subject) => {
    const samples = await formatSamples(subject, "SNAPPY");
    expect(samples.length).toBeGreaterThan(0);
    await expectAgreement(samples);
  });

  it.skipIf(!hasPyarrow)("agree with pyarrow (SKIPPED where python3 has no pyarrow)", () => {
    const paths = [...read.keys()];
    expect(paths.length).toBeGreaterThan(subjects.length);
    for (const [i, theirs] of readWithPyarrow(paths).entries())
      expect([paths[i], theirs]).toEqual([paths[i], read.get(paths[i]!)]);
  });
});

describe("a file whose statistics a reader skips by", { timeout }, () => {
  it("loses no row of DuckDB's filters", async () => {
    const sample = await hardSample("SNAPPY", "delta");
    const path = pathOf(sample);
    const rows = await readPlainly(sample.bytes);
    const db = await duckdb();
    for (const { name, type } of sample.schema) {
      if (type.startsWith("timestamp") || type === "date" || type === "double") continue;
      for (const at of [0, 21_499, 21_500, rows.length - 1]) {
        const value = rows[at]![name];
        if (value === null || (Buffer.isBuffer(value) && (value.length > 10_000 || value.includes(0)))) continue;
        const isSame = (other: unknown) => (Buffer.isBuffer(value) ? value.equals(other as Buffer) : other === value);
        const expected = rows.filter((row) => row[name] !== null && isSame(row[name])).length;
        const literal = Buffer.isBuffer(value) ? `'${value.toString().replaceAll("'", "''")}'` : String(value);
        const count = await db.runAndReadAll(
          `SELECT count(*) AS n FROM read_parquet('${path}') WHERE "${name}" = ${literal}`,
        );
        expect([name, at, Number(count.getRowObjectsJS()[0]!.n)]).toEqual([name, at, expected]);
      }
    }
  });

  it("has a column index for every column", async () => {
    for (const encodings of ["standard", "delta"] as const) {
      const { bytes } = await hardSample("SNAPPY", encodings);
      expect((await checkStatistics(bytes)).withoutColumnIndex).toEqual([]);
    }
  });
});
