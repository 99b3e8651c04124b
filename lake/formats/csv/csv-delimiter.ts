/** The lines before the header of delimited text, and the character between its fields. */
import { findByte } from "../../rows/find-byte.ts";
import { CARRIAGE_RETURN, COMMA, HASH, LINE_FEED, latin1, QUOTE, SPACE } from "../ascii.ts";
import { CsvFields, INCOMPLETE, MAX_QUOTED_LINES } from "./csv-fields.ts";
import { ConfiguredNames } from "./csv-names.ts";

/** Where several are equally good, the comma comes last, as it is in many texts. */
export const DELIMITERS = ["\t", ";", "|", ","] as const;

/** Where a first line has several delimiters, the records in this much text decide between them. */
export const SAMPLE_BYTES = 8 << 10;
/** The most records that are looked at. */
const SAMPLE_RECORDS = 10;

/** The line that tells Excel the delimiter. */
const SEPARATOR_LINE = /^"?sep=([,;|\t])"?$/i;

/** The part of the layout that the source's configuration gives. */
export interface KnownLayout {
  readonly delimiter?: string | undefined;
  /** Names of which some stand in the header. */
  readonly names: readonly string[];
  /** Fields of a record, if the number is known. */
  readonly fieldCount?: number | undefined;
}

/** The lines before the header, or before the first record where there is no header. */
interface Prologue {
  /** Where the prologue ends. */
  readonly at: number;
  readonly lines: number;
  /** Undefined while there is too little text. */
  readonly delimiter: string | undefined;
}

/** Skips blank lines, a `sep=` line and remarks, and finds the delimiter. */
export function prologueAt(
  bytes: Uint8Array,
  start: number,
  end: number,
  isLast: boolean,
  known: KnownLayout,
  sampleBytes = SAMPLE_BYTES,
): Prologue {
  let { delimiter } = known;
  let lines = 0;
  let at = start;
  while (at < end) {
    const lineEnd = endOfLine(bytes, at, end);
    const [, separator] = SEPARATOR_LINE.exec(latin1(bytes, at, Math.min(lineEnd, at + 16))) ?? [];
    if (lineEnd === end || (lineEnd > at && !(separator && lineEnd - at < 8))) break;
    delimiter ??= separator;
    lines++;
    at = afterLine(bytes, lineEnd);
  }
  const remarks = remarksAt(bytes, at, end, isLast, known.names);
  if (remarks === INCOMPLETE) return { at, lines, delimiter: undefined };
  return {
    at: remarks.at,
    lines: lines + remarks.lines,
    delimiter: delimiter ?? delimiterOf(bytes, remarks.at, end, isLast, known, sampleBytes),
  };
}

/** The place of the first line end at or after `at`, or `end`. */
export function endOfLine(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] !== LINE_FEED && bytes[i] !== CARRIAGE_RETURN) i++;
  return i;
}

function afterLine(bytes: Uint8Array, lineEnd: number): number {
  return lineEnd + (bytes[lineEnd] === CARRIAGE_RETURN && bytes[lineEnd + 1] === LINE_FEED ? 2 : 1);
}

/**
 * Skips remarks: lines that begin with `#`, where the line after them names a column of the source and they do not. A header
 * or a record may begin with `#`, too, and must not be lost.
 */
function remarksAt(bytes: Uint8Array, start: number, end: number, isLast: boolean, names: readonly string[]) {
  let at = start;
  let lines = 0;
  if (names.length === 0) return { at, lines };
  const configured = new ConfiguredNames(names);
  const holdsName = (lineStart: number, lineEnd: number) => {
    const fields = Buffer.from(latin1(bytes, lineStart, lineEnd), "latin1")
      .toString()
      .split(/[,\t;|]/);
    return fields.some((field) => configured.has(field.trim().replace(/^"(.*)"$/, "$1")));
  };
  while (at < end && bytes[at] === HASH) {
    const lineEnd = endOfLine(bytes, at, end);
    if (lineEnd === end) return isLast ? { at: start, lines: 0 } : INCOMPLETE;
    if (holdsName(at, lineEnd)) return { at: start, lines: 0 };
    at = afterLine(bytes, lineEnd);
    lines++;
  }
  if (lines === 0) return { at, lines };
  const lineEnd = endOfLine(bytes, at, end);
  if (lineEnd === end && !isLast) return INCOMPLETE;
  return holdsName(at, lineEnd) ? { at, lines } : { at: start, lines: 0 };
}

/**
 * The delimiter that the first line has outside quotes. Of several it is the one by which that line has the names, or as many
 * fields as the source says, or as the records that follow; then the most frequent one.
 *
 * @returns Undefined while there is too little text.
 */
function delimiterOf(
  bytes: Uint8Array,
  start: number,
  end: number,
  isLast: boolean,
  { names, fieldCount }: KnownLayout,
  sampleBytes: number,
): string | undefined {
  const counts = countsInFirstLine(bytes, start, end, isLast);
  if (!counts) return undefined;
  const [first, ...others] = DELIMITERS.filter((delimiter) => counts.get(delimiter.charCodeAt(0))! > 0);
  if (first === undefined || others.length === 0) return first ?? ",";
  if (end < start + sampleBytes && !isLast) return undefined;
  const sampleEnd = Math.min(end, start + sampleBytes);
  const configured = new ConfiguredNames(names);
  const isWhole = isLast && sampleEnd === end;
  const candidates = [first, ...others].map((delimiter) => {
    const code = delimiter.charCodeAt(0);
    const fields = new CsvFields();
    const after = fields.split(bytes, start, sampleEnd, code, isWhole);
    const count = after < 0 ? counts.get(code)! + 1 : fields.count;
    const texts = Array.from({ length: fields.keptCount }, (_, field) => fields.textOf(bytes, field));
    const records = after < 0 ? [] : fieldCounts(fields, bytes, after, sampleEnd, code, isWhole);
    return {
      delimiter,
      merits: [
        configured.countIn(texts),
        count === fieldCount ? 1 : 0,
        records.length === 0 ? 0 : records.filter((each) => each === count).length / records.length,
        // `1,5;2,5`: a comma that is always inside a number is its decimal point.
        code === COMMA && isWithinNumbers(bytes, start, sampleEnd) ? 0 : 1,
        count,
      ],
    };
  });
  const [best] = candidates.sort((a, b) => compareMerits(b.merits, a.merits));
  return best!.delimiter;
}

function compareMerits(a: readonly number[], b: readonly number[]): number {
  for (const [i, merit] of a.entries()) if (merit !== b[i]) return merit - b[i]!;
  return 0;
}

/** Fields of each of the next records. */
function fieldCounts(
  fields: CsvFields,
  bytes: Uint8Array,
  start: number,
  end: number,
  delimiter: number,
  isLast: boolean,
): number[] {
  const counts: number[] = [];
  for (let at = start; at < end && counts.length < SAMPLE_RECORDS; ) {
    const after = fields.split(bytes, at, end, delimiter, isLast);
    if (after === INCOMPLETE) break;
    // With another delimiter this may be a record.
    if (after < 0) return [...counts, 0];
    if (!fields.isBlank) counts.push(fields.count);
    at = after;
  }
  return counts;
}

function isWithinNumbers(bytes: Uint8Array, start: number, end: number): boolean {
  const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;
  for (let at = findByte(bytes, COMMA, start, end); at >= 0; at = findByte(bytes, COMMA, at + 1, end))
    if (!isDigit(bytes[at - 1]) || !isDigit(bytes[at + 1])) return false;
  return true;
}

/** How often the first line has each delimiter outside quotes; undefined while it has no end. */
function countsInFirstLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  isLast: boolean,
): ReadonlyMap<number, number> | undefined {
  const counts = new Map<number, number>(DELIMITERS.map((delimiter) => [delimiter.charCodeAt(0), 0]));
  let isQuoted = false;
  let isFieldStart = true;
  let lines = 0;
  let i = start;
  for (; i < end; i++) {
    const byte = bytes[i]!;
    const isLineEnd = byte === LINE_FEED || byte === CARRIAGE_RETURN;
    if (isLineEnd && (!isQuoted || ++lines > MAX_QUOTED_LINES)) break;
    // A quote after a closing one is its double: the field goes on.
    if (byte === QUOTE) isQuoted = !isQuoted && (isFieldStart || bytes[i - 1] === QUOTE);
    else if (!isQuoted && counts.has(byte)) counts.set(byte, counts.get(byte)! + 1);
    if (byte !== SPACE) isFieldStart = !isQuoted && counts.has(byte);
  }
  return i === end && !isLast ? undefined : counts;
}
