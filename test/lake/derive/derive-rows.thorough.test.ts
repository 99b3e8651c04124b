import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { albText, cloudFrontText } from "../../../bench/columns/generate.ts";
import { openKernelEngine } from "../../../lake/columns/kernel-engine.ts";
import type { ParseOptions } from "../../../lake/columns/parse.ts";
import { openReferenceEngine } from "../../../lake/columns/reference/reference-engine.ts";
import { deriveTransforms } from "../../../lake/derive/derive-rows.ts";
import { derivedColumns } from "../../../lake/derive/derived-columns.ts";
import { deriveConfig } from "../../../lake/derive/rule.ts";
import type { FormatName, FormatOptions } from "../../../lake/formats/format.ts";
import { formatNamed } from "../../../lake/formats/index.ts";
import { tableColumns } from "../../../lake/rows/schema.ts";
import { runs, size } from "../../tiers/depth.ts";
import { parseText, pieceOf, readRows } from "../columns/parse-text.ts";

interface Derived {
  format: FormatName;
  formatOptions?: FormatOptions;
  derive: Parameters<typeof deriveConfig.parse>[0];
}

/** Parses a text with the derived columns of a source, in one of the engines. */
function parseDerived(
  { format: name, formatOptions, derive }: Derived,
  text: Parameters<typeof parseText>[1],
  more: Partial<ParseOptions> = {},
) {
  const format = formatNamed(name);
  const rules = deriveConfig.parse(derive);
  const columns = format.columns(formatOptions);
  return parseText(format, text, {
    ...(formatOptions && { formatOptions }),
    derivedColumns: derivedColumns(rules),
    transforms: deriveTransforms(rules, columns),
    columns: tableColumns(columns, derivedColumns(rules)),
    ...more,
  });
}

/** The derived columns of each row, the same by both engines. */
async function derivedRows(source: Derived, text: Parameters<typeof parseText>[1], more: Partial<ParseOptions> = {}) {
  const kernel = await parseDerived(source, text, { ...more, codec: "UNCOMPRESSED", openEngine: openKernelEngine });
  const reference = await parseDerived(source, text, {
    ...more,
    codec: "UNCOMPRESSED",
    openEngine: openReferenceEngine,
  });
  expect([...kernel.files.keys()]).toEqual([...reference.files.keys()]);
  for (const [date, bytes] of reference.files)
    expect(Buffer.compare(bytes, kernel.files.get(date)!), `the bytes of ${date}`).toBe(0);
  expect(kernel.invalidFields).toBe(reference.invalidFields);
  const names = Object.keys(source.derive as object);
  const rows = (await readRows(kernel.files)).sort((a, b) => Number(a._line) - Number(b._line));
  return { rows, derived: rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]]))) };
}

const clickstream: Derived = {
  format: "json",
  formatOptions: {
    columns: [
      { name: "at", type: "timestamp_micros", upstreamName: "at" },
      { name: "page_url", type: "string", upstreamName: "url" },
      { name: "user_agent", type: "string", upstreamName: "ua" },
      { name: "price", type: "double", upstreamName: "price" },
      { name: "quantity", type: "int32", upstreamName: "qty" },
      { name: "items", type: "string", upstreamName: "items" },
    ],
    time: "at",
  },
  derive: {
    host: { from: "page_url", part: "host" },
    path: { from: "page_url", part: "path" },
    section: { from: "page_url", segment: 1 },
    utm_source: { from: "page_url", parameter: "utm_source" },
    browser: { from: "user_agent", userAgent: "family" },
    device: { from: "user_agent", userAgent: "device" },
    is_bot: { from: "user_agent", userAgent: "bot" },
    hour: { from: "at", calendar: "hour" },
    local_date: { from: "at", calendar: "date", timeZone: "Europe/Berlin" },
    local_hour: { from: "at", calendar: "hour", timeZone: "Europe/Berlin" },
    weekday: { from: "at", calendar: "weekday", timeZone: "Europe/Berlin" },
    iso_week: { from: "at", calendar: "isoWeek", timeZone: "Europe/Berlin" },
    revenue: { amount: { price: "price", quantity: "quantity" }, decimals: 2, unit: "EUR" },
    basket: { amount: { items: "items", price: "p", quantity: "n" }, decimals: 2 },
  },
};

describe("derived columns", () => {
  it("are filled from each record of a clickstream", async () => {
    const records = [
      {
        at: "2026-03-29T22:30:00+02:00",
        url: "https://Shop.example/shoes/7?utm_source=news%20letter",
        ua: "curl/8.5.0",
        price: 4.35,
        qty: 100,
        items: [
          { p: 19.99, n: 2 },
          { p: "0.01", n: 1 },
        ],
      },
      { at: 1_767_222_000, url: "nowhere", ua: "", price: "free", qty: 1, items: "none" },
      { at: "2026-01-01T00:00:00Z", url: null, items: [] },
    ];
    const { derived } = await derivedRows(clickstream, records.map((record) => JSON.stringify(record)).join("\n"));
    const empty = Object.fromEntries(Object.keys(clickstream.derive as object).map((name) => [name, null]));
    expect(derived).toEqual([
      {
        host: "shop.example",
        path: "/shoes/7",
        section: "shoes",
        utm_source: "news letter",
        browser: "curl",
        device: null,
        is_bot: true,
        hour: 20,
        local_date: new Date("2026-03-29"),
        local_hour: 22,
        weekday: 7,
        iso_week: 13,
        revenue: 43_500n,
        basket: 3999n,
      },
      // 2025-12-31T23:00:00Z is New Year in Berlin.
      { ...empty, hour: 23, local_date: new Date("2026-01-01"), local_hour: 0, weekday: 4, iso_week: 1 },
      { ...empty, hour: 0, local_date: new Date("2026-01-01"), local_hour: 1, weekday: 4, iso_week: 1, basket: 0n },
    ]);
  });

  it("leave nothing behind in _extra, whatever they are derived from", async () => {
    const { rows } = await derivedRows(
      clickstream,
      `{"at":"1970-01-01T00:00:00Z","url":"::","ua":"x","price":"free","qty":1,"items":"[{}]","new":1}`,
    );
    expect(rows).toMatchObject([{ _extra: '{"new":1,"price":"free"}' }]);
  });

  it("read CloudFront's fields with its escapes undone, once", async () => {
    const source: Derived = {
      format: "cloudfront",
      derive: {
        browser: { from: "cs_user_agent", userAgent: "family" },
        referer_host: { from: "cs_referer", part: "host" },
        referer_path: { from: "cs_referer", part: "path" },
        q: { from: "cs_uri_query", parameter: "q", in: "query" },
        extension: { from: "cs_uri_stem", part: "extension" },
        weekday: { from: "time", calendar: "weekday" },
      },
    };
    const header = "#Fields: date time cs(Referer) cs(User-Agent) cs-uri-query cs-uri-stem";
    const text = [
      header,
      "2026-01-17\t10:00:00\thttps://a.example/x%2520y\tMozilla/5.0%20(X11;%20Linux%20x86_64;%20rv:144.0)%20Gecko/20100101%20Firefox/144.0\tq=a%252Bb%26c=1\t/img/a%2Epng",
      "2026-01-17\t10:00:01\t-\t-\t-\t-",
    ].join("\n");
    const { derived } = await derivedRows(source, `${text}\n`);
    expect(derived).toEqual([
      {
        browser: "Firefox",
        referer_host: "a.example",
        referer_path: "/x%20y",
        q: "a+b",
        extension: "png",
        weekday: 6,
      },
      { browser: null, referer_host: null, referer_path: null, q: null, extension: null, weekday: 6 },
    ]);
  });

  it.each([
    {
      name: "CloudFront",
      text: cloudFrontText,
      source: {
        format: "cloudfront",
        derive: {
          host: { from: "cs_referer", part: "host" },
          path: { from: "cs_referer", part: "path" },
          browser: { from: "cs_user_agent", userAgent: "family" },
          is_bot: { from: "cs_user_agent", userAgent: "bot" },
          local_hour: { from: "time", calendar: "hour", timeZone: "America/New_York" },
        },
      } satisfies Derived,
    },
    {
      name: "ALB",
      text: albText,
      source: {
        format: "alb",
        derive: {
          section: { from: "request_url", segment: 1 },
          path: { from: "request_url", part: "path" },
          device: { from: "user_agent", userAgent: "device" },
          hour: { from: "time", calendar: "hour" },
        },
      } satisfies Derived,
    },
  ])("are the same by kernel and reference for lines of $name", async ({ source, text }) => {
    const input = Buffer.concat([...text({ rows: size(12_000, 3_000), seed: 5 })]);
    const { rows, derived } = await derivedRows(source, input, { rowGroupRows: size(5_000, 1_250) });
    const { files } = await parseText(formatNamed(source.format), input);
    const plain = (await readRows(files)).sort((a, b) => Number(a._line) - Number(b._line));
    // Nothing else has changed.
    const names = Object.keys(source.derive);
    const others = (row: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
    expect(rows.map(others)).toEqual(plain);
    for (const name of names) expect(new Set(derived.map((row) => row[name])).size).toBeGreaterThan(1);
  });

  it("do not depend on how the text is cut", async () => {
    // In the thorough tier more texts than are remembered.
    const lines = Array.from({ length: size(100_000, 15_000) }, (_, i) => {
      const n = (i * 7919) % 70_001;
      const space = n % 3 === 0 ? "%20" : "";
      return `2026-01-17\t10:00:00\thttps://h${n}.example/p${space}/${n}\tagent/${n % 11}`;
    });
    const text = Buffer.from(`#Fields: date time cs(Referer) cs(User-Agent)\n${lines.join("\n")}\n`);
    const source: Derived = {
      format: "cloudfront",
      derive: {
        host: { from: "cs_referer", part: "host" },
        path: { from: "cs_referer", part: "path" },
        browser: { from: "cs_user_agent", userAgent: "family" },
      },
    };
    const { derived } = await derivedRows(source, text);
    for (const [i, { host, path, browser }] of derived.entries()) {
      const n = (i * 7919) % 70_001;
      if (host !== `h${n}.example` || path !== `/p${n % 3 === 0 ? " " : ""}/${n}` || browser !== "agent")
        expect.fail(`row ${i}: ${host} ${path} ${browser}`);
    }
    const cut = { ...pieceOf(text), bytes: [text.subarray(0, 600_003), text.subarray(600_003)] };
    const { files } = await parseDerived(source, [cut], { codec: "UNCOMPRESSED" });
    const whole = await parseDerived(source, text, { codec: "UNCOMPRESSED" });
    for (const [date, bytes] of whole.files) expect(Buffer.compare(bytes, files.get(date)!)).toBe(0);
  });

  it("take values of any length and any bytes", async () => {
    const value = fc.oneof(
      fc.webUrl({ withQueryParameters: true }),
      fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.replace(/[\t\r\n]/g, " ")),
      fc.constantFrom(
        "-",
        "",
        "%",
        "%00",
        "/",
        `https://x.example/${"long/".repeat(4000)}%41.html?q=${"y".repeat(9000)}`,
      ),
    );
    const line = fc.tuple(value, value).map(([url, agent]) => `2026-01-17\t10:00:00\t${url}\t${agent}`);
    const source: Derived = {
      format: "cloudfront",
      derive: {
        host: { from: "cs_referer", part: "host" },
        extension: { from: "cs_referer", part: "extension" },
        q: { from: "cs_referer", parameter: "q" },
        segment: { from: "cs_referer", segment: 3 },
        browser: { from: "cs_user_agent", userAgent: "family" },
      },
    };
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 30 }), async (lines) => {
        const { derived } = await derivedRows(
          source,
          `#Fields: date time cs(Referer) cs(User-Agent)\n${lines.join("\n")}\n`,
        );
        expect(derived).toHaveLength(lines.length);
      }),
      { numRuns: runs(150) },
    );
  });

  it("are null where a sibling format lacks the column", async () => {
    const cloudfrontJson = formatNamed("cloudfront-json");
    const rules = deriveConfig.parse({ host: { from: "no_such_column", part: "host" } });
    const { files } = await parseText(cloudfrontJson, '{"date":"2026-01-17","time":"10:00:00","cs-method":"GET"}\n', {
      derivedColumns: derivedColumns(rules),
      transforms: deriveTransforms(rules, cloudfrontJson.columns()),
      columns: tableColumns(cloudfrontJson.columns(), derivedColumns(rules)),
    });
    expect(await readRows(files)).toMatchObject([{ cs_method: "GET", host: null }]);
  });
});
