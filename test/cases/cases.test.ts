import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { FormatName, FormatOptions } from "../../lake/formats/format.ts";
import { readObject } from "./read-object.ts";

const folder = fileURLToPath(new URL("./", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const shared = fileURLToPath(new URL("../../../shared/cases/", import.meta.url));
/** Cases of another issue: what the states language refuses, and odd keys that `sources infer` meets. */
const LATER = /^1[01]-/;

interface Source {
  readonly format: FormatName;
  readonly formatOptions?: FormatOptions;
}

interface Case extends Partial<Source> {
  readonly inputs?: Readonly<Record<string, Source>>;
  readonly testedBy?: string;
}

interface Expected {
  readonly rows?: readonly Readonly<Record<string, unknown>>[];
  readonly rowCount?: number;
  readonly rejected?: readonly { line: number; reason: string }[];
  readonly rejectedCount?: number;
  readonly error?: { readonly name: string; readonly message: string };
}

const foldersOf = (path: string) =>
  readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8")) as unknown;

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return value instanceof Date ? value.toISOString() : value;
}

const cases = foldersOf(folder).map((name) => ({
  name,
  setup: readJson(`${folder}${name}/case.json`) as Case,
}));

describe.each(cases)("$name", ({ name, setup }) => {
  const path = `${folder}${name}/`;
  if (setup.testedBy !== undefined) {
    it(`is tested by ${setup.testedBy}`, () => {
      expect(readFileSync(`${root}${setup.testedBy}`, "utf8")).toContain(name);
    });
    return;
  }
  const expected = readJson(`${path}expected.json`) as Record<string, Expected>;

  it("says what each input gives", () => {
    const inputs = readdirSync(path).filter((file) => file !== "case.json" && file !== "expected.json");
    expect(Object.keys(expected).sort()).toEqual(inputs.sort());
  });

  it.each(Object.keys(expected))("%s", async (file) => {
    const { rows, rowCount, rejected = [], rejectedCount, error } = expected[file]!;
    const { format, formatOptions } = setup.inputs?.[file] ?? setup;
    const source = { format: format!, ...(formatOptions && { formatOptions }) };
    const reading = readObject(readFileSync(`${path}${file}`), source, file);
    if (error) {
      await expect(reading).rejects.toThrow(new RegExp(error.message, "s"));
      await expect(reading).rejects.toHaveProperty("name", error.name);
      return;
    }
    const read = await reading;
    const found = read.rejected.map(({ line, reason }) => ({ line, reason }));
    if (rejectedCount === undefined) expect(found).toEqual(rejected);
    else expect(found.length).toBe(rejectedCount);
    expect(read.rows.length).toBe(rowCount ?? rows?.length ?? 0);
    const seen = rows?.map((wanted, i) =>
      Object.fromEntries(Object.keys(wanted).map((column) => [column, plain(read.rows[i]?.[column])])),
    );
    expect(seen).toEqual(rows);
  });
});

describe("the shared cases", () => {
  it.skipIf(!existsSync(shared))("are all here", () => {
    const wanted = foldersOf(shared).filter((name) => !LATER.test(name));
    expect(wanted.filter((name) => !existsSync(`${folder}${name}/case.json`))).toEqual([]);
  });
});
