import { describe, expect, it } from "vitest";
import { deriveConfig } from "../../../lake/derive/rule.ts";
import { formatNamed } from "../../../lake/formats/index.ts";
import { batchOptions, sourceColumns } from "../../../lake/sources/source-format.ts";
import { parseText, readRows } from "../columns/parse-text.ts";

const deliveryDate = "2026-01-17";
const columns = [{ name: "id", type: "int64", upstreamName: "id" }];

describe("sourceColumns", () => {
  it("has derived columns after the format's and before the lake's, with what they come from", () => {
    const derive = deriveConfig.parse({
      host: { from: "url", part: "host" },
      hour: { from: "at", calendar: "hour", timeZone: "Europe/Berlin" },
      cents: { amount: { price: "price", quantity: "qty" }, decimals: 2, unit: "EUR" },
      is_bot: { from: "ua", userAgent: "bot" },
    });
    const described = sourceColumns({ format: "json", formatOptions: { columns }, derive }).map(
      ({ name, type, upstreamName }) => [name, type, upstreamName],
    );
    expect(described.slice(0, 6)).toEqual([
      ["id", "int64", "id"],
      ["host", "string", "derived: host of the URL in url"],
      ["hour", "int32", "derived: hour, 0 to 23, of at in Europe/Berlin"],
      ["cents", "int64", "derived: price times qty, in units of 0.01 EUR"],
      ["is_bot", "boolean", "derived: whether it is a bot, by the user agent in ua"],
      ["_extra", "string", expect.any(String)],
    ]);
  });
});

describe("batchOptions", () => {
  it("gives rows without an event time the day of delivery", async () => {
    for (const [format, input] of [
      ["csv", "id,x\n1,2\n"],
      ["text", "hello\n"],
      ["json", '{"id":1}\n'],
    ] as const) {
      const source = { format, formatOptions: format === "text" ? {} : { columns } };
      const formatOptions = batchOptions(source, format, deliveryDate)!;
      const { files, rejected } = await parseText(formatNamed(format), input, { formatOptions });
      expect([format, rejected, (await readRows(files)).map(({ date }) => date)]).toEqual([format, [], ["2026-01-17"]]);
    }
  });

  it("lets the source's options go first, and tells formats nothing that they do not ask for", () => {
    const source = { format: "csv", formatOptions: { columns, deliveryDate: "2026-01-01" } } as const;
    expect(batchOptions(source, "csv", deliveryDate)).toEqual(source.formatOptions);
    expect(batchOptions({ format: "cloudfront" }, "cloudfront", deliveryDate)).toBeUndefined();
    expect(batchOptions({ format: "cloudfront" }, "cloudfront-json", deliveryDate)).toBeUndefined();
    const fields = { fields: ["timestamp"] };
    expect(
      batchOptions({ format: "cloudfront-realtime", formatOptions: fields }, "cloudfront-realtime", deliveryDate),
    ).toBe(fields);
  });
});

describe("sourceColumns", () => {
  it("declares what is configured, then the lake's own", () => {
    const names = sourceColumns({ format: "csv", formatOptions: { columns } }).map(({ name }) => name);
    expect(names).toEqual(["id", "_extra", "_source_file", "_line", "_processed_at"]);
  });
});
