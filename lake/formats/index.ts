/** The formats the lake reads, and which of them a text is in. */
import { alb } from "./alb.ts";
import { cloudfront } from "./cloudfront.ts";
import { csv } from "./csv.ts";
import { elbClassic } from "./elb-classic.ts";
import type { FormatName, LogFormat } from "./format.ts";
import { json } from "./json.ts";
import { nlb } from "./nlb.ts";
import { s3Access } from "./s3-access.ts";

export type { FormatName, LogFormat } from "./format.ts";

/** In the order in which they are asked: a format that claims only what is surely its own comes before a general one. */
const inOrder: readonly LogFormat[] = [cloudfront, alb, nlb, elbClassic, s3Access, json, csv];

export const formats: Readonly<Partial<Record<FormatName, LogFormat>>> = Object.fromEntries(
  inOrder.map((format) => [format.name, format]),
);

/** @throws {Error} When no such format is there; configuration is checked before. */
export function formatNamed(name: FormatName): LogFormat {
  const format = formats[name];
  if (!format) throw new Error(`No format "${name}": there are ${Object.keys(formats).join(", ")}`);
  return format;
}

/**
 * Names the format of a text by its content.
 *
 * @param head - The first bytes of the unpacked text; a few kilobytes, so that a whole record is among them.
 * @returns Undefined when no format claims it.
 */
export function formatOf(head: Uint8Array): FormatName | undefined {
  const hasMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  const text = hasMark ? head.subarray(3) : head;
  return inOrder.find((format) => format.claims(text))?.name;
}
