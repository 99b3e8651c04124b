/** Decides whether a source accepts an object, by the beginning of its text. */

import { EmptyObject, MissingHeader, UnknownFormat } from "../errors.ts";
import { binaryKindOf, isBinary } from "../formats/binary-kind.ts";
import type { FormatOptions } from "../formats/format.ts";
import { type FormatName, formatNamed, formatOf, isUnmistakable, sharesTable } from "../formats/index.ts";
import type { ObjectRef } from "../object-ref.ts";
import { firstRecords } from "./first-records.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Formats that read a CR as a line end, or ignore it. */
const READ_ANY_LINE_END: ReadonlySet<FormatName> = new Set(["csv", "json", "cloudfront-json"]);

/** A CloudFront record of too few fields to be read by position. */
const RECORD_WITHOUT_HEADER = /^(#.*\r?\n)*\d{4}-\d{2}-\d{2}\t/;

/** The text of the `ELBAccessLogTestFile` and `ELBConnectionLogTestFile` of each load balancer. */
const TEST_FILE = /^Enable \w+ for ELB\b/;
const TEST_FILE_EXPLAINED = "is the file by which a load balancer tries whether it may write here";

const LOOK_AT_IT =
  'Fetch it and let "sluice sources infer" propose a source for it; a source of format text takes any lines';
const NO_TEXT = "It is no text: unpack it, or convert it to text, JSON or Parquet";

/**
 * Chooses the format in which an object is read.
 *
 * @param head - The first bytes of the object's text.
 * @param expected - The format that the source is configured for. The bytes decide; it only counts where they leave it open.
 * @param options - The source's options for that format.
 * @param mayQuote - Whether an error may quote the beginning of the text.
 * @returns The expected format, or one whose rows go to the same table.
 * @throws {UnknownFormat} When the text is in an unknown format, or in one with another table.
 * @throws {MissingHeader} When the fields of the records cannot be named.
 * @throws {EmptyObject} When it is the file by which a load balancer tries whether it may write.
 */
export function acceptedFormat(
  object: ObjectRef,
  head: Uint8Array,
  expected: FormatName,
  options?: FormatOptions,
  mayQuote = true,
): FormatName {
  const text = new TextDecoder().decode(head.subarray(0, 240));
  const quoted = mayQuote ? text : undefined;
  const encoding = wideEncoding(head);
  if (encoding)
    throw new UnknownFormat(
      object,
      undefined,
      `: its text is ${encoding}, and only UTF-8 is read. Convert it to UTF-8`,
    );
  const kind = binaryKindOf(head);
  if (kind) throw new UnknownFormat(object, undefined, `: it is ${kind}`);
  if (TEST_FILE.test(text) && expected !== "text") throw new EmptyObject(object, TEST_FILE_EXPLAINED);
  const markup = markupKindOf(text);
  if (markup && expected !== "text") throw new UnknownFormat(object, quoted, `: it is ${markup}`);
  const format = formatOf(head);
  if (hasBareReturns(head) && !READ_ANY_LINE_END.has(expected) && !(format && READ_ANY_LINE_END.has(format)))
    throw new UnknownFormat(object, quoted, ": its lines end in CR alone. Convert them to LF or CR LF");
  if (format && sharesTable(format, expected)) {
    checkFirstRecords(object, head, format, format === expected ? options : undefined, quoted);
    return format;
  }
  // A source of format text takes any lines, whatever else they could be.
  const isOpen = !format || !isUnmistakable(format) || expected === "text";
  if (isOpen && formatNamed(expected).accepts?.(head, options)) {
    checkFirstRecords(object, head, expected, options, quoted);
    return expected;
  }
  if (format)
    throw new UnknownFormat(
      object,
      quoted,
      ` as that of its source, ${expected}: it is ${format}. Put it under a source for that`,
    );
  if (expected === "cloudfront" && RECORD_WITHOUT_HEADER.test(text))
    throw new MissingHeader(
      object,
      "it has no header: expected a #Fields line before records of fewer fields than CloudFront ever wrote",
    );
  if (text.trim() === "") throw new UnknownFormat(object, undefined, ": it begins with nothing but white space");
  throw new UnknownFormat(object, quoted, "", isBinary(head) ? NO_TEXT : LOOK_AT_IT);
}

/** Refuses an object of which most first records have fields that nobody can name or place: the others will be the same. */
function checkFirstRecords(
  object: ObjectRef,
  head: Uint8Array,
  name: FormatName,
  options: FormatOptions | undefined,
  quoted: string | undefined,
): void {
  const format = formatNamed(name);
  if (!format.positional) {
    const lack = format.lacks?.(head, "", options);
    if (lack) throw new MissingHeader(object, lack);
    return;
  }
  const { rows, rejected, misplaced, example } = firstRecords(head, format, options);
  if (2 * misplaced <= rows + rejected) return;
  const lack = format.lacks?.(head, example, options);
  if (lack) throw new MissingHeader(object, lack);
  const detail = `, which looks like a ${format.title}: ${misplaced} of its first ${rows + rejected} records do not fit the columns of one, as a field is missing or one too many`;
  throw new UnknownFormat(object, quoted, detail, "Deliver it as AWS writes it, or read it as text with a pattern");
}

/**
 * The same for a Parquet file, whose rows are read as JSON records.
 *
 * @param keys - Keys of the records.
 * @param mayQuote - Whether an error may name them: the sender chose them.
 */
export function acceptedParquet(
  object: ObjectRef,
  keys: readonly string[],
  expected: FormatName,
  mayQuote = true,
): FormatName {
  const record = Buffer.from(`${JSON.stringify(Object.fromEntries(keys.map((key) => [key, ""])))}\n`);
  const format = formatOf(record);
  if (format && sharesTable(format, expected)) return format;
  const names = keys.slice(0, 8).join(", ") + (keys.length > 8 ? ", …" : "");
  const columns = mayQuote ? `the columns ${names}` : `${keys.length} columns`;
  const detail = `: it is Parquet with ${columns}, and its source, ${expected}, reads none such`;
  throw new UnknownFormat(object, undefined, detail);
}

/** Whether a text has no whole line. */
export function hasNoWholeLine(text: Uint8Array): boolean {
  return text.indexOf(LINE_FEED) < 0;
}

/** Whether lines end in carriage returns alone: read as usual, all of it would be one line. */
function hasBareReturns(head: Uint8Array): boolean {
  return head.indexOf(LINE_FEED) < 0 && head.subarray(0, -1).indexOf(CARRIAGE_RETURN) >= 0;
}

/** Names markup that a server sends instead of a file: a page, or an error of AWS. */
function markupKindOf(text: string): string | undefined {
  const start = text.replace(/^\ufeff/, "").trimStart();
  if (/^<(!doctype html|html|head|body)\b/i.test(start))
    return "an HTML page. Its sender uploaded what a server answered";
  if (/^(<\?xml[^>]*>\s*)?<Error>\s*<Code>/.test(start))
    return "an error of AWS in XML. Its sender uploaded what a server answered";
  return /^<(\?xml\b|[A-Za-z][\w:.-]*[\s/>])/.test(start)
    ? "an XML document. Deliver text, JSON or Parquet"
    : undefined;
}

/** Names UTF-16 and UTF-32 by their byte order mark, or by the NULs that they give ASCII text. */
export function wideEncoding(head: Uint8Array): string | undefined {
  const [first, second, third, fourth] = head;
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? "UTF-32" : "UTF-16";
  if (first === 0xfe && second === 0xff) return "UTF-16";
  const sample = head.subarray(0, 64);
  if (sample.length < 8) return undefined;
  const nulsAt = (parity: number) => sample.filter((byte, i) => i % 2 === parity && byte === 0).length;
  const [even, odd] = [nulsAt(0), nulsAt(1)];
  const isHalf = (nuls: number, others: number) => nuls > sample.length * 0.4 && others === 0;
  return isHalf(even, odd) || isHalf(odd, even) ? "UTF-16" : undefined;
}
