import { describe, expect, it } from "vitest";
import { openKernelEngine } from "../../../lake/columns/kernel-engine.ts";
import { openReferenceEngine } from "../../../lake/columns/reference/reference-engine.ts";
import { cloudfront } from "../../../lake/formats/cloudfront/cloudfront.ts";
import type { LogFormat } from "../../../lake/formats/format.ts";
import { json } from "../../../lake/formats/json/json.ts";
import { alb } from "../../../lake/formats/load-balancers/alb.ts";
import { KeyedHash } from "../../../lake/pii/keyed-hash.ts";
import { piiPolicy } from "../../../lake/pii/policy.ts";
import { piiTransform } from "../../../lake/pii/transform.ts";
import type { ColumnDefinition } from "../../../lake/rows/schema.ts";
import { parseText, type Row, readRows } from "../columns/parse-text.ts";

const key = new KeyedHash(Buffer.alloc(32, 7));

async function rowsOf(
  format: LogFormat,
  text: string,
  policy: unknown,
  { formatOptions, openEngine }: { formatOptions?: Record<string, unknown>; openEngine?: typeof openKernelEngine } = {},
): Promise<Row[]> {
  const columns: readonly ColumnDefinition[] = format.columns(formatOptions);
  const parsed = await parseText(format, text, {
    transforms: [piiTransform(piiPolicy.parse(policy), columns, key)],
    ...(formatOptions && { formatOptions }),
    ...(openEngine && { openEngine }),
  });
  return readRows(parsed.files);
}

const FIELDS = "date time c-ip cs(Referer) cs-uri-query cs(Cookie) sc-status x-forwarded-for cs(User-Agent)";
const cloudFrontLog = (...records: string[][]) =>
  `#Version: 1.0\n#Fields: ${FIELDS}\n${records.map((record) => `2026-01-17\t12:00:00\t${record.join("\t")}\n`).join("")}`;

const events = {
  formatOptions: {
    columns: [
      { name: "time", type: "timestamp_millis", upstreamName: "time" },
      { name: "user_id", type: "string", upstreamName: "user_id" },
      { name: "note", type: "string", upstreamName: "note" },
      { name: "age", type: "int32", upstreamName: "age" },
      { name: "pin", type: "int64", upstreamName: "pin" },
    ],
    time: "time",
  },
};

describe.each([
  ["kernel", openKernelEngine],
  ["reference", openReferenceEngine],
])("piiTransform on the %s", (_name, openEngine) => {
  it("does to each column what its policy says, and nothing to the others", async () => {
    const text = cloudFrontLog(
      [
        "192.0.2.77",
        "https://a.example/p?mail=x#f",
        "token=abc&q=1",
        "session=1",
        "200",
        "198.51.100.9,%202001:db8:1:2::3",
        "-",
      ],
      ["192.0.2.78", "-", "-", "-", "404", "-", "curl/8%25"],
    );
    const rows = await rowsOf(
      cloudfront,
      text,
      {
        columns: {
          c_ip: "truncate",
          cs_referer: ["scrub-parameters", "scrub-text"],
          cs_uri_query: "scrub-parameters",
          cs_cookie: "drop",
          x_forwarded_for: "truncate",
        },
      },
      { openEngine },
    );
    expect(rows).toMatchObject([
      {
        c_ip: "192.0.2.0",
        cs_referer: "https://a.example/p?mail=***",
        cs_uri_query: "token=***&q=***",
        cs_cookie: null,
        sc_status: 200,
        x_forwarded_for: "198.51.100.0, 2001:db8:1::",
      },
      { c_ip: "192.0.2.0", cs_referer: null, cs_uri_query: null, sc_status: 404, cs_user_agent: "curl/8%" },
    ]);
  });

  it("sees values as the table would show them, and leaves no second encoding behind", async () => {
    const agents = ["a%2540b.example%20x", "a@b.example", "100%2525%20a%40b.example", "%FFa%40b.example", "plain%2541"];
    const text = cloudFrontLog(...agents.map((agent) => ["192.0.2.1", "-", "-", "-", "200", "-", agent]));
    const rows = await rowsOf(cloudfront, text, { columns: { cs_user_agent: "scrub-text" } }, { openEngine });
    expect(rows.map((row) => row.cs_user_agent)).toEqual(["*** x", "***", "100%25 ***", "***", "plain%41"]);
  });

  it("undoes the backslashes of load balancers and puts none too few or too many", async () => {
    const agent = String.raw`\x22a\x40b.example\x22 c:\\dir\\a@b.example \xFFFFFFC3\xFFFFFFA9 \x5cx41`;
    const text = `http 2026-01-17T12:00:00.000000Z app/lb/1 192.0.2.77:4000 10.0.0.1:80 0.1 0.1 0.1 200 200 1 1 "GET http://h.example:80/p?a=1 HTTP/1.1" "${agent}" - - arn:tg "Root=1"\n`;
    const [row] = await rowsOf(
      alb,
      text,
      { columns: { client_ip: "truncate", request_url: "scrub-parameters", user_agent: "scrub-text" } },
      { openEngine },
    );
    expect(row).toMatchObject({
      client_ip: "192.0.2.0",
      client_port: 4000,
      request_url: "http://h.example:80/p?a=***",
      user_agent: String.raw`"***" c:\dir\*** é \x41`,
    });
  });

  it("hashes by the day of the event, the same in any order and with any company", async () => {
    const record = (day: string, user: string) => `{"time":"2026-01-${day}T01:00:00Z","user_id":${user}}\n`;
    const policy = { columns: { user_id: "hash" } };
    const text = ["17", "18", "17", "18"]
      .map((day) => record(day, '"u1"') + record(day, "12345678901234567890"))
      .join("");
    const rows = await rowsOf(json, text, policy, { ...events, openEngine });
    const of = (date: string, user: string) => key.hash(user, date);
    expect(rows.map((row) => [row.date, row.user_id])).toEqual(
      ["2026-01-17", "2026-01-18"].flatMap((date) =>
        [0, 1].flatMap(() => [
          [date, of(date, "u1")],
          [date, of(date, "12345678901234567890")],
        ]),
      ),
    );
    expect(new Set(rows.map((row) => row.user_id)).size).toBe(4);
  });

  it("remembers no more than it may, and gives the same with and without its memory", async () => {
    const count = 40_000;
    const texts = Array.from(
      { length: count },
      (_, i) => `user ${i % 23_000}@mail.example ${"x".repeat((i * 7) % 90)}`,
    );
    // A block of long texts, of which nothing is remembered, and others after it.
    texts.push(`${"y".repeat(10_000)} a@b.example`, "z".repeat(2 << 20), `a@b.example ${"y".repeat(2 << 20)}`);
    texts.push("", ...texts.slice(0, 10));
    const text = texts.map((note) => JSON.stringify({ time: "2026-01-17T01:00:00Z", note })).join("\n");
    const rows = await rowsOf(json, text, { columns: { note: "scrub-text" } }, { ...events, openEngine });
    expect(rows.map(({ note }) => note)).toEqual(texts.map((note) => note.replace(/(?<!\S)\S{1,20000}@\S+/, "***")));
  });

  it("hashes by the day where there are more values than it remembers", async () => {
    const records = Array.from({ length: 50_000 }, (_, i) => ({
      time: `2026-01-${17 + (i % 2)}T01:00:00Z`,
      user_id: `user ${i % 5 === 0 ? i % 20 : i % 40_001}`,
    }));
    const text = records.map((record) => JSON.stringify(record)).join("\n");
    const rows = await rowsOf(json, text, { columns: { user_id: "hash" } }, { ...events, openEngine });
    const expected = ["2026-01-17", "2026-01-18"].flatMap((date) =>
      records.filter(({ time }) => time.startsWith(date)).map(({ user_id }) => key.hash(user_id, date)),
    );
    expect(rows.map((row) => row.user_id)).toEqual(expected);
  });

  it("gives the same to a value wherever it stands, whether it is rewritten in its bytes or not", async () => {
    const values = [
      "192.0.2.77",
      "2001:db8:1:2::3",
      "2002:c000:204::1",
      "192.0.2.1,%20198.51.100.2",
      "unknown",
      "",
      "-",
    ];
    const kept = ["192.0.2.0", "2001:db8:1::", "2002:c000:200::", "192.0.2.0, 198.51.100.0", null, "", null];
    // Parts of a block, whole blocks and several of each.
    const picks = Array.from({ length: 20_000 }, (_, i) => (i < 5000 ? 0 : i < 10_000 ? 6 : (i * i + (i >> 5)) % 7));
    const text = cloudFrontLog(...picks.map((i) => ["192.0.2.1", "-", "-", "-", "200", values[i]!, "-"]));
    const rows = await rowsOf(cloudfront, text, { columns: { x_forwarded_for: "truncate" } }, { openEngine });
    expect(rows.map((row) => row.x_forwarded_for)).toEqual(picks.map((i) => kept[i]));
  });

  const extras = `{"time":"2026-01-17T01:00:00Z","age":"42 years","pin":"4111 1111 1111 1111","email":"a@b.example","n":[{"card":4111111111111111,"big":12345678901234567890}]}\n`;

  it.each([
    ["withhold", { "***": 2, age: "***" }],
    ["names", { email: "***", n: "***", age: "***" }],
    ["scrub-text", '{"email":"***","n":[{"card":"***","big":12345678901234567890}],"age":"42 years"}'],
    ["keep", '{"email":"a@b.example","n":[{"card":4111111111111111,"big":12345678901234567890}],"age":"42 years"}'],
    ["drop", null],
  ])("with extra: %s, keeps of what no column holds so much", async (extra, expected) => {
    const [row] = await rowsOf(json, extras, { columns: { pin: "drop" }, extra }, { ...events, openEngine });
    expect(row!._extra).toBe(expected !== null && typeof expected === "object" ? JSON.stringify(expected) : expected);
    expect(row).toMatchObject({ age: null, pin: null });
  });

  it("keeps what it cannot cut out of the table, and empty texts as they are", async () => {
    const policy = { columns: { user_id: "truncate", note: "hash" } };
    const text = ['"not an address"', '""', "null", '"192.0.2.1:443"', '"[2001:db8:1:2::3]:443"']
      .map((user) => `{"time":"2026-01-17T01:00:00Z","user_id":${user},"note":""}\n`)
      .join("");
    const rows = await rowsOf(json, text, policy, { ...events, openEngine });
    expect(rows.map((row) => row.user_id)).toEqual([null, "", null, "192.0.2.0", "2001:db8:1::"]);
    expect(rows.map((row) => row.note)).toEqual(["", "", "", "", ""]);
  });
});

describe("piiTransform", () => {
  it("refuses to begin without a key where a column is to be hashed", () => {
    const policy = piiPolicy.parse({ columns: { user_id: "hash" } });
    expect(() => piiTransform(policy, json.columns(events.formatOptions), undefined)).toThrow(
      expect.objectContaining({ name: "PiiKeyUnusable", message: expect.stringContaining("user_id") }),
    );
  });
});
