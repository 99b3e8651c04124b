import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasSharedData, sharedData } from "../shared-data.ts";
import { aLake, type Lake } from "./a-lake.ts";

describe.skipIf(!hasSharedData)("ingest of the real files beside the repository", () => {
  let lake: Lake;
  beforeAll(async () => {
    lake = await aLake();
  });
  afterAll(() => lake.stop());

  for (const source of ["cloudfront", "alb"]) {
    it(`accounts for each line of ${source}`, async () => {
      const folder = join(sharedData, source);
      const files = readdirSync(folder).filter((name) => /\.(log|gz)$/.test(name) && !name.startsWith("v2-"));
      for (const name of files) await lake.put(`${source}/${name}`, readFileSync(join(folder, name)));
      const objects = files.map((name) => ({ bucket: lake.raw, key: `${source}/${name}` }));
      const { status, output, cause } = await lake.run("Ingest", { source, objects });
      expect({ status, cause }).toEqual({ status: "SUCCEEDED", cause: undefined });
      const counted = new Map<string, number>();
      for (const { _source_file } of await lake.rows(source, { columns: ["_source_file"] })) {
        counted.set(String(_source_file), (counted.get(String(_source_file)) ?? 0) + 1);
      }
      for (const name of files) {
        const item = await lake.objectItem(`${source}/${name}`);
        if (isRefused(folder, name)) {
          expect(item, name).toMatchObject({ status: "quarantined", reason: "MissingHeader" });
          continue;
        }
        expect(item, name).toMatchObject({ status: "recorded", lines: physicalLines(join(folder, name)) });
        expect(item.comments! + item.rows! + item.rejected!, name).toBe(item.lines);
        expect(counted.get(`s3://${lake.raw}/${source}/${name}`) ?? 0, name).toBe(item.rows);
        const expected = expectedRecords(folder, name);
        if (expected !== undefined) expect(item.rows, name).toBe(expected);
      }
      expect(output).toMatchObject({ counts: { objects: files.length } });
    }, 120_000);
  }
});

/** Counted in another way than the lake does. */
function physicalLines(path: string): number {
  const bytes = readFileSync(path);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString("latin1");
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

function expectation(folder: string, name: string): { error?: string }[] | undefined {
  if (!readdirSync(folder).includes(`${name}.expected.json`)) return undefined;
  return JSON.parse(readFileSync(join(folder, `${name}.expected.json`), "utf8"));
}

/** Whether the file's own project raises an error for it as a whole: it has records and no header. */
const isRefused = (folder: string, name: string) =>
  expectation(folder, name)?.some(({ error }) => error === "No #Fields header found") === true;

function expectedRecords(folder: string, name: string): number | undefined {
  return expectation(folder, name)?.filter(({ error }) => !error).length;
}
