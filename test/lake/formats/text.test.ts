import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { text, textOptions } from "../../../lake/formats/text.ts";
import { cutText } from "../../../lake/unpack/cut-text.ts";
import { hasSharedData, sharedData } from "../../shared-data.ts";
import { runs } from "../../tiers/depth.ts";
import { parseText, pieceOf, readRows } from "../columns/parse-text.ts";

const apache = {
  pattern:
    '(?P<ip>\\S+) \\S+ (?P<user>\\S+) \\[(?P<at>[^\\]]+)\\] "(?P<request>[^"]*)" (?P<status>\\d{3}) (?P<bytes>\\S+) "(?P<referrer>[^"]*)" "(?P<agent>.*)"',
  columns: [
    { name: "time", type: "timestamp_millis", upstreamName: "at" },
    { name: "client_ip", type: "string", upstreamName: "ip" },
    { name: "status", type: "int32", upstreamName: "status" },
    { name: "bytes", type: "int64", upstreamName: "bytes" },
  ],
  time: "time",
};
const line = '192.0.2.1 - anna [17/May/2015:23:05:03 -0200] "GET /ä HTTP/1.1" 200 - "-" "curl"';

async function rowsOf(input: string | Uint8Array, formatOptions: object) {
  const { files, rejected } = await parseText(text, input, { formatOptions: formatOptions as never });
  return { rows: await readRows(files), rejected };
}

describe("text", () => {
  it("keeps whole lines under the day of delivery", async () => {
    const { rows } = await rowsOf("one\u2028still one\u000b\n\ntwo\r\n", { deliveryDate: "2026-01-17" });
    expect(rows.map(({ date, message, _line }) => [date, message, _line])).toEqual([
      ["2026-01-17", "one\u2028still one\u000b", 1n],
      ["2026-01-17", "two", 3n],
    ]);
  });

  it("makes columns of named groups, and keeps the other groups", async () => {
    const { rows, rejected } = await rowsOf(`${line}\nsomething else\n`, apache);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      date: "2015-05-18",
      time: new Date("2015-05-18T01:05:03Z"),
      client_ip: "192.0.2.1",
      status: 200,
      bytes: null,
    });
    expect(JSON.parse(String(rows[0]!._extra))).toEqual({ user: "anna", request: "GET /ä HTTP/1.1", agent: "curl" });
    expect(rejected.map(({ reason, line }) => [line, reason])).toEqual([[2, "NO_MATCH"]]);
  });

  const trace = "10:00 ERROR a\n\tat b\r\n\tat c\n10:01 INFO d\n\n10:02 WARN e\n\tat f";
  const multiline = { continuation: "\\s", deliveryDate: "2026-01-17" };

  it("keeps a record over several lines together, under its first line", async () => {
    const { files, pieces } = await parseText(text, trace, { formatOptions: multiline });
    expect((await readRows(files)).map(({ message, _line }) => [message, _line])).toEqual([
      ["10:00 ERROR a\n\tat b\r\n\tat c", 1n],
      ["10:01 INFO d", 4n],
      ["10:02 WARN e\n\tat f", 6n],
    ]);
    expect(pieces[0]).toMatchObject({ lines: 7, rows: 3, comments: 4, rejected: 0 });
  });

  it("takes such a record apart by a pattern that goes over line ends", async () => {
    const { rows, rejected } = await rowsOf(trace, {
      ...multiline,
      pattern: "(?s)\\S+ (?P<level>\\S+) (?P<rest>.*)",
      columns: [{ name: "level", type: "string", upstreamName: "level" }],
    });
    expect([rows.map(({ level }) => level), rejected]).toEqual([["ERROR", "INFO", "WARN"], []]);
    expect(JSON.parse(String(rows[2]!._extra))).toEqual({ rest: "e\n\tat f" });
  });

  it("gives the same records wherever the text is cut", async () => {
    const line = fc.constantFrom(
      "a",
      "\tb",
      "",
      " ",
      "\t",
      `\t${"x".repeat(1500)}`,
      `c${"y".repeat(1500)}`,
      "x".repeat(1023),
    );
    const texts = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n")), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 1, max: 4000 }),
        async (lines, size, most) => {
          const bytes = Buffer.from(lines.flat().join(""));
          const blocks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
            bytes.subarray(i * size, (i + 1) * size),
          );
          const whole = await parseText(text, bytes, { formatOptions: multiline });
          const pieces = (async function* () {
            const framer = text.openFramer!(multiline);
            for await (const piece of cutText(blocks, { framer, maxPieceBytes: most }))
              yield { ...pieceOf(""), ...piece };
          })();
          const cut = await parseText(text, pieces as never, { formatOptions: multiline });
          expect(await readRows(cut.files)).toEqual(await readRows(whole.files));
          const lineCount = cut.pieces.reduce((sum, piece) => sum + piece.lines, 0);
          expect(lineCount).toBe(whole.pieces[0]!.lines);
          expect(lineCount).toBe(lines.length);
        },
      ),
      { numRuns: runs(200) },
    );
  });

  it("is not made to hang by a pattern that backtracks", async () => {
    const options = { pattern: "(?P<a>(x+x+)+)y", columns: [{ name: "a", type: "string", upstreamName: "a" }] };
    const started = performance.now();
    const { rejected } = await rowsOf("x".repeat(5000), { ...options, deliveryDate: "2026-01-17" });
    expect(rejected.map(({ reason }) => reason)).toEqual(["NO_MATCH"]);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it.each([
    [{ pattern: "(?<a>x)\\1", columns: [] }, ["pattern"]],
    [{ pattern: "(?P<a>x)" }, ["columns"]],
    [
      { pattern: "(?P<a>x)", columns: [{ name: "b", type: "string", upstreamName: "b" }] },
      ["columns", 0, "upstreamName"],
    ],
    [{ time: "at" }, ["time"]],
  ])("refuses the options %o, with the path", (options, path) => {
    expect(textOptions.safeParse(options).error?.issues.map((issue) => issue.path)).toContainEqual(path);
  });
});

describe.skipIf(!hasSharedData)("text, on the shared real files (skipped without ../shared/data)", () => {
  it("takes 4,000 Apache lines apart", async () => {
    const { rows, rejected } = await rowsOf(
      gunzipSync(readFileSync(`${sharedData}text/apache-combined-2015.log.gz`)),
      apache,
    );
    expect([rows.length, rejected.length]).toEqual([4000, 0]);
    expect(rows.every(({ status }) => Number(status) >= 200)).toBe(true);
  });

  it("reads a service's settings as the one record that they are", async () => {
    const bytes = readFileSync(`${sharedData}text/kafka-server-2016.log`);
    const { rows } = await rowsOf(bytes, { deliveryDate: "2016-12-19", continuation: "\\s" });
    const records = bytes
      .toString()
      .split(/\n(?![\s])/)
      .filter((one) => one.trim() !== "");
    expect(rows.length).toBe(records.length);
    expect(Math.max(...rows.map(({ message }) => String(message).split("\n").length))).toBeGreaterThan(50);
  });

  it("keeps every line of a service's log that is not blank", async () => {
    const bytes = readFileSync(`${sharedData}text/kafka-server-2016.log`);
    const { rows } = await rowsOf(bytes, { deliveryDate: "2016-12-19" });
    expect(rows.map(({ message }) => message)).toEqual(
      bytes
        .toString()
        .split("\n")
        .filter((one) => one !== ""),
    );
  });
});
