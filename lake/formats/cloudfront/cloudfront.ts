/**
 * CloudFront standard logs (legacy delivery, and w3c and plain deliveries of v2): tab-separated records under a header.
 *
 * The header names the fields in their order; it may change within an object. Records without a header are read by position:
 * every generation of the format only added fields at the end. A delivery of v2 may have another delimiter than a tab, and
 * another time than `date` and `time`.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html v2
 */
import { lineScanner } from "../../rows/line-scanner.ts";
import { CARRIAGE_RETURN, firstRecordLine, HASH, LINE_FEED, latin1 } from "../ascii.ts";
import type { LogFormat } from "../format.ts";
import { columns, headerOf, INSTANT, isWholeGeneration, namesOwnFields, namesTime } from "./cloudfront-fields.ts";
import { CloudFrontFramer } from "./cloudfront-framer.ts";
import { CloudFrontReader, FIRST_GENERATION_FIELDS } from "./cloudfront-reader.ts";
import { cloudFrontOptions, withEscapes } from "./escapes-option.ts";

export const cloudfront: LogFormat = {
  name: "cloudfront",
  title: "CloudFront standard log",
  claims(head) {
    const comments = leadingComments(head);
    const header = comments.map(headerOf).find((found) => found !== undefined);
    // Other servers that write the W3C's format name themselves.
    if (comments.some((line) => line.startsWith("#Software:"))) return false;
    if (typeof header === "object") return header.some(({ column }) => column >= INSTANT);
    // Records that lack their header are rejected one by one.
    if (comments.some((line) => line.startsWith("#Version:"))) return true;
    const line = firstRecordLine(head);
    const names = headerOf(line);
    if (typeof names === "object" && namesOwnFields(names)) return true;
    return FIRST_FIELDS.test(line) && line.split("\t").length >= FIRST_GENERATION_FIELDS;
  },
  // A program on the way may have changed addresses and the like.
  accepts(head) {
    const line = firstRecordLine(head);
    return FIRST_FIELDS_CHANGED.test(line) && line.split("\t").length >= FIRST_GENERATION_FIELDS;
  },
  positional: true,
  lacks(head, record) {
    const comments = leadingComments(head);
    const line = firstRecordLine(head);
    const header = [...comments, line].map(headerOf).findLast((found) => found !== undefined);
    if (header === "unreadable" || header === "empty")
      return "its header cannot be read: expected #Fields: and the names of the fields, with spaces between them";
    if (header && !namesTime(header))
      return "its header names no time: expected date and time, or timestamp(ms), among the fields after #Fields:";
    const count = record.split("\t").length;
    if (header || isWholeGeneration(count)) return undefined;
    return `it has no header: expected a #Fields line before records of ${count} fields, which are no whole generation of CloudFront's fields`;
  },
  optionsSchema: cloudFrontOptions,
  columns: (options) => withEscapes(columns, options),
  openScanner: (_options, header) => lineScanner(new CloudFrontReader(header)),
  openFramer: () => new CloudFrontFramer(),
};

/** The lines with `#` before the first record. */
function leadingComments(head: Uint8Array): string[] {
  const comments: string[] = [];
  for (let start = 0; start < head.length; ) {
    while (head[start] === LINE_FEED || head[start] === CARRIAGE_RETURN) start++;
    const lineFeed = head.indexOf(LINE_FEED, start);
    const end = lineFeed < 0 ? head.length : lineFeed;
    const textEnd = head[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    if (head[start] === HASH) comments.push(latin1(head, start, textEnd));
    else if (textEnd > start) break;
    start = end + 1;
  }
  return comments;
}

/** The beginning of a record of any generation: date, time, edge location, bytes, address, method. */
const FIRST_FIELDS = /^\d{4}-\d{2}-\d{2}\t\d{2}:\d{2}:\d{2}\t[A-Z\d-]+\t(\d+|-)\t([\da-fA-F.:]+|-)\t[A-Za-z_-]+\t/;

const FIRST_FIELDS_CHANGED = /^\d{4}-\d{2}-\d{2}\t\d{2}:\d{2}:\d{2}\t[^\t]*\t(\d+|-)\t/;
