import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { json } from "../../../../lake/formats/json/json.ts";
import { cutText } from "../../../../lake/unpack/cut-text.ts";
import { hasSharedData, sharedData } from "../../../shared-data.ts";
import { runs } from "../../../tiers/depth.ts";
import { parseText, pieceOf, type Row, readRows } from "../../columns/parse-text.ts";

const formatOptions = {
  columns: [
    { name: "id", type: "int64", upstreamName: "id" },
    { name: "time", type: "timestamp_millis", upstreamName: "at" },
    { name: "text", type: "string", upstreamName: "text" },
    { name: "ok", type: "boolean", upstreamName: "ok" },
    { name: "amount", type: "double", upstreamName: "amount" },
  ],
  time: "time",
};

async function rowsOf(text: string | Uint8Array, options: object = formatOptions) {
  const { files, rejected, pieces } = await parseText(json, text, { formatOptions: options as never });
  return { rows: await readRows(files), rejected, counts: pieces[0]! };
}

const reasons = (rejected: { reason: string; line: number }[]) => rejected.map(({ reason, line }) => [line, reason]);
const record = (id: number, more = "") => `{"id":${id},"at":"2026-01-17T10:00:0${id}Z"${more}}`;
const ids = (rows: Row[]) => rows.map(({ id }) => Number(id));

describe("json", () => {
  it.each([
    ["a record a line", `${record(1)}\n${record(2)}\n`],
    ["records back to back, as Firehose writes them", `${record(1)}${record(2)}`],
    ["an array", `[${record(1)},${record(2)}]`],
    ["an array over lines", `[\n  ${record(1)},\n  ${record(2)}\n]\n`],
    ["pretty-printed records", `${record(1).replaceAll(",", ",\n  ")}\n${record(2).replaceAll(",", ",\r\n  ")}`],
  ])("reads %s", async (_, text) => {
    const { rows, rejected } = await rowsOf(text);
    expect(rejected).toEqual([]);
    expect(ids(rows)).toEqual([1, 2]);
  });

  it("reads records in an array within an envelope", async () => {
    const text = `{"owner":"x","data":{"n":2,"Records":[${record(1)},${record(2)}],"end":{}},"z":[1]}\n`.repeat(2);
    const { rows, rejected } = await rowsOf(text, { ...formatOptions, recordsAt: ["data", "Records"] });
    expect(rejected).toEqual([]);
    expect(ids(rows)).toEqual([1, 2, 1, 2]);
  });

  it("keeps every type, numbers beyond 2^53 among them, and undoes escapes", async () => {
    const more = ',"text":"a\\n\\u00e9\\ud83d\\ude00\\"b\\"","ok":true,"amount":-1.5e3';
    const { rows } = await rowsOf(`{"id":9007199254740993,"at":"2026-01-17T10:00:00.250Z"${more}}`);
    expect(rows[0]).toMatchObject({
      id: 9007199254740993n,
      time: new Date("2026-01-17T10:00:00.250Z"),
      text: 'a\né😀"b"',
      ok: true,
      amount: -1500,
    });
  });

  it("keeps keys that have no column, as JSON, and lets the last of two equal keys count", async () => {
    const { rows } = await rowsOf(record(1, ',"new":{"a":[1,2]},"text":"first","text":"last","n":null'));
    expect(rows[0]).toMatchObject({ text: "last", _extra: '{"new":{"a":[1,2]},"n":null}' });
  });

  it.each([
    ["2026-01-17T23:30:00-02:00", "2026-01-18", "2026-01-18T01:30:00.000Z"],
    ["1768644000", "2026-01-17", "2026-01-17T10:00:00.000Z"],
    ["1768644000123", "2026-01-17", "2026-01-17T10:00:00.123Z"],
    ["1768644000.5", "2026-01-17", "2026-01-17T10:00:00.500Z"],
    ["1768644000123456", "2026-01-17", "2026-01-17T10:00:00.123Z"],
    ["1768644000123456789", "2026-01-17", "2026-01-17T10:00:00.123Z"],
    ["1.768644e9", "2026-01-17", "2026-01-17T10:00:00.000Z"],
    ["Sat, 17 Jan 2026 10:00:00 GMT", "2026-01-17", "2026-01-17T10:00:00.000Z"],
  ])("takes the day of the event from %s", async (at, date, instant) => {
    const value = /^[\d.e]+$/.test(at) ? at : JSON.stringify(at);
    const { rows } = await rowsOf(`{"id":1,"at":${value}}`);
    expect(rows[0]).toMatchObject({ date, time: new Date(instant) });
  });

  it("rejects what is no record, with line and reason, and loses nothing beside it", async () => {
    const lines = [record(1), '{"id":2,"at":"soon"}', "nonsense", "[3]", '{"id":4,,}', record(5), '{"id":6,"at'];
    const { rows, rejected, counts } = await rowsOf(lines.join("\n"));
    expect(ids(rows)).toEqual([1, 5]);
    expect(reasons(rejected)).toEqual([
      [2, "INVALID_DATE"],
      [3, "INVALID_JSON"],
      [4, "NOT_AN_OBJECT"],
      [5, "INVALID_JSON"],
      [7, "INVALID_JSON"],
    ]);
    expect(counts.lines).toBe(counts.rows + counts.rejected + counts.comments);
  });

  it("says so where what has no time looks like an envelope", async () => {
    const inside = `{"list":[${record(1)}]}`;
    const lines = [
      `{"Records":[${record(1)}]}`,
      `{"v":1,"data":${inside}}`,
      `{"id":7,"list":[${record(1)}]}`,
      '{"list":[1]}',
    ];
    const { rejected } = await rowsOf(lines.join("\n"));
    expect(reasons(rejected)).toEqual([
      [1, "ENVELOPE"],
      [2, "ENVELOPE"],
      [3, "INVALID_DATE"],
      [4, "INVALID_DATE"],
    ]);
  });

  it.each([
    ..."../../etc 2024-02-30 0000-01-01 1969-12-31T23:59:59Z 2026-01-17T24:00:00Z 9999-12-31T23:59:59-01:00".split(" "),
    ...["", null, true, {}, 0, -1, 86400, 99999999999],
  ])("never makes a path of the date %j", async (at) => {
    const { rows, rejected } = await rowsOf(JSON.stringify({ id: 1, at }));
    expect(rows).toEqual([]);
    expect(reasons(rejected)).toEqual([[1, "INVALID_DATE"]]);
  });

  it("reads the other times of a record as well, to the microsecond, and keeps what is none", async () => {
    const columns = [
      { name: "sent", type: "timestamp_micros", upstreamName: "sent" },
      { name: "seen", type: "timestamp_micros", upstreamName: "seen" },
      { name: "born", type: "date", upstreamName: "born" },
    ];
    const text =
      '{"sent":1768644000123456,"seen":"2026-01-17T10:00:00.000001+00:00","born":"2000-02-29T10:00:00Z"}\n' +
      '{"sent":17,"seen":"soon","born":"2001-02-29"}\n';
    const { rows } = await rowsOf(text, { columns, deliveryDate: "2026-01-17" });
    expect(rows[0]).toMatchObject({ sent: new Date(1768644000123), born: new Date("2000-02-29"), _extra: null });
    expect(rows[1]).toMatchObject({ sent: null, seen: null, born: null });
    expect(JSON.parse(String(rows[1]!._extra))).toEqual({ sent: "17", seen: "soon", born: "2001-02-29" });
  });

  it.each([
    ["cut within a string", '{"id":2,"text":"ab'],
    ["cut after a member", '{"id":2'],
    ["cut after a comma", '{"id":2,'],
    ["cut after a colon", '{"id":'],
    ["cut within a value", '{"id":2,"text":{"a":[1,'],
    ["cut within a value that is whole", '{"id":2,"x":{"a":1}'],
    ["with a brace too many", '{"id":2,"at":"2026-01-17T10:00:00Z"}}'],
  ])("loses no line after one %s", async (_, line) => {
    for (const text of [[line, record(3), record(4)], [line, record(3)], [line]].map((lines) => lines.join("\n"))) {
      const { rows, rejected } = await rowsOf(text);
      expect(ids(rows).filter((id) => id > 2)).toEqual(text.includes(record(4)) ? [3, 4] : text === line ? [] : [3]);
      expect(reasons(rejected)).toEqual([[1, "INVALID_JSON"]]);
    }
  });

  it("reads files that were put together with their byte order marks", async () => {
    const { rows, rejected } = await rowsOf(`\ufeff${record(1)}\n\ufeff${record(2)}\n`);
    expect([ids(rows), rejected]).toEqual([[1, 2], []]);
  });

  it.each([
    ["[", 1],
    ["[[[\n", 1],
    ["[{},", 1],
    ["[]", 0],
    ["[][]", 0],
    ["[\n]\n[\n]", 0],
  ])("finds no record in %j, and %i thing to tell", async (text, told) => {
    const { rows, rejected } = await rowsOf(text, { columns: [], deliveryDate: "2026-01-17" });
    expect([rows.filter(({ _extra }) => _extra !== null).length, rejected.length]).toEqual([0, told]);
  });

  it.each([
    ["brackets", "["],
    ["objects", '{"a":'],
    ["objects over lines", '{"a":\n'],
    ["lines that never end", '{"a":"b\n'],
  ])("is not made to hang by 200,000 open %s", async (_, opening) => {
    const started = performance.now();
    const { rows } = await rowsOf(`${opening.repeat(200_000)}\n${record(3)}\n`);
    expect(ids(rows)).toEqual([3]);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it("reads a record 100,000 levels deep", async () => {
    const { rows } = await rowsOf(record(1, `,"x":${"[".repeat(100_000)}${"]".repeat(100_000)}`));
    expect(String(rows[0]!._extra)).toHaveLength(200_006);
  });

  it("makes U+FFFD of a lone surrogate in a column, and keeps it as it was written elsewhere", async () => {
    const { rows } = await rowsOf(record(1, ',"text":"a\\udc00b","x":"\\ud800"'));
    expect(rows[0]).toMatchObject({ text: "a\ufffdb", _extra: '{"x":"\\ud800"}' });
  });

  it("keeps the text of numbers that their column cannot hold", async () => {
    const { rows } = await rowsOf(record(1, ',"id":9223372036854775808,"amount":1E400'));
    expect(rows[0]).toMatchObject({ id: null, amount: null });
    expect(JSON.parse(String(rows[0]!._extra))).toEqual({ id: "9223372036854775808", amount: "1E400" });
  });

  it.each([
    ["[]", true],
    ["42", true],
    [' \n"text" ', true],
    ['[[{"a":1}]]', true],
    [`[${"1,".repeat(9)}`, true],
    ['{id:1}\n{"id":2}\n', true],
    ["{hello} world\n", false],
    ["2026-01-17,1\n", false],
    ["192.0.2.1 - -\n", false],
    ["nothing\n", false],
  ])("takes %j from a source of JSON: %s", (text, isTaken) => {
    expect(json.accepts!(Buffer.from(text))).toBe(isTaken);
  });

  it("rejects a record whose bytes are no UTF-8", async () => {
    const bad = Buffer.concat([
      Buffer.from('{"id":1,"text":"'),
      Buffer.from([0xff]),
      Buffer.from('"}\n'),
      Buffer.from(record(2)),
    ]);
    const { rows, rejected } = await rowsOf(bad);
    expect(ids(rows)).toEqual([2]);
    expect(reasons(rejected)).toEqual([[1, "INVALID_UTF8"]]);
  });

  it("gives the same rows and rejections wherever the text is cut into pieces", async () => {
    const good = fc.nat(9).map((id) => record(id));
    const bad = fc.constantFrom(
      "{",
      "}",
      '{"id":\n',
      '{"x":{"a":1}\n',
      "\ufeff",
      '{"a":"',
      "[",
      "]",
      "nonsense",
      '{"id":4,,}',
      '"x',
      '{\n"id": 1,,\n}',
      ",",
    );
    const separator = fc.constantFrom("\n", "", ",\n", "\n\n", ",");
    const text = fc
      .array(fc.tuple(fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: bad }), separator), {
        maxLength: 20,
      })
      .map((parts) => parts.flat().join(""));
    await fc.assert(
      fc.asyncProperty(fc.boolean(), text, fc.integer({ min: 1, max: 200 }), async (inArray, body, maxPieceBytes) => {
        const whole = inArray ? `[${body}]` : body;
        const at = await rowsOf(whole);
        const pieces = (async function* () {
          const framer = json.openFramer!(formatOptions);
          for await (const piece of cutText([Buffer.from(whole)], { framer, maxPieceBytes })) {
            yield { ...pieceOf(""), ...piece, ...(piece.header === undefined && { header: undefined }) };
          }
        })();
        const cut = await parseText(json, pieces as never, { formatOptions: formatOptions as never });
        expect(await readRows(cut.files)).toEqual(at.rows);
        expect(reasons(cut.rejected)).toEqual(reasons(at.rejected));
      }),
      { numRuns: runs(200) },
    );
  });
});

const counts: [string, number, string][] = [
  ["sdk-events-app1.jsonl", 6, "event_timestamp"],
  ["gtm-server-events.jsonl", 11, ""],
  ["session-dataset.jsonl", 10, ""],
  ["otto-sessions.jsonl", 20, ""],
  ["nginx-plus-access.jsonl", 150, ""],
  ["sample-lambda-at-edge-viewer-request.jsonl.gz", 36, ""],
];

describe.skipIf(!hasSharedData)("json, on the shared real files (skipped without ../shared/data)", () => {
  it.each(counts)("reads %s as %i records", async (name, expected) => {
    const packed = readFileSync(`${sharedData}clickstream-json/${name}`);
    const text = name.endsWith(".gz") ? gunzipSync(packed) : packed;
    expect(json.claims(text.subarray(0, 4096))).toBe(true);
    const { counts } = await rowsOf(text);
    expect(counts.lines).toBe(expected);
  });
});
