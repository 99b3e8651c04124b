/** The formats the lake reads, and which of them a text is in. */

import { CARRIAGE_RETURN, HASH, LINE_FEED } from "./ascii.ts";
import { cloudfront } from "./cloudfront/cloudfront.ts";
import { cloudfrontJson } from "./cloudfront/cloudfront-json.ts";
import { cloudfrontRealtime } from "./cloudfront/cloudfront-realtime.ts";
import { csv } from "./csv/csv.ts";
import type { FormatName, LogFormat } from "./format.ts";
import { json } from "./json/json.ts";
import { alb } from "./load-balancers/alb.ts";
import { albConnection } from "./load-balancers/alb-connection.ts";
import { albHealthCheck } from "./load-balancers/alb-health-check.ts";
import { elbClassic } from "./load-balancers/elb-classic.ts";
import { nlb } from "./load-balancers/nlb.ts";
import { s3Access } from "./s3-access.ts";
import { text as textLines } from "./text.ts";

export type { FormatName, LogFormat } from "./format.ts";

/** In the order in which they are asked: a format whose texts cannot be mistaken comes before a general one. */
const inOrder: readonly LogFormat[] = [
  cloudfront,
  cloudfrontRealtime,
  alb,
  nlb,
  albConnection,
  albHealthCheck,
  elbClassic,
  s3Access,
  cloudfrontJson,
  json,
  csv,
  textLines,
];

const general: ReadonlySet<LogFormat> = new Set([json, csv, textLines]);

/** Formats whose lines are in no other format's text. */
const unmistakable = inOrder.filter((format) => !general.has(format));

export const formats: Readonly<Partial<Record<FormatName, LogFormat>>> = Object.fromEntries(
  inOrder.map((format) => [format.name, format]),
);

export const formatNames = inOrder.map(({ name }) => name);

/** @throws {Error} When there is no such format; configuration is checked earlier. */
export function formatNamed(name: FormatName): LogFormat {
  const format = formats[name];
  if (!format) throw new Error(`No format "${name}": there are ${Object.keys(formats).join(", ")}`);
  return format;
}

/** Lines that are tried when no format claims the first one, and how much text each format may look at from there. */
const LINES_TRIED = 64;
const TRIED_BYTES = 16 << 10;

/**
 * Names the format of a text by its content. When no format claims the beginning, the next lines are tried: a broken line
 * costs only itself, even when it is the first. Blank lines are skipped, and the number of tries is limited: the time grows
 * as the text does.
 *
 * @param head - The first bytes of the unpacked text; a few kilobytes, so that a whole record is among them.
 * @returns Undefined when no format claims it.
 */
export function formatOf(head: Uint8Array): FormatName | undefined {
  const hasMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  const text = hasMark ? head.subarray(3) : head;
  const whole = inOrder.find(({ claims }) => claims(text));
  if (whole) return whole.name;
  let wasRemark = text[0] === HASH;
  for (let tries = 0, start = text.indexOf(LINE_FEED) + 1; tries < LINES_TRIED && start > 0; ) {
    const next = text.indexOf(LINE_FEED, start) + 1;
    // After a remark the formats have judged the text already, with the remark.
    if (!isBlank(text, start) && !wasRemark) {
      const rest = text.subarray(start, start + TRIED_BYTES);
      const format = unmistakable.find(({ claims }) => claims(rest));
      if (format) return format.name;
      tries++;
    }
    wasRemark = text[start] === HASH;
    start = next;
  }
  return undefined;
}

/** Whether a line has no text, or is not there. */
function isBlank(text: Uint8Array, start: number): boolean {
  const byte = text[start];
  return byte === undefined || byte === LINE_FEED || (byte === CARRIAGE_RETURN && text[start + 1] === LINE_FEED);
}

/** Whether a text that this format claims cannot be in another format. */
export function isUnmistakable(name: FormatName): boolean {
  return !general.has(formatNamed(name));
}

/**
 * Whether rows of one format can be in the table of another: the same columns, in the same order. The general formats never share
 * a table, as a source's options define it.
 */
export function sharesTable(a: FormatName, b: FormatName): boolean {
  if (a === b) return true;
  if (!isUnmistakable(a) || !isUnmistakable(b)) return false;
  const columnsOf = (name: FormatName) =>
    formatNamed(name)
      .columns()
      .filter(({ optional }) => !optional)
      .map((column) => `${column.name} ${column.type}`)
      .join();
  return columnsOf(a) === columnsOf(b);
}
