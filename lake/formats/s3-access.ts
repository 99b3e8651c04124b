/**
 * S3 server access logs. Each generation added fields at the end of the list.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
 */
import { isTimeOfDay } from "../rows/calendar.ts";
import { findByte } from "../rows/find-byte.ts";
import { lineScanner } from "../rows/line-scanner.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { LineOutcome, LineReader } from "../rows/scanner.ts";
import type { ColumnDefinition } from "../rows/schema.ts";
import { ascii, firstRecordLine, latin1, MINUS, QUOTE, SPACE, startsWithAt } from "./ascii.ts";
import { column, columnFinder } from "./column-list.ts";
import type { LogFormat } from "./format.ts";
import { oddQuotes, quotedPositions, RecordFit } from "./record-fit.ts";
import { setRequestLine } from "./request-line.ts";

/** Up to `request_id`: less says neither who nor what. */
const FEWEST_FIELDS = 7;
const TIME_FIELD = 2;
const REQUESTER_FIELD = 4;
const REQUEST_FIELD = 8;
const REFERER_FIELD = 15;
const USER_AGENT_FIELD = 16;
/** Request, referer and user agent are in quotes; a record with more quotes has some within them. */
const QUOTES = 6;
const MAX_FIELDS = 256;

const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;

const onRequest = { optional: true } as const;

const columns: readonly ColumnDefinition[] = [
  column("bucket_owner"),
  column("bucket"),
  column("time", "timestamp_millis"),
  column("remote_ip"),
  column("requester"),
  column("request_id"),
  column("operation"),
  column("key"),
  column("request_verb", "string", "request_uri"),
  column("request_url", "string", "request_uri"),
  column("request_proto", "string", "request_uri"),
  column("request_domain", "string", "request_uri"),
  column("request_path", "string", "request_uri"),
  column("http_status", "int32"),
  column("error_code"),
  column("bytes_sent", "int64"),
  column("object_size", "int64"),
  column("total_time", "int64"),
  column("turn_around_time", "int64"),
  column("referer"),
  column("user_agent"),
  column("version_id"),
  column("host_id"),
  column("signature_version"),
  column("cipher_suite"),
  column("authentication_type"),
  column("host_header"),
  column("tls_version"),
  column("access_point_arn"),
  column("acl_required"),
  column("source_region"),
  // The field that is split, as it stands.
  column("request_uri", "string", "request_uri", onRequest),
];

const indexOf = columnFinder(columns);
const timeColumn = indexOf("time");
const requestColumns = {
  verb: indexOf("request_verb"),
  url: indexOf("request_url"),
  proto: indexOf("request_proto"),
  domain: indexOf("request_domain"),
  path: indexOf("request_path"),
};

/** The column that each field of a record goes to, as it stands. */
const columnOfField = Int32Array.from(
  [
    ...["bucket_owner", "bucket", "time", "remote_ip", "requester", "request_id", "operation", "key", "request_uri"],
    ...["http_status", "error_code", "bytes_sent", "object_size", "total_time", "turn_around_time", "referer"],
    ...["user_agent", "version_id", "host_id", "signature_version", "cipher_suite", "authentication_type"],
    ...["host_header", "tls_version", "access_point_arn", "acl_required"],
    "source_region",
  ],
  indexOf,
);
const quotes = quotedPositions([8, 15, 16], [3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 17, 18, 19]);
const fit = new RecordFit(columns, { time: timeColumn, quotesTexts: true });

/** Old buckets may have capitals, underscores and up to 255 characters in their names. */
const OWNER_BUCKET_AND_TIME = /^ *\S+ +[\w.-]{3,255} +\[\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} +[+-]\d{4}\] +/;
/** After a request: status, error code, four numbers, and the referer begins. */
const AFTER_REQUEST = /^" +(\d{3}|-) +[^ "]+ +(\d+|-) +(\d+|-) +(\d+|-) +(\d+|-) +["-]/;
const AFTER_REQUEST_LENGTH = 256;
/** After a user agent: version, host, signature version, cipher suite and authentication type, all without quotes. */
const AFTER_USER_AGENT = /^" +[^ "]+ +[^ "]+ +(SigV\w+|-) +[^ "]+ +(AuthHeader|QueryString|-)( +|$)/;
const AFTER_USER_AGENT_LENGTH = 2048;
/** Fields that were added later may be in quotes; there are fewer than this. */
const QUOTES_TRIED = 32;
/** `arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2EXAMPLE1` is one requester, without quotes. */
const IDENTITY_OF_CLOUDFRONT = ascii(" Origin Access Identity ");
const TIME = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-])(\d{2})(\d{2})$/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export const s3Access: LogFormat = {
  name: "s3-access",
  title: "S3 server access log",
  claims: (head) => OWNER_BUCKET_AND_TIME.test(firstRecordLine(head)),
  positional: true,
  columns: () => columns,
  openScanner: () => lineScanner(new S3AccessReader()),
};

class S3AccessReader implements LineReader {
  readonly #starts = new Int32Array(MAX_FIELDS);
  readonly #ends = new Int32Array(MAX_FIELDS);
  // Neighbours often share their second: the text of a time is kept for the next row.
  #lastTime = "";
  #lastInstant: Uint8Array | undefined;

  readLine(block: RowBlock, start: number, end: number): LineOutcome {
    const starts = this.#starts;
    const ends = this.#ends;
    const count = this.#split(block.bytes, start, end);
    if (count < 0) return "UNTERMINATED_QUOTE";
    if (count <= TIME_FIELD) return "TOO_FEW_FIELDS";
    block.startRow();
    const instant = this.#instant(latin1(block.bytes, starts[TIME_FIELD]!, ends[TIME_FIELD]!));
    if (!instant) return "INVALID_DATE";
    const time = block.addText(instant);
    if (!block.setDay(time)) return "INVALID_DATE";
    if (!isTimeOfDay(block.bytes, time + 11)) return "INVALID_TIME";
    if (count < FEWEST_FIELDS) return "TOO_FEW_FIELDS";
    block.setField(timeColumn, time, time + instant.length);
    for (let field = 0; field < Math.min(count, columnOfField.length); field++)
      if (field !== TIME_FIELD && !this.#isDash(block.bytes, field))
        block.setField(columnOfField[field]!, starts[field]!, ends[field]!);
    if (count > REQUEST_FIELD && !this.#isDash(block.bytes, REQUEST_FIELD))
      setRequestLine(block, requestColumns, starts[REQUEST_FIELD]!, ends[REQUEST_FIELD]!);
    for (let field = columnOfField.length; field < count; field++)
      block.extra.add(`extra_${field + 1}`, starts[field]!, ends[field]!);
    return fit.isShifted(block, oddQuotes(block.bytes, { starts, ends, count }, quotes)) ? "SHIFTED" : "row";
  }

  /**
   * Finds the fields: separated by spaces, the time in brackets, texts in quotes. No field is empty outside quotes. S3 does not escape a quote within a
   * text, so only a quote before a space or the end closes one; where there are too many, the following fields have to fit, too.
   *
   * @returns How many there are, or -1 when the record ends within brackets or quotes.
   */
  #split(bytes: Uint8Array, start: number, end: number): number {
    const starts = this.#starts;
    const ends = this.#ends;
    let count = 0;
    const hasQuotesWithin = countOf(bytes, QUOTE, start, end) > QUOTES;
    for (let i = start; i < end && count < MAX_FIELDS; ) {
      if (bytes[i] === SPACE) {
        i++;
        continue;
      }
      const isBracketed = bytes[i] === OPENING_BRACKET;
      const isWrapped = isBracketed || bytes[i] === QUOTE;
      const closing = isBracketed ? CLOSING_BRACKET : QUOTE;
      let j = isWrapped ? i + 1 : i;
      const known = isWrapped && hasQuotesWithin ? closingQuote(bytes, count, i, end) : -1;
      if (known >= 0) j = known;
      else if (isWrapped) while (j < end && !(bytes[j] === closing && (j + 1 === end || bytes[j + 1] === SPACE))) j++;
      else {
        j = endOfWord(bytes, j, end);
        if (count === REQUESTER_FIELD && startsWithAt(bytes, j, IDENTITY_OF_CLOUDFRONT))
          j = endOfWord(bytes, j + IDENTITY_OF_CLOUDFRONT.length, end);
      }
      if (isWrapped && j >= end) return -1;
      starts[count] = isWrapped ? i + 1 : i;
      ends[count++] = j;
      i = j + (isWrapped ? 2 : 1);
    }
    return count;
  }

  #isDash(bytes: Uint8Array, field: number): boolean {
    return this.#ends[field]! - this.#starts[field]! === 1 && bytes[this.#starts[field]!] === MINUS;
  }

  /** `06/Feb/2019:00:00:38 +0000` as `2019-02-06T00:00:38Z`; undefined when it is not a time. */
  #instant(text: string): Uint8Array | undefined {
    if (text !== this.#lastTime) {
      this.#lastTime = text;
      this.#lastInstant = instantOf(text);
    }
    return this.#lastInstant;
  }
}

function instantOf(text: string): Uint8Array | undefined {
  const [, day, monthName, year, timeOfDay, sign, hours, minutes] = TIME.exec(text) ?? [];
  const month = MONTHS.indexOf(monthName ?? "") + 1;
  if (month === 0) return undefined;
  const local = `${year}-${String(month).padStart(2, "0")}-${day}T${timeOfDay}Z`;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
  // S3 writes UTC. The row checks the date, which `Date` would carry over into the next month.
  if (offsetMs === 0) return ascii(local);
  const ms = Date.parse(local);
  return Number.isNaN(ms) ? undefined : ascii(new Date(ms - offsetMs).toISOString().replace(".000Z", "Z"));
}

/** The place of the space after a word, or the end of the record. */
function endOfWord(bytes: Uint8Array, start: number, end: number): number {
  const space = findByte(bytes, SPACE, start, end);
  return space < 0 ? end : space;
}

/** The last quote that is followed by fields without quotes; the last quote of all in old records and unknown ones. */
function endOfUserAgent(bytes: Uint8Array, at: number, last: number, end: number): number {
  for (let i = last, tries = QUOTES_TRIED; i > at && tries > 0; i = bytes.lastIndexOf(QUOTE, i - 1), tries--)
    if (AFTER_USER_AGENT.test(latin1(bytes, i, Math.min(end, i + AFTER_USER_AGENT_LENGTH)))) return i;
  return last > at && (last + 1 === end || bytes[last + 1] === SPACE) ? last : -1;
}

function countOf(bytes: Uint8Array, byte: number, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if (bytes[i] === byte) count++;
  return count;
}

/** Whether a quote is followed by spaces and another quote that is not the last one. */
function isBetweenTexts(bytes: Uint8Array, quote: number, last: number): boolean {
  let i = quote + 1;
  while (bytes[i] === SPACE) i++;
  return i > quote + 1 && i < last && bytes[i] === QUOTE;
}

/** Where a field ends that starts with the quote at `at` and may hold quotes; -1 when it cannot be told. */
function closingQuote(bytes: Uint8Array, field: number, at: number, end: number): number {
  const last = bytes.lastIndexOf(QUOTE, end - 1);
  if (field === USER_AGENT_FIELD) return endOfUserAgent(bytes, at, last, end);
  if (field !== REQUEST_FIELD && field !== REFERER_FIELD) return -1;
  for (let i = findByte(bytes, QUOTE, at + 1, last + 1); i >= 0; i = findByte(bytes, QUOTE, i + 1, last + 1)) {
    const isEnd =
      field === REFERER_FIELD
        ? isBetweenTexts(bytes, i, last)
        : AFTER_REQUEST.test(latin1(bytes, i, Math.min(end, i + AFTER_REQUEST_LENGTH)));
    if (isEnd) return i;
  }
  return -1;
}
