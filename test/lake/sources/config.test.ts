import { describe, expect, it } from "vitest";
import { defineLake, type InvalidLakeConfig } from "../../../lake/sources/config.ts";
import { DEFAULT_LIMITS, limitsOf } from "../../../lake/unpack/archive.ts";

const lakeWith = (source: object) =>
  defineLake({ sources: { app: { prefix: "app/", ...source } as never }, alertRecipients: ["on-call@example.com"] });
const columns = [{ name: "time", type: "timestamp_millis", upstreamName: "at" }];

describe("the project", () => {
  const project = (settings: object) =>
    defineLake({
      project: settings as never,
      sources: { app: { format: "alb", prefix: "app/" } },
      alertRecipients: ["on-call@example.com"],
    }).project;

  it("is sluice in eu-central-1 unless it is said", () => {
    expect(lakeWith({ format: "alb" }).project).toEqual({ name: "sluice", region: "eu-central-1" });
    expect(project({ region: "us-gov-west-1" })).toEqual({ name: "sluice", region: "us-gov-west-1" });
    expect(project({ name: "logs", region: "cn-north-1" })).toEqual({ name: "logs", region: "cn-north-1" });
  });

  it.each([
    [{ name: "Logs" }, /project\.name: is "Logs", expected lower case letters, digits and hyphens, at most 15/],
    [{ name: "a-name-that-is-long" }, /project\.name: .*at most 15/],
    [{ region: "frankfurt" }, /project\.region: is "frankfurt", expected an AWS region such as "eu-central-1"/],
    [{ region: "eu-central-1a" }, /project\.region: /],
    [{ zone: "eu" }, /project: .*zone/],
  ])("is refused as %j", (settings, message) => {
    expect(() => project(settings)).toThrow(message);
  });
});

describe("a configuration that does not hold", () => {
  const errorOf = (config: object) => {
    try {
      defineLake(config as never);
    } catch (error) {
      return error as InvalidLakeConfig;
    }
    return undefined;
  };

  it("still says what the lake is called and where, so that SST comes to the point where it shows the error", () => {
    expect(errorOf({})?.project).toEqual({ name: "sluice", region: "eu-central-1" });
    expect(errorOf({ project: { region: "cn-north-1" }, sources: 1 })?.project?.region).toBe("cn-north-1");
    expect(errorOf({ project: { region: "nowhere" } })?.project).toBeUndefined();
  });
});

describe("a source's settings", () => {
  const settings = (source: object) => lakeWith({ format: "alb", ...source }).sources.app!;

  it("have defaults", () => {
    expect(settings({})).toMatchObject({ maxReceives: 5, crawler: false });
    const daily = { schedule: "cron(30 0 * * ? *)", timeZone: "UTC" };
    expect(settings({ crawler: true }).crawler).toEqual(daily);
    expect(settings({ crawler: {} }).crawler).toEqual(daily);
    expect(settings({ crawler: { timeZone: "Asia/Tokyo" } }).crawler).toEqual({ ...daily, timeZone: "Asia/Tokyo" });
  });

  it.each([
    [{ maxReceives: 0 }, /sources\.app\.maxReceives: is 0, expected number to be >=1$/],
    [{ crawler: "daily" }, /sources\.app\.crawler: is "daily", expected true, false, or \{ schedule: "cron/],
    [{ crawler: { hour: 6 } }, /sources\.app\.crawler: is \{"hour":6\}, expected no "hour"/],
    [{ owner: "us" }, /sources\.app: is \{.*\}, expected no "owner"/],
    [{ prefix: undefined }, /sources\.app\.prefix: is undefined, expected string$/],
    [
      { crawler: { schedule: "cron(0 25 * * ? *)" } },
      /sources\.app\.crawler\.schedule: is "cron\(0 25 .*the hour is from 0 to 23/,
    ],
    [{ crawler: { timeZone: "+01:00" } }, /sources\.app\.crawler\.timeZone: is "\+01:00", expected an IANA time zone/],
    [{ steward: "" }, /sources\.app\.steward: is "", expected/],
    [{ contact: "a\u0007b" }, /sources\.app\.contact: .*expected a text without control characters/],
    [{ description: "é".repeat(1025) }, /sources\.app\.description: .*expected a text of at most 2048 bytes/],
  ])("are refused as %j", (source, message) => {
    expect(() => settings(source)).toThrow(message);
  });
});

describe("what the lake keeps", () => {
  const report = {
    kind: "alb-daily" as const,
    source: "app",
    title: "Daily",
    timeZone: "UTC",
    schedule: "cron(0 6 * * ? *)",
    recipients: ["a@example.com"],
    linkDays: 30,
  };
  const lake = (retention: object, concurrency: object = {}) =>
    defineLake({
      sources: { app: { format: "alb", prefix: "app/" } },
      reports: { daily: report },
      alertRecipients: ["a@example.com"],
      retention,
      concurrency,
    });

  it("is everything unless it is said", () => {
    const { retention, concurrency } = lake({});
    expect([retention.rawDays, retention.reportDays]).toEqual([undefined, undefined]);
    expect(concurrency.reserved).toEqual({});
  });

  it.each([
    [{ rawDays: 0 }, /retention\.rawDays: is 0/],
    [{ reportDays: 1.5 }, /retention\.reportDays: is 1\.5/],
    [{ reportDays: 29 }, /reports\.daily\.linkDays: is 30, expected at most retention\.reportDays, 29/],
  ])("is not %j", (retention, message) => {
    expect(() => lake(retention)).toThrow(message);
    expect(() => lake({ rawDays: 1, reportDays: 30 })).not.toThrow();
  });

  it("cannot set no copy of a function aside, which would stop it", () => {
    expect(() => lake({}, { reserved: { parse: 0 } })).toThrow(/concurrency\.reserved\.parse: is 0/);
  });
});

describe("a source's formatOptions", () => {
  it.each([
    { format: "json", formatOptions: { columns, time: "time", recordsAt: ["Records"] } },
    { format: "csv", formatOptions: { columns, delimiter: ";" } },
    { format: "text" },
    { format: "cloudfront-realtime", formatOptions: { fields: ["timestamp", "c-ip"] } },
  ])("hold: %o", (source) => {
    expect(lakeWith(source).sources.app).toMatchObject(source);
  });

  it.each([
    [
      { format: "alb", formatOptions: {} },
      /sources\.app\.formatOptions: is \{\}, expected nothing: alb has no options/,
    ],
    [{ format: "csv", formatOptions: { delimiter: "x" } }, /sources\.app\.formatOptions\.delimiter: is "x"/],
    [
      { format: "json", formatOptions: { columns, time: "when" } },
      /formatOptions\.time: is "when", expected the name of/,
    ],
    [
      { format: "json", formatOptions: { columns: [...columns, ...columns] } },
      /formatOptions\.columns: .*names that are all different/,
    ],
    [
      { format: "csv", formatOptions: { columns: [{ ...columns[0], name: "date" }] } },
      /formatOptions\.columns\.0\.name: is "date", expected another name/,
    ],
    [{ format: "text", formatOptions: { pattern: "(" } }, /formatOptions\.pattern: is "\(", expected a regular/],
    [{ format: "cloudfront-realtime", formatOptions: { fields: ["c-ip"] } }, /formatOptions\.fields: .*"timestamp"/],
    [{ format: "csv", formatOptions: { separator: ";" } }, /sources\.app\.formatOptions: .*separator/],
  ])("do not hold: %o", (source, message) => {
    expect(() => lakeWith(source)).toThrow(message);
  });
});

describe("a source's derived columns", () => {
  const json = {
    format: "json",
    formatOptions: {
      columns: [
        ...columns,
        { name: "url", type: "string", upstreamName: "url" },
        { name: "price", type: "double", upstreamName: "price" },
        { name: "day", type: "date", upstreamName: "day" },
      ],
      time: "time",
    },
  };
  const derive = (rules: object, source: object = json) => lakeWith({ ...source, derive: rules });

  it("hold for columns of the format", () => {
    const rules = {
      host: { from: "url", part: "host" },
      section: { from: "url", segment: 1 },
      campaign: { from: "url", parameter: "utm_campaign" },
      hour: { from: "time", calendar: "hour", timeZone: "Europe/Berlin" },
      week: { from: "day", calendar: "isoWeek" },
      cents: { amount: { price: "price" }, decimals: 2, unit: "EUR" },
    };
    expect(Object.keys(derive(rules).sources.app!.derive!)).toEqual(Object.keys(rules));
    const logs = derive({ q: { from: "cs_uri_query", parameter: "q", in: "query" } }, { format: "cloudfront" });
    expect(logs.sources.app!.derive!.q).toEqual({
      kind: "parameter",
      from: "cs_uri_query",
      parameter: "q",
      in: "query",
    });
  });

  it.each([
    [{ host: { from: "uri", part: "host" } }, /derive\.host\.from: is "uri", expected the name of a text column: url/],
    [{ host: { from: "price", part: "host" } }, /derive\.host\.from: is "price", expected the name of a text column/],
    [{ host: { from: "url", part: "port" } }, /derive\.host\.part: is "port", expected .*"scheme"/],
    [{ host: { part: "host" } }, /derive\.host\.from: is undefined, expected the column that is read/],
    [{ host: { from: "url" } }, /derive\.host: is \{"from":"url"\}, expected exactly one of part, segment, parameter/],
    [
      { host: { from: "url", part: "host", segment: 1 } },
      /derive\.host: .*expected exactly one of part, segment, parameter/,
    ],
    [
      { host: { from: "url", part: "host", decimals: 2 } },
      /derive\.host\.decimals: is 2, expected nothing: part takes from/,
    ],
    [{ host: { from: "url", port: 1 } }, /derive\.host: .*"port"/],
    [{ url: { from: "url", part: "host" } }, /derive\.url: is "url", expected a name that no column of the format has/],
    [{ date: { from: "time", calendar: "date" } }, /derive\.date: .*another name than "date"/],
    [{ _host: { from: "url", part: "host" } }, /derive\._host: .*lower snake case/],
    [
      { hour: { from: "day", calendar: "hour" } },
      /derive\.hour\.from: is "day", expected the name of a timestamp column: time/,
    ],
    [
      { hour: { from: "time", calendar: "hour", timeZone: "Mars" } },
      /derive\.hour\.timeZone: is "Mars", expected an IANA time zone/,
    ],
    [{ cents: { amount: { price: "price" } } }, /derive\.cents\.decimals: is undefined, expected how many decimals/],
    [
      { cents: { amount: { price: "cost" }, decimals: 2 } },
      /derive\.cents\.amount\.price: is "cost", expected the name of/,
    ],
    [
      { cents: { amount: { items: "price", price: "p" }, decimals: 2 } },
      /derive\.cents\.amount\.items: is "price", expected/,
    ],
  ])("do not hold: %j", (rules, message) => {
    expect(() => derive(rules)).toThrow(message);
  });
});

describe("a source's limits of unpacking", () => {
  it("are those of the lake unless it has its own", () => {
    const limits = (source: object) => limitsOf(lakeWith({ format: "alb", ...source }).sources.app!);
    expect(limits({})).toEqual(DEFAULT_LIMITS);
    expect(limits({ maxUnpackedBytes: 1000, maxUnpackedRatio: 2000 })).toEqual({
      ...DEFAULT_LIMITS,
      maxBytes: 1000,
      maxRatio: 2000,
    });
    expect(() => limits({ maxUnpackedBytes: 0 })).toThrow(/sources\.app\.maxUnpackedBytes: is 0/);
  });
});
