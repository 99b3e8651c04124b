import { describe, expect, it } from "vitest";
import { defineLake } from "../../lake/config.ts";

const lakeWith = (source: object) =>
  defineLake({ sources: { app: { prefix: "app/", ...source } as never }, alertRecipients: ["on-call@example.com"] });
const columns = [{ name: "time", type: "timestamp_millis", upstreamName: "at" }];

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
