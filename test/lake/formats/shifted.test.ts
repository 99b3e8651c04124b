import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openKernelEngine } from "../../../lake/columns/kernel-engine.ts";
import { openReferenceEngine } from "../../../lake/columns/reference/reference-engine.ts";
import { positions } from "../../../lake/formats/cloudfront/cloudfront-fields.ts";
import { formatNamed } from "../../../lake/formats/index.ts";
import { columnOfField } from "../../../lake/formats/load-balancers/alb.ts";
import {
  ALB_DECIMAL_FIELDS,
  ALB_INTEGER_FIELDS,
  ALB_PLAIN_FIELDS,
  ALB_QUOTED_FIELDS,
} from "../../../lake/kernel/shared-numbers.ts";
import { parseText, readRows } from "../columns/parse-text.ts";
import { cloudFrontRecord, records } from "./records.ts";
import { TextScanner } from "./scan-text.ts";

type Name = keyof typeof records;
const names = Object.keys(records) as Name[];

async function read(name: Name | "cloudfront", line: string) {
  const { files, rejected } = await parseText(formatNamed(name), `${line}\n`);
  return { rows: await readRows(files), reasons: rejected.map(({ reason }) => reason) };
}

/** The last field for which a record with that field missing, or another one before it, is told from a whole one. */
const LAST_TOLD: Readonly<Record<Name, { missing: number; additional: number }>> = {
  alb: { missing: 20, additional: 20 },
  // Few numbers, no quotes: fields after the load balancer's name are certain only together.
  nlb: { missing: 3, additional: 6 },
  "elb-classic": { missing: 10, additional: 10 },
  "s3-access": { missing: 14, additional: 9 },
  "alb-connection": { missing: 6, additional: 3 },
  "alb-health-check": { missing: 1, additional: 1 },
};

describe.each(names)("a record of %s", (name) => {
  const fields: readonly string[] = records[name];

  it("is a row, and has no reason to be none", async () => {
    const { rows, reasons } = await read(name, fields.join(" "));
    expect([rows.length, reasons]).toEqual([1, []]);
    expect(rows[0]!._extra).toBe(null);
  });

  it("is no row when a field is missing or one too many", async () => {
    const { missing, additional } = LAST_TOLD[name];
    for (let field = 0; field <= missing; field++)
      expect([field, (await read(name, fields.toSpliced(field, 1).join(" "))).rows]).toEqual([field, []]);
    for (let field = 0; field <= additional; field++)
      expect([field, (await read(name, fields.toSpliced(field, 0, "x").join(" "))).rows]).toEqual([field, []]);
  });

  it("has the same values whatever runs of blanks separate its fields", async () => {
    const { rows: expected } = await read(name, fields.join(" "));
    const blanks = fc.array(fc.nat(3), { minLength: fields.length + 1, maxLength: fields.length + 1 });
    await fc.assert(
      fc.asyncProperty(blanks, async (runs) => {
        const line = fields.map((field, i) => `${" ".repeat(i === 0 ? runs[0]! : 1 + runs[i]!)}${field}`).join("");
        const { rows, reasons } = await read(name, `${line}${" ".repeat(runs.at(-1)!)}`);
        expect(reasons).toEqual([]);
        expect(rows).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it("is recognised with them", () => {
    expect(formatNamed(name).claims(Buffer.from(` ${fields.join("   ")}\n`))).toBe(true);
  });
});

describe("a record with odd values", () => {
  const numbers = [3, 8, 17, 18, 26, 27, 30];
  const withOdd = (count: number) =>
    cloudFrontRecord.map((value, i) => (numbers.indexOf(i) >= 0 && numbers.indexOf(i) < count ? "odd" : value));

  it("is a row with one or two, and SHIFTED with three", async () => {
    for (const count of [1, 2]) {
      const { rows } = await read("cloudfront", withOdd(count).join("\t"));
      expect(Object.values(JSON.parse(String(rows[0]!._extra)))).toEqual(Array(count).fill("odd"));
    }
    expect(await read("cloudfront", withOdd(3).join("\t"))).toEqual({ rows: [], reasons: ["SHIFTED"] });
  });

  it("is SHIFTED with two of three, and a row with one of two", async () => {
    const header = "#Fields: date time sc-status sc-bytes\n";
    expect((await read("cloudfront", `${header}2026-01-17\t10:00:00\tGET\thttps`)).reasons).toEqual(["SHIFTED"]);
    expect((await read("cloudfront", `${header}2026-01-17\t10:00:00\tGET\t-`)).rows.length).toBe(1);
  });
});

interface Mutation {
  readonly at: number;
  readonly kind: string;
  readonly value: string;
}

/** The value at random places of a record replaced, removed, doubled, quoted, or with blanks around it. */
const mutations = fc.array(
  fc.record({
    at: fc.nat(40),
    kind: fc.constantFrom("replace", "remove", "double", "quote", "unquote", "blank", "backslash"),
    value: fc.constantFrom(
      "x",
      "12",
      "1.5",
      "1.2.3",
      "-",
      "",
      "999999999999",
      "2026-01-17T10:00:00.000000Z",
      '"x y"',
      ".",
    ),
  }),
  { maxLength: 4 },
);

function mutated(fields: readonly string[], changes: readonly Mutation[], separator: string): string {
  let all = [...fields];
  for (const { at, kind, value } of changes) {
    const i = at % all.length;
    const old = all[i] ?? "";
    if (kind === "remove") all = all.toSpliced(i, 1);
    else if (kind === "double") all = all.toSpliced(i, 0, old);
    else if (kind === "replace") all[i] = value;
    else if (kind === "quote") all[i] = `"${old}"`;
    else if (kind === "unquote") all[i] = old.replaceAll('"', "");
    else if (kind === "blank") all[i] = ` ${old}  `;
    else all[i] = old.endsWith('"') ? `${old.slice(0, -1)}\\"` : `${old}\\`;
    if (all.length === 0) return "";
  }
  return all.join(separator);
}

describe.each([
  ["alb", records.alb, " ", ""],
  ["cloudfront", cloudFrontRecord, "\t", `#Fields: ${positions.map(({ name }) => name).join(" ")}\n`],
  ["cloudfront", cloudFrontRecord, "\t", ""],
] as const)("the kernel on %s", (name, fields, separator, header) => {
  const format = formatNamed(name);
  const kernel = new TextScanner(openKernelEngine, format);
  const reference = new TextScanner(openReferenceEngine, format);

  it("finds the rows and rejects the lines that the reference does, whatever happened to a record", () => {
    fc.assert(
      fc.property(fc.array(mutations, { minLength: 1, maxLength: 4 }), (all) => {
        const text = Buffer.from(header + all.map((changes) => `${mutated(fields, changes, separator)}\n`).join(""));
        expect(kernel.scan(text)).toEqual(reference.scan(text));
      }),
      { numRuns: 300 },
    );
  });
});

describe("the numbers that the kernel knows of ALB's fields", () => {
  const columns = formatNamed("alb").columns();
  const has = (mask: number, field: number) => field < 32 && ((mask >>> field) & 1) === 1;

  it("are those of its columns and of a record", () => {
    for (const [field, column] of columnOfField.entries()) {
      const { name, type } = columns[column]!;
      expect([name, has(ALB_INTEGER_FIELDS, field)]).toEqual([name, type === "int32" || type === "int64"]);
      expect([name, has(ALB_DECIMAL_FIELDS, field)]).toEqual([name, type === "double"]);
      const isQuoted = records.alb[field]!.startsWith('"');
      if (has(ALB_QUOTED_FIELDS, field) || has(ALB_PLAIN_FIELDS, field))
        expect([name, has(ALB_QUOTED_FIELDS, field)]).toEqual([name, isQuoted]);
    }
  });
});
