/**
 * Scanners. They read the ordinary lines of a format and stop at the first other line, which the reference scanner then
 * reads. So one place knows all the rules, and the other one is fast.
 */
import { NO_DAY, NULL_LENGTH } from "../../rows/block-layout";
import {
  ALB_CLIENT_FIELD,
  ALB_DECIMAL_FIELDS,
  ALB_FIRST_DURATION_FIELD,
  ALB_FIRST_GENERATION_FIELDS,
  ALB_INTEGER_FIELDS,
  ALB_LAST_DURATION_FIELD,
  ALB_PLAIN_FIELDS,
  ALB_QUOTED_FIELDS,
  ALB_REQUEST_FIELD,
  ALB_SPLIT_CLIENT,
  ALB_SPLIT_REQUEST,
  ALB_SPLIT_TARGET,
  ALB_TARGET_FIELD,
  ALB_TIME_FIELD,
} from "../shared-numbers";
import { dayAt, isTimeOfDay } from "./calendar";

const TAB: u8 = 0x09;
const LINE_FEED: u8 = 0x0a;
const CARRIAGE_RETURN: u8 = 0x0d;
const DASH: u8 = 0x2d;
/** The first byte of the mark, which does not belong to the first field. */
const BYTE_ORDER_MARK: u8 = 0xef;
/** A field that is not there: no start, and `NULL_LENGTH`. */
export const NULL_FIELD: u64 = <u64>NULL_LENGTH << 32;

/** The block: where fields, days and lines of its rows go. */
export let fields: usize = 0;
export let stride: usize = 0;
let days: usize = 0;
let lines: usize = 0;
export let maxRows: u32 = 0;
export let maxLineBytes: u32 = 0;

export function setBlock(
  fieldsAt: usize,
  strideBytes: u32,
  daysAt: usize,
  linesAt: usize,
  rows: u32,
  lineBytes: u32,
): void {
  fields = fieldsAt;
  stride = strideBytes;
  days = daysAt;
  lines = linesAt;
  maxRows = rows;
  maxLineBytes = lineBytes;
}

/** Rows in the block after the last scan. */
export let rowCount: u32 = 0;

// @ts-ignore: decorator
@inline
export function packed(start: usize, end: usize): u64 {
  return <u64>start | ((<u64>(end - start)) << 32);
}

// @ts-ignore: decorator
@inline
export function endRow(row: u32, day: i32, line: f64): void {
  store<i32>(days + (row << 2), day);
  store<f64>(lines + (row << 3), line);
}

/** A whole number of so many digits fits its column, whatever type that has. */
const SURE_DIGITS: u32 = 9;
/** Digits of a decimal number that are looked at together. */
const SURE_DECIMALS: u32 = 16;

/** A bit for each of the 16 bytes at `at` that is a digit. */
// @ts-ignore: decorator
@inline
function digitsAt(at: usize): u32 {
  return <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(at), i8x16.splat(0x30)), i8x16.splat(10)));
}

/**
 * Whether a text is certainly a number that its column takes. Of a record with another text in such a column the reference
 * decides whether its fields are shifted.
 */
// @ts-ignore: decorator
@inline
function isSureInteger(start: usize, end: usize): bool {
  const length = <u32>(end - start);
  const all = (<u32>1 << length) - 1;
  return length <= SURE_DIGITS && length > 0 && (digitsAt(start) & all) == all;
}

// @ts-ignore: decorator
@inline
function isSureDecimal(start: usize, end: usize): bool {
  const length = <u32>(end - start);
  if (length > SURE_DECIMALS - 1) return false;
  const all = (<u32>1 << length) - 1;
  const digits = digitsAt(start) & all;
  const points = <u32>i8x16.bitmask(i8x16.eq(v128.load(start), i8x16.splat(0x2e))) & all;
  // At most one point, and at least one digit.
  return (digits | points) == all && (points & (points - 1)) == 0 && digits != 0;
}

// ---- Fields between tabs.

/** Column of each field, a missing one (to be null) and where date and time are; all set by the host. */
let tabColumns: usize = 0;
let tabCount: u32 = 0;
let missingColumns: usize = 0;
let missingCount: u32 = 0;
let dateField: u32 = 0;
let timeColumn: u32 = 0;
/**
 * Columns with numbers that are looked at: first whole, then decimal ones. Two more need not be numbers, because two odd values
 * make no record a shifted one if another is a number.
 */
let numberColumns: usize = 0;
let integerCount: u32 = 0;
let numberCount: u32 = 0;
let areOthers: bool = false;

export function setTabs(
  columns: usize,
  count: u32,
  missing: usize,
  missingNumber: u32,
  date: u32,
  time: u32,
  numbers: usize,
  integers: u32,
  decimals: u32,
  others: u32,
): void {
  areOthers = others > 0;
  numberColumns = numbers;
  integerCount = integers;
  numberCount = integers + decimals;
  tabColumns = columns;
  tabCount = count;
  missingColumns = missing;
  missingCount = missingNumber;
  dateField = date;
  timeColumn = time;
}

/**
 * Reads lines of exactly the fields set, whose date and time are neighbours and valid, and whose numbers are numbers. The columns of these two fields are
 * consecutive spare ones; the row's time is made of them.
 *
 * @returns Where the first line begins that was not read.
 */
export function scanTabs(start: usize, end: usize, firstRow: u32, firstLine: f64): usize {
  // Tabs and line feeds are the only control characters that are common: what is below 11 is looked at closely.
  const limit = i8x16.splat(LINE_FEED + 1);
  const count = tabCount;
  const base = fields;
  let row = firstRow;
  let line = firstLine;
  let lineStart = start;
  let fieldStart = start;
  let field: u32 = 0;
  rowCount = row;
  if (row == maxRows) return start;
  for (let p = start; p < end; p += 64) {
    let marks =
      <u64>(<u32>i8x16.bitmask(i8x16.lt_u(v128.load(p), limit))) |
      (<u64>(<u32>i8x16.bitmask(i8x16.lt_u(v128.load(p, 16), limit))) << 16) |
      (<u64>(<u32>i8x16.bitmask(i8x16.lt_u(v128.load(p, 32), limit))) << 32) |
      (<u64>(<u32>i8x16.bitmask(i8x16.lt_u(v128.load(p, 48), limit))) << 48);
    if (end - p < 64) marks &= (<u64>1 << (end - p)) - 1;
    while (marks) {
      const at = p + <usize>ctz(marks);
      marks &= marks - 1;
      const mark = load<u8>(at);
      if (mark == TAB) {
        if (field < count) storeTab(base, row, field, fieldStart, at);
        field++;
        fieldStart = at + 1;
        continue;
      }
      if (mark != LINE_FEED) continue;
      const fieldEnd = at > lineStart && load<u8>(at - 1) == CARRIAGE_RETURN ? at - 1 : at;
      if (field < count) storeTab(base, row, field, fieldStart, fieldEnd);
      const first = load<u8>(lineStart);
      const isOdd = first == HASH || first == BYTE_ORDER_MARK;
      if (field + 1 != count || isOdd || <u32>(at - lineStart) > maxLineBytes) return lineStart;
      const day = endTabs(row);
      if (day == NO_DAY) return lineStart;
      endRow(row, day, line);
      row++;
      line++;
      rowCount = row;
      field = 0;
      lineStart = at + 1;
      fieldStart = lineStart;
      if (row == maxRows) return lineStart;
    }
  }
  return lineStart;
}

// @ts-ignore: decorator
@inline
function storeTab(base: usize, row: u32, field: u32, start: usize, end: usize): void {
  const at = base + load<u32>(tabColumns + (field << 2)) * stride + (row << 3);
  const isNull = end - start == 1 && load<u8>(start) == DASH;
  store<u64>(at, isNull ? NULL_FIELD : packed(start, end));
}

/** Makes the time of date and time of day. Returns the day, or NO_DAY when these or a number are not valid. */
// @ts-ignore: decorator
@inline
function endTabs(row: u32): i32 {
  const dateAt = fields + load<u32>(tabColumns + (dateField << 2)) * stride + (row << 3);
  const date = load<u64>(dateAt);
  const time = load<u64>(dateAt + stride);
  const start = <usize>(<u32>date);
  if (<u32>(date >> 32) != 10 || <u32>(time >> 32) != 8 || !isTimeOfDay(start + 11)) return NO_DAY;
  let isSure = !areOthers;
  for (let i: u32 = 0; i < numberCount; i++) {
    const value = load<u64>(fields + load<u32>(numberColumns + (i << 2)) * stride + (row << 3));
    if (value == NULL_FIELD) continue;
    const at = <usize>(<u32>value);
    const valueEnd = at + <usize>(value >> 32);
    if (!(i < integerCount ? isSureInteger(at, valueEnd) : isSureDecimal(at, valueEnd))) return NO_DAY;
    isSure = true;
  }
  if (!isSure) return NO_DAY;
  store<u64>(fields + timeColumn * stride + (row << 3), packed(start, start + 19));
  for (let i: u32 = 0; i < missingCount; i++) {
    store<u64>(fields + load<u32>(missingColumns + (i << 2)) * stride + (row << 3), NULL_FIELD);
  }
  return dayAt(start);
}

// ---- Fields between spaces, some in quotes: Application Load Balancers.

const QUOTE: u8 = 0x22;
const SPACE: u8 = 0x20;
const BACKSLASH: u8 = 0x5c;
const COLON: u8 = 0x3a;
const SLASH: u8 = 0x2f;
const QUESTION_MARK: u8 = 0x3f;
const HASH: u8 = 0x23;
const POINT: u8 = 0x2e;
const AT_SIGN: u8 = 0x40;
const UPPER_Z: u8 = 0x5a;
const OPENING_BRACKET: u8 = 0x5b;
const CLOSING_BRACKET: u8 = 0x5d;

/** Column of each field, and of what is derived from some: set by the host. */
let albFields: usize = 0;
let albFieldCount: u32 = 0;
let extraColumn: u32 = 0;
let clientIp: u32 = 0;
let targetIp: u32 = 0;
let requestVerb: u32 = 0;
/** The fields that are split: bits of `ALB_SPLIT_…`. */
let splits: u32 = 0;

/**
 * @param columns - Column of each field.
 * @param extra - The column `_extra`.
 * @param client - Column of the client's address; the port's is the next.
 * @param target - The same for the target.
 * @param verb - Column of the request's verb; URL, protocol, domain and path follow.
 */
export function setAlb(
  columns: usize,
  count: u32,
  extra: u32,
  client: u32,
  target: u32,
  verb: u32,
  wantedSplits: u32,
): void {
  albFields = columns;
  albFieldCount = count;
  extraColumn = extra;
  clientIp = client;
  targetIp = target;
  requestVerb = verb;
  splits = wantedSplits;
}

// @ts-ignore: decorator
@inline
function setField(row: u32, column: u32, start: usize, end: usize): void {
  store<u64>(fields + column * stride + (row << 3), packed(start, end));
}

// @ts-ignore: decorator
@inline
function setNull(row: u32, column: u32): void {
  store<u64>(fields + column * stride + (row << 3), NULL_FIELD);
}

function setNulls(row: u32, column: u32, count: u32): void {
  for (let i: u32 = 0; i < count; i++) setNull(row, column + i);
}

/** The first place of a byte, or `end`. */
// @ts-ignore: decorator
@inline
function find(start: usize, end: usize, byte: u8): usize {
  const wanted = i8x16.splat(<i8>byte);
  for (let p = start; p < end; p += 16) {
    const marks = <u32>i8x16.bitmask(i8x16.eq(v128.load(p), wanted));
    if (marks) return min(p + ctz(marks), end);
  }
  return end;
}

/** The quote that ends a field, or `end`. A backslash takes the next character with it. */
// @ts-ignore: decorator
@inline
function findQuote(start: usize, end: usize): usize {
  const quote = i8x16.splat(0x22);
  const backslash = i8x16.splat(0x5c);
  let p = start;
  while (p < end) {
    const v = v128.load(p);
    const marks = <u32>i8x16.bitmask(v128.or(i8x16.eq(v, quote), i8x16.eq(v, backslash)));
    if (!marks) {
      p += 16;
      continue;
    }
    p += ctz(marks);
    if (p >= end) return end;
    if (load<u8>(p) == QUOTE) return p;
    p += 2;
  }
  return end;
}

/** Reads lines as the documentation describes them; see `scanTabs`. */
export function scanAlb(start: usize, end: usize, firstRow: u32, firstLine: f64): usize {
  let row = firstRow;
  let line = firstLine;
  let lineStart = start;
  while (row < maxRows) {
    const feed = find(lineStart, end, LINE_FEED);
    if (feed >= end || <u32>(feed - lineStart) > maxLineBytes) break;
    let lineEnd = feed;
    if (lineEnd > lineStart && load<u8>(lineEnd - 1) == CARRIAGE_RETURN) lineEnd--;
    const day = readAlb(row, lineStart, lineEnd);
    if (day == NO_DAY) break;
    endRow(row, day, line);
    row++;
    line++;
    lineStart = feed + 1;
  }
  rowCount = row;
  return lineStart;
}

/** Reads a line. Returns the row's day, or NO_DAY for a line that the reference has to read. */
function readAlb(row: u32, start: usize, end: usize): i32 {
  // Every field sets its own column. The columns of a field that is split, or missing, are null unless they are set.
  setNull(row, extraColumn);
  if (splits & ALB_SPLIT_CLIENT) setNulls(row, clientIp, 2);
  if (splits & ALB_SPLIT_TARGET) setNulls(row, targetIp, 2);
  if (splits & ALB_SPLIT_REQUEST) setNulls(row, requestVerb, 5);
  let day = NO_DAY;
  let field: u32 = 0;
  let p = start;
  while (p < end) {
    // No field is empty outside quotes: a run of spaces is one separator.
    if (load<u8>(p) == SPACE) {
      p++;
      continue;
    }
    let fieldStart = p;
    let fieldEnd: usize;
    const isQuoted = load<u8>(p) == QUOTE;
    if (isQuoted) {
      fieldStart = p + 1;
      fieldEnd = findQuote(fieldStart, end);
      if (fieldEnd >= end) return NO_DAY;
      p = fieldEnd + 1;
      // The value before may end in a backslash: the reference looks closely.
      if (p < end && load<u8>(p) != SPACE) return NO_DAY;
      p++;
    } else {
      fieldEnd = find(p, end, SPACE);
      p = fieldEnd + 1;
    }
    if (field == albFieldCount) return NO_DAY;
    if (field == ALB_TIME_FIELD) {
      if (fieldEnd - fieldStart < 20 || load<u8>(fieldEnd - 1) != UPPER_Z || !isTimeOfDay(fieldStart + 11)) return NO_DAY;
      day = dayAt(fieldStart);
      if (day == NO_DAY) return NO_DAY;
    }
    const isDash = fieldEnd - fieldStart == 1 && load<u8>(fieldStart) == DASH;
    const isNoDuration =
      field >= <u32>ALB_FIRST_DURATION_FIELD && field <= <u32>ALB_LAST_DURATION_FIELD && load<u8>(fieldStart) == DASH && fieldEnd > fieldStart;
    const column = load<u32>(albFields + (field << 2));
    if (isDash || isNoDuration) setNull(row, column);
    else {
      if (field < 32) {
        const bit = <u32>1 << field;
        // The reference counts what is not as the load balancers write it.
        if (bit & (isQuoted ? ALB_PLAIN_FIELDS : ALB_QUOTED_FIELDS)) return NO_DAY;
        if (bit & ALB_INTEGER_FIELDS && !isSureInteger(fieldStart, fieldEnd)) return NO_DAY;
        if (bit & ALB_DECIMAL_FIELDS && !isSureDecimal(fieldStart, fieldEnd)) return NO_DAY;
      }
      setField(row, column, fieldStart, fieldEnd);
      if (field == ALB_CLIENT_FIELD && splits & ALB_SPLIT_CLIENT) setEndpoint(row, clientIp, fieldStart, fieldEnd);
      else if (field == ALB_TARGET_FIELD && splits & ALB_SPLIT_TARGET) setEndpoint(row, targetIp, fieldStart, fieldEnd);
      else if (field == ALB_REQUEST_FIELD && splits & ALB_SPLIT_REQUEST) setRequest(row, fieldStart, fieldEnd);
    }
    field++;
  }
  for (let missing = field; missing < albFieldCount; missing++) setNull(row, load<u32>(albFields + (missing << 2)));
  return field < <u32>ALB_FIRST_GENERATION_FIELDS ? NO_DAY : day;
}

// @ts-ignore: decorator
@inline
function isDigit(byte: u8): bool {
  return byte - 0x30 <= 9;
}

/** Does what `endpoint.ts` does. */
function setEndpoint(row: u32, column: u32, start: usize, end: usize): void {
  if (start == end) {
    setField(row, column, start, end);
    return;
  }
  let colon = end - 1;
  while (colon >= start && isDigit(load<u8>(colon))) colon--;
  const digits = end - 1 - colon;
  const hasColon = colon > start && load<u8>(colon) == COLON && digits >= 1 && digits <= 5;
  const hasPort = hasColon && !isCutAddress(start, colon);
  if (hasPort) setField(row, column + 1, colon + 1, end);
  const addressEnd = hasPort ? colon : end;
  if (load<u8>(start) == OPENING_BRACKET && load<u8>(addressEnd - 1) == CLOSING_BRACKET) {
    setField(row, column, start + 1, addressEnd - 1);
  } else setField(row, column, start, addressEnd);
}

function isCutAddress(start: usize, end: usize): bool {
  if (load<u8>(start) == OPENING_BRACKET) return false;
  let groups = 1;
  let isShortened = false;
  for (let p = start; p < end; p++) {
    const byte = load<u8>(p);
    if (byte == POINT && groups++ == 1) return false;
    if (byte != COLON) continue;
    groups++;
    if (p > start && load<u8>(p - 1) == COLON) isShortened = true;
  }
  if (groups == 1) return false;
  if (load<u8>(end - 1) == COLON) return load<u8>(end - 2) != COLON;
  return !isShortened && groups < 8;
}

// @ts-ignore: decorator
@inline
function isDash(start: usize, end: usize): bool {
  return end - start == 1 && load<u8>(start) == DASH;
}

/** Does what `request-line.ts` does. */
function setRequest(row: u32, start: usize, textEnd: usize): void {
  let end = textEnd;
  while (end > start && load<u8>(end - 1) == SPACE) end--;
  let urlStart = start;
  while (urlStart < end && load<u8>(urlStart) != SPACE) urlStart++;
  if (urlStart == end) {
    setUrl(row, start, end);
    return;
  }
  if (!isDash(start, urlStart)) setField(row, requestVerb, start, urlStart);
  urlStart++;
  let lastSpace = end - 1;
  while (lastSpace > urlStart && load<u8>(lastSpace) != SPACE) lastSpace--;
  const protoStart = lastSpace + 1;
  const hasProtocol = lastSpace > urlStart && isProtocol(protoStart, end);
  if (hasProtocol && !isDash(protoStart, end)) setField(row, requestVerb + 2, protoStart, end);
  setUrl(row, urlStart, hasProtocol ? lastSpace : end);
}

function isProtocol(start: usize, end: usize): bool {
  if (isDash(start, end)) return true;
  return load<u32>(start) == 0x50545448 && load<u8>(start, 4) == SLASH;
}

function setUrl(row: u32, start: usize, end: usize): void {
  if (isDash(start, end)) return;
  setField(row, requestVerb + 1, start, end);
  let hostStart = afterScheme(start, end);
  let pathStart = start;
  if (hostStart) {
    let hostEnd = endOfHost(hostStart, end);
    pathStart = afterPort(hostEnd, end);
    if (pathStart < end && !startsPath(load<u8>(pathStart))) {
      hostStart = afterUserInfo(hostStart, end);
      hostEnd = endOfHost(hostStart, end);
      pathStart = afterPort(hostEnd, end);
    }
    if (hostEnd > hostStart) setField(row, requestVerb + 3, hostStart, hostEnd);
  }
  let pathEnd = pathStart;
  while (pathEnd < end && load<u8>(pathEnd) != QUESTION_MARK && load<u8>(pathEnd) != HASH) pathEnd++;
  if (pathEnd > pathStart && !isDash(pathStart, pathEnd)) setField(row, requestVerb + 4, pathStart, pathEnd);
}

function afterScheme(start: usize, end: usize): usize {
  for (let p = start; p + 2 < end; p++) {
    const byte = load<u8>(p);
    if (byte == COLON) return load<u8>(p, 1) == SLASH && load<u8>(p, 2) == SLASH ? p + 3 : 0;
    if (byte == SLASH || byte == QUESTION_MARK) return 0;
  }
  return 0;
}

function afterUserInfo(start: usize, end: usize): usize {
  let hostStart = start;
  for (let p = start; p < end && !startsPath(load<u8>(p)); p++) if (load<u8>(p) == AT_SIGN) hostStart = p + 1;
  return hostStart;
}

// @ts-ignore: decorator
@inline
function startsPath(byte: u8): bool {
  return byte == SLASH || byte == QUESTION_MARK || byte == HASH;
}

function endOfHost(start: usize, end: usize): usize {
  let p = start;
  if (p < end && load<u8>(p) == OPENING_BRACKET) {
    while (p < end && load<u8>(p) != CLOSING_BRACKET) p++;
    return min(p + 1, end);
  }
  for (; p < end; p++) {
    const byte = load<u8>(p);
    if (byte == COLON || byte == AT_SIGN || startsPath(byte)) break;
  }
  return p;
}

function afterPort(start: usize, end: usize): usize {
  if (start >= end || load<u8>(start) != COLON) return start;
  let p = start + 1;
  while (p < end && isDigit(load<u8>(p))) p++;
  return p;
}
