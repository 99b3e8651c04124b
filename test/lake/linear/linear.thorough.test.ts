import { describe, expect, it } from "vitest";
import type { FormatName, FormatOptions } from "../../../lake/formats/format.ts";
import { formatNamed, formatOf } from "../../../lake/formats/index.ts";
import { lineFramer } from "../../../lake/rows/line-framer.ts";
import { acceptedFormat } from "../../../lake/sources/detection.ts";
import { proposeSource } from "../../../lake/sources/infer-source.ts";
import { cutText } from "../../../lake/unpack/cut-text.ts";
import { parseText } from "../columns/parse-text.ts";
import { growingShapes } from "./growing-shapes.ts";
import { growsTooFast } from "./time-of.ts";

const shapes = Object.entries(growingShapes);
const columns = [
  { name: "id", type: "int64", upstreamName: "id" },
  { name: "time", type: "timestamp_millis", upstreamName: "time" },
];
const deliveryDate = "2026-01-17";

/** How a source of each kind is configured. */
const sources: readonly { readonly format: FormatName; readonly options?: FormatOptions }[] = [
  ...(["cloudfront", "cloudfront-json", "cloudfront-realtime", "alb", "alb-connection"] as const),
  ...(["alb-health-check", "nlb", "elb-classic", "s3-access"] as const),
].map((format) => ({ format }));
const configured: typeof sources = [
  { format: "json", options: { columns, time: "time" } },
  { format: "csv", options: { columns, time: "time" } },
  { format: "text", options: { deliveryDate } },
  { format: "text", options: { deliveryDate, continuation: "\\s" } },
  {
    format: "text",
    options: {
      deliveryDate,
      pattern: '(?P<id>.*) (?P<time>.*) (.*a){10}"(?:[^"\\\\]|\\\\.)*"',
      columns,
      continuation: "(a*)*b",
    },
  },
];

async function* blocksOf(text: Uint8Array) {
  for (let at = 0; at < text.length; at += 16 << 10) yield text.subarray(at, at + (16 << 10));
}

async function cut(format: FormatName, options: FormatOptions | undefined, text: Uint8Array): Promise<void> {
  const framer = formatNamed(format).openFramer?.(options) ?? lineFramer();
  for await (const piece of cutText(blocksOf(text), { framer })) for await (const _ of piece.bytes);
}

describe.each(shapes)("the time for %s grows as the text does", (_, textOf) => {
  it("to name the format", async () => {
    expect(await growsTooFast((text) => formatOf(text), textOf, 16 << 10)).toBe(undefined);
  });

  it.each([...sources, ...configured])("to accept it as $format", async ({ format, options }) => {
    const accept = (text: Buffer) => {
      try {
        acceptedFormat({ bucket: "b", key: "k" }, text, format, options);
      } catch (error) {
        if (!(error instanceof Error) || !["UnknownFormat", "MissingHeader", "EmptyObject"].includes(error.name))
          throw error;
      }
    };
    expect(await growsTooFast(accept, textOf, 16 << 10)).toBe(undefined);
  });

  it("to propose a source", async () => {
    expect(await growsTooFast((text) => proposeSource(text), textOf, 8 << 10)).toBe(undefined);
  });

  it.each([...sources, ...configured])("to cut and parse it as $format", async ({ format, options }) => {
    const read = async (text: Buffer) => {
      await cut(format, options, text);
      await parseText(formatNamed(format), text, options && { formatOptions: options });
    };
    expect(await growsTooFast(read, textOf, 8 << 10)).toBe(undefined);
  });
});
