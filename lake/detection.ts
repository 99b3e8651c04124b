/** Whether a source takes an object, judged by how its text begins. */
import { MissingHeader, UnknownFormat } from "./errors.ts";
import { type FormatName, formatOf } from "./formats/index.ts";
import type { ObjectRef } from "./object-ref.ts";

/** A CloudFront record of too few fields to be read by its positions. */
const RECORD_WITHOUT_HEADER = /^\d{4}-\d{2}-\d{2}\t/;

/**
 * @param head - The first bytes of the object's text.
 * @param expected - The format that the source is configured for.
 * @returns The format.
 * @throws {UnknownFormat} When the text is in no format that we know, or in another one than the source's.
 * @throws {MissingHeader} When these are records that cannot be named without one.
 */
export function acceptedFormat(object: ObjectRef, head: Uint8Array, expected: FormatName): FormatName {
  const format = formatOf(head);
  if (format === expected) return format;
  const text = new TextDecoder().decode(head.subarray(0, 240));
  if (format) throw new UnknownFormat(object, text, ` as that of its source, ${expected}: it is ${format}`);
  if (expected === "cloudfront" && RECORD_WITHOUT_HEADER.test(text))
    throw new MissingHeader(object, "a #Fields line before records of fewer fields than CloudFront ever wrote");
  throw new UnknownFormat(object, text);
}
