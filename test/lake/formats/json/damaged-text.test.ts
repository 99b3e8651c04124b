import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openKernelEngine } from "../../../../lake/columns/kernel-engine.ts";
import { openReferenceEngine } from "../../../../lake/columns/reference/reference-engine.ts";
import { json } from "../../../../lake/formats/json/json.ts";
import { runs } from "../../../tiers/depth.ts";
import { TextScanner } from "../scan-text.ts";

const columns = [
  { name: "ts", type: "timestamp_millis", upstreamName: "ts" },
  { name: "id", type: "string", upstreamName: "id" },
  { name: "x", type: "double", upstreamName: "x" },
  { name: "ua", type: "string", upstreamName: "ua" },
];
const options = { columns, time: "ts" };
const engines = { kernel: openKernelEngine, reference: openReferenceEngine };
const scanners = Object.fromEntries(
  Object.entries(engines).map(([name, open]) => [name, new TextScanner(open, json, options, 1 << 20)]),
);
const enveloped = Object.fromEntries(
  Object.entries(engines).map(([name, open]) => [
    name,
    new TextScanner(open, json, { ...options, recordsAt: ["data", "Records"] }, 1 << 20),
  ]),
);

/** Text that looks like the border between two records, as somebody may send it for a user agent. */
const borders = [
  '"}{"',
  '"},{"',
  "}{",
  '"}]}{"ts":1,"id":"forged"}',
  '{"ts":1799917200,"id":"forged"}',
  '","x":NaN}{"',
  "{",
  "[{",
];
const nested = [
  '{"ts":1799917200,"id":"nested","x":1}',
  '[{"ts":1799917200,"id":"nested"}]',
  '[{"ts":1799917200,"id":"nested"},{"ts":1799917201,"id":"nested"},{"ts":1799917202,"id":"nested"}]',
  '{"a":{"ts":1799917200,"id":"nested"},"b":[1,{"ts":1799917200,"id":"nested"},2]}',
  '{"list":[[{"ts":1799917200,"id":"nested"}],[]]}',
];
const shape = fc.record({
  ua: fc.option(fc.constantFrom("Mozilla/5.0 (X11; Linux)", "", "é\\\n\t\"'", ...borders), { nil: undefined }),
  ctx: fc.option(fc.constantFrom("1", "null", '["a","b"]', '{"k":"v"}', "[]", ...nested), { nil: undefined }),
  x: fc.option(fc.constantFrom("1", "-2.5e3", "true", "null"), { nil: undefined }),
});
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

function recordOf({ ua, ctx, x }: Shape, id: number): string {
  const members = [`"ts":${1799917200 + id}`, `"id":"r${id}"`];
  if (ua !== undefined) members.push(`"ua":${JSON.stringify(ua)}`);
  if (ctx !== undefined) members.push(`"ctx":${ctx}`);
  if (x !== undefined) members.push(`"x":${x}`);
  return `{${members.join(",")}}`;
}

const place = fc.double({ min: 0, max: 1, noNaN: true });
const placesOf = (text: string, marks: string) => [...text].flatMap((mark, i) => (marks.includes(mark) ? [i] : []));

/** Damage that leaves brackets and quotes as they were. */
const withinValues = fc.oneof(
  fc
    .constantFrom(
      "NaN",
      "Infinity",
      "tru",
      "",
      "1.",
      "01",
      "0x1F",
      "None",
      "undefined",
      "'text'",
      '"\u0000"',
      '"\\x41"',
    )
    .map((value) => (record: string) => `${record.slice(0, -1)},"bad":${value}}`),
  fc.constant((record: string) => record.replace(/"ts":\d+/, '"ts":')),
  fc.constant((record: string) => `${record.slice(0, -1)},}`),
  fc.constant((record: string) => record.replace(",", ",,")),
  fc.constant((record: string) => record.replace(":", "")),
  fc.constant((record: string) => record.replace('"id":"r', '"id":"\u0000r')),
);
const junk = fc.constantFrom("ping", "\\n", "\u0000", "--", "null_", "ERROR: timeout", "\u0000\u0000\u0000", "#");

/** Damage to the structure: a quote, brace or bracket more or less. */
const toStructure = fc.oneof(
  fc.tuple(place, fc.constantFrom(...'"{}[]')).map(([share, mark]) => (record: string) => {
    const at = Math.floor(share * (record.length + 1));
    return record.slice(0, at) + mark + record.slice(at);
  }),
  place.map((share) => (record: string) => {
    const places = placesOf(record, '"{}[]');
    const at = places[Math.floor(share * places.length) % places.length]!;
    return record.slice(0, at) + record.slice(at + 1);
  }),
);
const cut = place.map((share) => (record: string) => record.slice(0, 1 + Math.floor(share * (record.length - 1))));

const writings = {
  lines: (records: string[]) => `${records.join("\n")}\n`,
  "one line": (records: string[]) => records.join(""),
  "an array on one line": (records: string[]) => `[${records.join(",")}]`,
};
const inEnvelopes = {
  "an envelope on one line": (records: string[]) => `{"owner":"o","data":{"n":1,"Records":[${records.join(",")}]}}`,
  "an envelope that goes on": (records: string[]) =>
    `{"data":{"Records":[${records.join(",")}],"next":{"a":[]}},"z":"x"}`,
};

const idsIn = (scanner: TextScanner, text: string, cuts: readonly number[] = []) =>
  scanner.scan(Buffer.from(text), cuts).rows.map((row) => String(row[3]));
const all = (count: number) => Array.from({ length: count }, (_, i) => `r${i}`);

const shapes = fc.array(shape, { minLength: 4, maxLength: 12 });
const RUNS = { numRuns: runs(1500) };

describe("a damaged record among others", () => {
  for (const [name, scanner] of Object.entries(scanners)) {
    it(`costs itself where the damage is within values: ${name}`, () => {
      fc.assert(
        fc.property(shapes, fc.nat(), withinValues, (records, n, damage) => {
          const bad = n % records.length;
          const texts = records.map((record, id) => (id === bad ? damage(recordOf(record, id)) : recordOf(record, id)));
          const rest = all(records.length).filter((id) => id !== `r${bad}`);
          for (const write of Object.values(writings)) expect(idsIn(scanner, write(texts))).toEqual(rest);
        }),
        RUNS,
      );
    });

    it(`costs nothing where junk stands between records: ${name}`, () => {
      fc.assert(
        fc.property(shapes, fc.nat(), junk, (records, n, text) => {
          const texts = records.map(recordOf);
          texts.splice(n % (records.length + 1), 0, text);
          for (const write of Object.values(writings))
            expect(idsIn(scanner, write(texts))).toEqual(all(records.length));
        }),
        RUNS,
      );
    });

    it(`costs itself and its neighbours where a quote or bracket is lost or added: ${name}`, () => {
      fc.assert(
        fc.property(shapes, fc.nat(), fc.oneof(toStructure, cut), (records, n, damage) => {
          const bad = n % records.length;
          const texts = records.map((record, id) => (id === bad ? damage(recordOf(record, id)) : recordOf(record, id)));
          const safe = all(records.length).filter((_, id) => Math.abs(id - bad) > 1);
          for (const write of Object.values(writings)) {
            const ids = idsIn(scanner, write(texts));
            expect(ids.filter((id) => safe.includes(id))).toEqual(safe);
            expect(ids.filter((id) => !/^r\d+$/.test(id) && id !== idOfDamaged(texts[bad]!))).toEqual([]);
            expect(new Set(ids).size).toBe(ids.length);
          }
        }),
        RUNS,
      );
    });
  }

  for (const [name, scanner] of Object.entries(enveloped))
    it(`costs no more in envelopes: ${name}`, () => {
      const damages = fc.oneof(
        withinValues.map((damage) => ({ damage, reach: 0 })),
        toStructure.map((damage) => ({ damage, reach: 1 })),
      );
      fc.assert(
        fc.property(shapes, fc.nat(), damages, (records, n, { damage, reach }) => {
          const bad = n % records.length;
          const texts = records.map((record, id) => (id === bad ? damage(recordOf(record, id)) : recordOf(record, id)));
          const safe = all(records.length).filter((_, id) => Math.abs(id - bad) > reach);
          for (const write of Object.values(inEnvelopes)) {
            const text = `${write(texts)}${write(['{"ts":1799917200,"id":"next"}'])}`;
            const ids = idsIn(scanner, text);
            expect(ids.filter((id) => safe.includes(id))).toEqual(safe);
            expect(ids.filter((id) => !/^r\d+$/.test(id) && id !== idOfDamaged(texts[bad]!))).toEqual(["next"]);
          }
        }),
        RUNS,
      );
    });
});

/** The id of a record that is still JSON, or that the damage itself changed. */
function idOfDamaged(text: string): string | undefined {
  try {
    return String((JSON.parse(text) as { id?: string }).id ?? null);
  } catch {
    return /"id":"([^"]*)"/.exec(text)?.[1];
  }
}
