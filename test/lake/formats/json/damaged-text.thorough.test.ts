/** Every byte of a record that is lost, added or cut off, in every writing; and texts that could make the search for records slow. */
import { describe, expect, it } from "vitest";
import { openKernelEngine } from "../../../../lake/columns/kernel-engine.ts";
import { json } from "../../../../lake/formats/json/json.ts";
import { parseText } from "../../columns/parse-text.ts";
import { TextScanner } from "../scan-text.ts";

const columns = [
  { name: "ts", type: "timestamp_millis", upstreamName: "ts" },
  { name: "id", type: "string", upstreamName: "id" },
  { name: "x", type: "double", upstreamName: "x" },
];
const options = { columns, time: "ts" };
const inEnvelopes = { ...options, recordsAt: ["data", "Records"] };
const plain = new TextScanner(openKernelEngine, json, options, 1 << 20);
const enveloped = new TextScanner(openKernelEngine, json, inEnvelopes, 1 << 20);

const inner = '{"ts":1799917200,"id":"nested"}';
const shapes: ((id: number) => string)[] = [
  (id) => `{"ts":${1799917200 + id},"id":"r${id}"}`,
  (id) => `{"ts":${1799917200 + id},"id":"r${id}","ua":"\\"}{\\"","ctx":{"a":1,"b":[1,2]},"x":1.5}`,
  (id) => `{"ts":${1799917200 + id},"id":"r${id}","items":[${inner},${inner},${inner}],"x":1.5}`,
  (id) => `{"items":[${inner},${inner}],"ts":${1799917200 + id},"id":"r${id}","c":${inner}}`,
  (id) => `{"ts":${1799917200 + id},"id":"r${id}","ua":"}{","list":["a","b"],"ctx":{"k":${inner},"l":[[${inner}]]}}`,
  (id) => `{"ts": ${1799917200 + id}, "id": "r${id}", "list": [ "a", {"q": "z"} ], "ctx": { "k": ${inner} } }`,
];
const next = '{"ts":1799917209,"id":"r9"}';
const writings: readonly { name: string; scanner: TextScanner; write: (records: string[]) => string }[] = [
  { name: "lines", scanner: plain, write: (records) => `${records.join("\n")}\n` },
  { name: "one line", scanner: plain, write: (records) => records.join("") },
  { name: "one line with spaces", scanner: plain, write: (records) => records.join(" ") },
  { name: "an array on one line", scanner: plain, write: (records) => `[${records.join(",")}]` },
  { name: "an array with spaces", scanner: plain, write: (records) => `[ ${records.join(", ")} ]\n` },
  { name: "an array over lines", scanner: plain, write: (records) => `[\n${records.join(",\n")}\n]` },
  {
    name: "envelopes",
    scanner: enveloped,
    write: (records) =>
      [records, [next]].map((list) => `{"o":"o","data":{"n":1,"Records":[${list.join(",")}]}}`).join(""),
  },
  {
    name: "envelopes that go on",
    scanner: enveloped,
    write: (records) =>
      [records, [next]].map((list) => `{"data":{"Records":[${list.join(",")}],"next":{"a":[]}},"z":"x"}`).join(""),
  },
];

describe.each(writings)("records in $name", ({ scanner, write }) => {
  const places = [0, 2, 5];
  // A record that is cut within an array takes the others of its envelope for elements: it is JSON.
  const damages = scanner === plain ? ["lost", "cut", ...'"{}[]\0,'] : ["lost", ...'"{}[]\0,'];

  it.each(shapes.map((record, n) => ({ record, n })))(
    "lose no more than a record and its neighbours to one byte of record $n",
    ({ record }) => {
      for (const bad of places)
        for (let at = 1; at <= record(bad).length; at++)
          for (const damage of damages) {
            const whole = record(bad);
            const text = damaged(whole, at, damage);
            const ids = scanner
              .scan(Buffer.from(write([0, 1, 2, 3, 4, 5].map((id) => (id === bad ? text : record(id))))))
              .rows.map((row) => String(row[3]));
            const safe = [0, 1, 2, 3, 4, 5, ...(scanner === enveloped ? [9] : [])].filter(
              (id) => Math.abs(id - bad) > 1,
            );
            const lost = safe.filter((id) => !ids.includes(`r${id}`));
            const invented = ids.filter((id) => !/^r\d$/.test(id) && id !== idOf(text));
            if (lost.length > 0 || invented.length > 0) expect({ text, damage, lost, invented }).toBeUndefined();
          }
    },
  );
});

function damaged(record: string, at: number, damage: string): string {
  if (damage === "cut") return record.slice(0, at);
  if (damage === "lost") return record.slice(0, at) + record.slice(at + 1);
  return record.slice(0, at) + damage + record.slice(at);
}

function idOf(text: string): string | undefined {
  try {
    return String((JSON.parse(text) as { id?: string }).id ?? null);
  } catch {
    return /"id":"([^"]*)"/.exec(text)?.[1];
  }
}

const good = '{"ts":1799917200,"id":"r"}';
const repeated = [
  ...['{"a":', '{"a":[', '{"a":[{},', '{"a":[{},{"ts":1},', '{"a":N,"b":[{},{"ts":1799917200},'],
  ...['{"a":[\n{"ts":1799917200},', '{"a":N,"b":[{},\n{"ts":1},\n', '{"a":"b\n', '{"a":\n', '{"a":"{'],
  ...['"', '"{', "{", "}{", '}{"a":', '},{"a":[{},', '},{"ts":["', ",", "[", "x", "\\", "\0", " ", "\n", "1"],
  ...[good, `x${good}`, good + good.slice(0, -1), '{"ts":1799917200,"id":NaN}', '{"ts":1799917200,"id":NaN}\n'],
  ...['x{"ts":1799917200},{"a":[{},', `x${`${good},`.repeat(40)}`, '{"ts":1799917200},"id":', '[{"ts":1799917200},'],
  ...['{"ts":1799917200,"id":r","c":1}', '{"ts":1,"v":', '{"ts":1,"v":{"ts":1,"w":'],
];
const texts: readonly (readonly [name: string, text: (length: number) => string])[] = [
  ...repeated.map((part) => [part.slice(0, 40), (length: number) => part.repeat(length / part.length)] as const),
  ["a string that is open", (length) => `{"ts":1799917200,"id":"${"y".repeat(length)}`],
  ["values in values behind damage", (length) => `{"ts":1,"id":N,"v":${'[{"ts":1,"v":'.repeat(length / 13)}`],
  ["elements in elements", (length) => `{"ts":1,"v":[${'{"ts":1,"w":2},'.repeat(length / 15)}`],
  ["one long record", (length) => `{"ts":1799917200,"id":"${"y".repeat(length)}"}\n`],
  ["one long record that is damaged", (length) => `{"ts":1799917200,"id":NaN,"v":"${"y".repeat(length)}"}\n`],
];

describe.each([
  { name: "records", formatOptions: options, start: "" },
  { name: "envelopes", formatOptions: inEnvelopes, start: '{"data":{"Records":[' },
])("the time for $name", ({ formatOptions, start }) => {
  it.each(texts)(
    "grows with the text: %j",
    async (_, text) => {
      const msOf = async (length: number) => {
        const bytes = Buffer.from(start + text(length));
        const blocks = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, n) =>
          bytes.subarray(n * 65_536, (n + 1) * 65_536),
        );
        const startMs = performance.now();
        const piece = { sourceFile: "s3://raw/key", firstLine: 1, firstByte: 0, bytes: blocks };
        await parseText(json, [piece], { formatOptions: formatOptions as never, minScanBytes: 256 << 10 });
        return performance.now() - startMs;
      };
      await msOf(1 << 18);
      const small = await msOf(1 << 20);
      // Four times as much text. Sixteen allows for a machine that is busy.
      expect(await msOf(1 << 22)).toBeLessThan(16 * Math.max(small, 50));
    },
    60_000,
  );
});
