import { describe, expect, it } from "vitest";
import { albSample } from "../../../lake/generate/alb.ts";
import { clickstreamSample } from "../../../lake/generate/clickstream.ts";
import { cloudfrontSample } from "../../../lake/generate/cloudfront.ts";
import { samples } from "../../../lake/generate/index.ts";
import type { SampleOptions } from "../../../lake/generate/sample.ts";

const options: SampleOptions = { rows: 6000, seed: 7, firstDay: "2026-01-16", days: 2, files: 8, oddLines: 9 };

describe.each(Object.entries(samples))("sample logs of %s", (_, sample) => {
  const files = sample(options);
  const lines = files.map((file) => [...file.lines()]);

  it("are the same for the same seed and differ for another", () => {
    const again = sample(options);
    expect(again.map((file) => file.name)).toEqual(files.map((file) => file.name));
    expect(again.map((file) => [...file.lines()])).toEqual(lines);
    expect(sample({ ...options, seed: 8 }).map((file) => [...file.lines()])).not.toEqual(lines);
  });

  it("say exactly how many lines of each kind they have", () => {
    for (const [index, file] of files.entries())
      expect(lines[index]).toHaveLength(file.rows + file.comments + file.oddLines);
    expect(sum(files.map((file) => file.rows))).toBe(options.rows);
    expect(sum(files.map((file) => file.oddLines))).toBe(options.oddLines);
  });

  it("stay within their days and have both", () => {
    const dates = new Set(
      lines.flat().flatMap((line) => /(?:^|[ "])(2026-01-\d\d)[\tT]\d\d:\d\d/.exec(line)?.[1] ?? []),
    );
    expect([...dates].sort()).toEqual(["2026-01-16", "2026-01-17"]);
  });

  it("have names of their own, also when there are more files than hours", () => {
    const many = sample({ ...options, files: 1000 });
    expect(new Set(many.map((file) => file.name)).size).toBe(1000);
    expect(sum(many.map((file) => [...file.lines()].length))).toBe(
      options.rows + options.oddLines + sum(many.map((file) => file.comments)),
    );
  });

  it("refuse options that make no sense, by name", () => {
    expect(() => sample({ ...options, rows: -1 })).toThrow(/rows is -1/);
    expect(() => sample({ ...options, firstDay: "yesterday" })).toThrow(/firstDay is "yesterday"/);
    expect(() => sample({ ...options, files: 0 })).toThrow(/files is 0/);
  });
});

describe("sample logs of cloudfront", () => {
  const records = cloudfrontSample(options).flatMap((file) =>
    [...file.lines()].filter((line) => line.split("\t").length >= 33),
  );

  it("are 33 fields to a record, some with one more", () => {
    const widths = new Set(
      cloudfrontSample({ ...options, rows: 20_000 }).flatMap((file) =>
        [...file.lines()].map((line) => line.split("\t").length),
      ),
    );
    expect(widths).toEqual(new Set([1, 9, 33, 34]));
  });

  it("mix what a real distribution sees", () => {
    const statuses = new Set(records.map((line) => line.split("\t")[8]));
    for (const status of ["200", "206", "301", "302", "304", "403", "404", "502", "000"])
      expect(statuses).toContain(status);
    expect(records.some((line) => line.includes("%2520"))).toBe(true);
    expect(records.some((line) => line.split("\t")[4]!.startsWith("2001:db8:"))).toBe(true);
    expect(records.some((line) => line.split("\t")[10]!.length > 900)).toBe(true);
  });
});

describe("sample events of a clickstream", () => {
  const events = clickstreamSample({ ...options, oddLines: 0 }).flatMap((file) =>
    [...file.lines()].map((line) => JSON.parse(line) as Record<string, unknown>),
  );

  it("have 21 keys, but for what is absent, purchased or new", () => {
    const keys = new Set(events.flatMap(Object.keys));
    expect(keys.size).toBe(23);
    expect(keys).toContain("experiment");
    expect(events.filter((event) => "experiment" in event).length).toBeLessThan(60);
    expect(events.some((event) => !("referrer" in event))).toBe(true);
    expect(events.some((event) => event["user_id"] === null)).toBe(true);
  });

  it("hold what has to be taken out", () => {
    expect(events.some((event) => String(event["page_url"]).includes("%40example.com"))).toBe(true);
    expect(events.some((event) => String(event["ip"]).startsWith("2001:db8:"))).toBe(true);
  });
});

describe("sample logs of alb", () => {
  const files = albSample({ ...options, rows: 20_000 });
  const records = files.flatMap((file) => [...file.lines()].filter((line) => line.includes(" TID_")));

  it("count 30 fields on the first day and 33 from the second on", () => {
    const widths = (day: string) =>
      new Set(
        records
          .filter((line) => line.split(" ")[1]!.startsWith(day))
          .map((line) => line.match(/"[^"]*"|[^ ]+/g)!.length),
      );
    expect(widths("2026-01-16")).toEqual(new Set([30]));
    expect(widths("2026-01-17")).toEqual(new Set([33]));
  });

  it("mix the odd status codes in", () => {
    const statuses = new Set(records.map((line) => line.split(" ")[8]));
    for (const status of ["200", "301", "404", "460", "463", "500", "502", "504", "561", "-"])
      expect(statuses).toContain(status);
  });

  it("spread over the APIs of the lake's configuration and one more", () => {
    const groups = new Set(records.flatMap((line) => /targetgroup\/([\w-]+)\//.exec(line)?.[1] ?? []));
    expect([...groups].sort()).toEqual(["accounts-api", "media-upload", "orders-api", "search-api"]);
  });

  it("show the incident of the last day", () => {
    const failed = records.filter(
      (line) => line.includes("2026-01-17T14:") && / 50[24] /.test(line) && line.includes("search-api"),
    );
    expect(failed.length).toBeGreaterThan(10);
  });
});

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
