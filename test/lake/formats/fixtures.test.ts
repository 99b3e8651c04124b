import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { FormatName } from "../../../lake/formats/format.ts";
import { formatNamed } from "../../../lake/formats/index.ts";
import { acceptedFormat } from "../../../lake/sources/detection.ts";
import { parseText, readRows } from "../columns/parse-text.ts";

/**
 * A folder is a case: `fixtures/<format>/<case>/input.log` with `rows.json` (the columns worth looking at, by line),
 * `rejected.json` (line and reason) where lines are rejected, and `options.json` where the source has format options.
 */
const folder = fileURLToPath(new URL("./fixtures/", import.meta.url));
const cases = readdirSync(folder).flatMap((format) =>
  readdirSync(`${folder}${format}`).map((name) => ({
    format: format as FormatName,
    name,
    path: `${folder}${format}/${name}`,
  })),
);

function readJson(path: string) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

function jsonValue(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return value instanceof Date ? value.toISOString() : value;
}

describe.each(cases)("$format: $name", ({ format, path }) => {
  const text = readFileSync(`${path}/input.log`);

  const options = readJson(`${path}/options.json`);

  it("is recognised", () => {
    expect(acceptedFormat({ bucket: "raw", key: "k" }, text.subarray(0, 16 << 10), format, options)).toBe(format);
  });

  it("gives its rows and its rejected lines, and counts all lines", async () => {
    const { files, rejected, pieces } = await parseText(
      formatNamed(format),
      text,
      options && { formatOptions: options },
    );
    const rows = await readRows(files);
    const expected: { _line: number }[] = readJson(`${path}/rows.json`) ?? [];
    expect(rows.length).toBe(expected.length);
    for (const record of expected) {
      const row = rows.find(({ _line }) => Number(_line) === record._line);
      expect(row, `line ${record._line}`).toBeDefined();
      for (const [column, value] of Object.entries(record)) {
        expect([record._line, column, jsonValue(row![column])]).toEqual([record._line, column, value]);
      }
    }
    expect(rejected.map(({ line, reason }) => ({ line, reason }))).toEqual(readJson(`${path}/rejected.json`) ?? []);
    const lineCount = text.toString("latin1").replace(/\n$/, "").split("\n").length;
    if (formatNamed(format).entries !== "records") expect(pieces[0]!.lines).toBe(lineCount);
  });
});
