import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { defineLake } from "../../../lake/sources/config.ts";
import { proposeSource } from "../../../lake/sources/infer-source.ts";
import { hasSharedData, sharedData } from "../../shared-data.ts";

const propose = (text: string | Uint8Array) => proposeSource(Buffer.from(text));

/** Refuses what the configuration would refuse. */
function expectUsable({ format, formatOptions, derive }: Awaited<ReturnType<typeof propose>>) {
  const source = { format, prefix: "app/", ...(formatOptions && { formatOptions }), ...(derive && { derive }) };
  expect(() => defineLake({ sources: { app: source }, alertRecipients: ["a@example.com"] })).not.toThrow();
}

describe("proposeSource", () => {
  it("types the keys of JSON records and finds their time", async () => {
    const proposal = await propose(
      '{"userId":7,"at":"2026-01-17T10:00:00+01:00","ok":true,"price":1.5,"zip":"01234","date":"2026-01-17"}\n' +
        '{"userId":null,"at":"2026-01-17T11:00:00Z","ok":false,"price":2,"zip":"99999","tags":["a"]}\n',
    );
    expect(proposal).toEqual({
      format: "json",
      formatOptions: {
        columns: [
          { name: "user_id", type: "int64", upstreamName: "userId" },
          { name: "at", type: "timestamp_millis", upstreamName: "at" },
          { name: "ok", type: "boolean", upstreamName: "ok" },
          { name: "price", type: "double", upstreamName: "price" },
          { name: "zip", type: "string", upstreamName: "zip" },
          { name: "event_date", type: "date", upstreamName: "date" },
          { name: "tags", type: "string", upstreamName: "tags" },
        ],
        time: "at",
      },
      rows: 2,
      rejected: 0,
      invalidFields: 0,
      doubts: [
        'price: perhaps money, which a double rounds: derive an "amount" from it where sums have to be exact',
        "tags: nested values, which the column holds as JSON text",
        "the sample has 2 records: with more of them types may turn out differently",
      ],
    });
    expectUsable(proposal);
  });

  it("types the fields of delimited text", async () => {
    const proposal = await propose("ts;Full Name;Full-Name\n1768644000;a;1\n1768644001;b;\n");
    expect(proposal.formatOptions).toMatchObject({
      time: "ts",
      columns: [
        { name: "ts", type: "timestamp_millis" },
        { name: "full_name", type: "string" },
        { name: "full_name_2", type: "int64" },
      ],
    });
    expect(proposal).toMatchObject({ format: "csv", rows: 2, rejected: 0, invalidFields: 0 });
    expect(proposal.doubts).toContain("ts: taken for a time since 1970: 1768644000 for 2026-01-17T10:00:00Z");
  });

  it("asks for no options where the format knows its columns, and takes the rest for lines", async () => {
    const json = '{"date":"2026-01-17","time":"10:00:00","x-edge-location":"SOF50-P2"}\n';
    expect(await propose(json)).toEqual({
      format: "cloudfront-json",
      rows: 1,
      rejected: 0,
      invalidFields: 0,
      doubts: [],
    });
    expect(await propose("dear diary\n")).toEqual({
      format: "text",
      rows: 1,
      rejected: 0,
      invalidFields: 0,
      doubts: ["no column says when an event was: rows go to the day on which their batch arrives"],
    });
  });

  it("takes the event's own time for its time, whatever comes first", async () => {
    const record = (n: number) =>
      `{"load_time":1768644000000,"ingested_at":"2026-01-17T12:00:0${n}Z","timestamp":"2026-01-17T11:00:0${n}Z"}`;
    const { formatOptions, doubts } = await propose(`${record(1)}\n${record(2)}\n`);
    expect(formatOptions).toMatchObject({ time: "timestamp" });
    expect(doubts).toContain(
      "timestamp: taken for the time of the event, which decides about the partition; it could also be ingested_at, load_time",
    );
  });

  it("says what a type would lose, and proposes none that loses anything", async () => {
    const values = Array.from(
      { length: 20 },
      (_, n) => `{"count":${n === 7 ? '"NULL"' : n},"id":${10n ** 18n + BigInt(n)}}`,
    );
    const { formatOptions, doubts } = await propose(`${values.join("\n")}\n{"id":9999999999999999999}\n`);
    expect(formatOptions?.columns).toEqual([
      { name: "count", type: "string", upstreamName: "count" },
      { name: "id", type: "string", upstreamName: "id" },
    ]);
    expect(doubts).toEqual(
      expect.arrayContaining([
        'count: 1 of 20 values are not a whole number, such as "NULL"; as int64 they would be null and kept in _extra',
        expect.stringMatching(/^id: 1 of 21 values are not a whole number, such as "9999999999999999999"/),
      ]),
    );
  });

  it("tells of times that cannot be read, and of fields beyond the headers", async () => {
    const { formatOptions, doubts } = await propose(`name,date\n${"a,Jan 1 2000\n".repeat(20)}b,Jan 2 2000,x\n`);
    expect(formatOptions?.columns).toEqual([
      { name: "name", type: "string", upstreamName: "name" },
      { name: "event_date", type: "string", upstreamName: "date" },
    ]);
    expect(doubts).toEqual(
      expect.arrayContaining([
        'event_date: named like a time, and in no spelling of one that is read: "Jan 1 2000"',
        "1 records have more fields than there are headers: kept in _extra as extra_3",
      ]),
    );
  });

  it("asks whether the records are in an array within", async () => {
    const order = '{"at":"2026-01-17T10:00:00Z","items":[{"id":1},{"id":2}],"tags":["a"]}\n';
    const { doubts, formatOptions } = await propose(order);
    expect(formatOptions?.recordsAt).toBeUndefined();
    expect(doubts.filter((doubt) => /recordsAt/.test(doubt))).toEqual([
      'items: arrays of objects; if these are the records, say recordsAt: ["items"]',
    ]);
    const undated = await propose('{"items":[{"id":1}]}\n{"items":[{"id":2}]}\n');
    expect(undated.formatOptions?.recordsAt).toBeUndefined();
    expect(undated.rows).toBe(2);
  });

  it("takes the records in an array within where there is but one document, and it has no time", async () => {
    const record = '{"at":"2026-01-17T10:00:00Z","id":1}';
    const proposal = await propose(`{"v":1,"data":{"list":[${record},${record}]}}`);
    expect(proposal.formatOptions).toMatchObject({ recordsAt: ["data", "list"], time: "at" });
    expect(proposal).toMatchObject({ rows: 2, rejected: 0 });
    expect(proposal.doubts[0]).toMatch(
      /^the records are taken to be in data.list, and what stands beside that goes to _extra of each/,
    );
    const undated = await propose('{"Records":[{"id":1},{"id":2}],"tags":["a"]}\n');
    expect(undated.formatOptions).toMatchObject({ recordsAt: ["Records"] });
    expect(undated.rows).toBe(2);
  });

  it("takes them from an envelope whose end is not in the sample", async () => {
    const sample = Buffer.from(`{"Records":[${'{"at":"2026-01-17T10:00:00Z"},'.repeat(3)}{"at":"20`);
    const proposal = await proposeSource(sample, true);
    expect(proposal.formatOptions).toMatchObject({ recordsAt: ["Records"], time: "at" });
    expect(proposal).toMatchObject({ rows: 3, rejected: 0 });
  });

  it("derives what a user agent is and the parts of URLs", async () => {
    const proposal = await propose(
      '{"ts":"2026-01-17T10:00:00Z","pageUrl":"https://example.com/a?b=1","ua":"curl/8.5.0","browser":"x"}\n',
    );
    expect(proposal.derive).toEqual({
      page_host: { from: "page_url", part: "host" },
      page_path: { from: "page_url", part: "path" },
      browser_2: { from: "ua", userAgent: "family" },
      device: { from: "ua", userAgent: "device" },
      is_bot: { from: "ua", userAgent: "bot" },
    });
    expectUsable(proposal);
  });

  it("knows the lines of web servers, which are no CSV although they have commas", async () => {
    const line =
      '192.0.2.1 - - [17/Jan/2026:10:00:00 +0000] "GET /a,b HTTP/1.1" 200 12 "-" "Mozilla/5.0 (KHTML, like Gecko)"\n';
    const proposal = await propose(line.repeat(5));
    expect(proposal).toMatchObject({ format: "text", rows: 5, rejected: 0, formatOptions: { time: "time" } });
    expect(proposal.doubts).toContain("client: IP addresses; say under pii what becomes of them");
    expectUsable(proposal);
  });
});

describe.skipIf(!hasSharedData)("proposeSource, on the shared files (skipped without ../shared/data)", () => {
  it.each([
    ["clickstream-json/gtm-server-events.jsonl", "json", 11, "timestamp"],
    ["clickstream-json/session-dataset.jsonl", "json", 10, "event_timestamp"],
    ["clickstream-json/nginx-plus-access.jsonl", "json", 150, "timestamp"],
    ["clickstream-json/otto-sessions.jsonl", "json", 20, undefined],
    ["csv/vega/seattle-weather.csv", "csv", 1461, "event_date"],
    ["csv/vega/airports.csv", "csv", 3376, undefined],
    ["csv/coralogix-log.csv", "csv", 2, "timestamp"],
    ["text/apache-combined-2015.log.gz", "text", 4000, "time"],
    ["text/kafka-server-2016.log", "text", 382, undefined],
    ["cloudfront/access-log-parser-33f.log", "cloudfront", undefined, undefined],
    ["alb/vrl-documented.log", "alb", undefined, undefined],
  ])("reads %s as proposed: %s, every record a row", async (file, format, rows, time) => {
    const bytes = readFileSync(join(sharedData, file));
    const proposal = await propose(file.endsWith(".gz") ? gunzipSync(bytes) : bytes);
    expect(proposal).toMatchObject({ format, rejected: 0, invalidFields: 0, ...(rows !== undefined && { rows }) });
    expect(proposal.formatOptions?.time).toBe(time);
    expectUsable(proposal);
  });
});
