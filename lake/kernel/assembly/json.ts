/**
 * Reads the ordinary records of JSON: objects whose keys are written without escapes, nested no deeper than `json-text.ts`
 * goes, with a time in one of the usual shapes. Between them may be whitespace and commas. It stops at anything else,
 * which the format's own scanner reads.
 */
import { NO_DAY } from "../../rows/block-layout";
import { JSON_DATE_AND_TIME, JSON_FIXED_DAY, JSON_KEY_WORDS, JSON_LAYOUT_WORDS, LONGEST_TIME } from "../shared-numbers";
import { isEqual } from "./bytes";
import { dayAt, isTimeOfDay, storeDate, storeTwoDigits, twoDigits } from "./calendar";
import {
  clearLineFeeds,
  endOfString,
  hasEscape,
  lineFeeds,
  skipColon,
  skipNested,
  skipNumber,
  skipSpace,
  skipWord,
  undoEscapes,
} from "./json-text";
import { capacityFor, grow, take } from "./memory";
import { endRow, fields, maxLineBytes, maxRows, NULL_FIELD, packed, stride } from "./scan";

const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const MINUS: u8 = 0x2d;
const OPENING_BRACE: u8 = 0x7b;
const OPENING_BRACKET: u8 = 0x5b;
const CLOSING_BRACE: u8 = 0x7d;
/** Brackets with this bit set are braces. */
const BRACE_BIT: u8 = 0x20;
const LETTER_N: u8 = 0x6e;
const LETTER_T: u8 = 0x54;
const LETTER_Z: u8 = 0x5a;
const COLON: u8 = 0x3a;
const POINT: u8 = 0x2e;
const PLUS: u8 = 0x2b;
const SPACE: u8 = 0x20;
const LINE_FEED: u8 = 0x0a;

// What the host says about the records: see `formats/json/json-kernel-scanner.ts`.

let timeKind: u32 = 0;
/** The fixed day, or the column of the time or date. */
let timeColumn: u32 = 0;
/** With `JSON_DATE_AND_TIME`: the time of day's column; the one made of both; two that must not be set. */
let timeOfDayColumn: u32 = 0;
let joinedColumn: u32 = 0;
let firstOtherColumn: u32 = 0;
let secondOtherColumn: u32 = 0;
/** A string that stands for null, with its quotes; its length is 0 when there is no such string. */
let nothing: usize = 0;
let nothingLength: u32 = 0;
/** Columns whose moments are spelled plainly, and whether each is a date. */
let moments: usize = 0;
let momentCount: u32 = 0;
let extraColumn: u32 = 0;

/**
 * For each key: the first bytes of its text with its quotes, and which of these are its own; the whole length and text;
 * its column, and where that column's fields are from those of the first.
 */
@unmanaged
class Key {
  head0: u64 = 0;
  head1: u64 = 0;
  mask0: u64 = 0;
  mask1: u64 = 0;
  length: u32 = 0;
  text: usize = 0;
  column: u32 = 0;
  fieldsOffset: usize = 0;
  /**
   * Two keys that were seen to follow it: a record has its keys in the order of the one before, and there may be one that
   * is not always there.
   */
  follower: usize = 0;
  otherFollower: usize = 0;
}

const HEAD_BYTES: u32 = 16;

let keys: usize = 0;
let keyCount: u32 = 0;
let keyCapacity: u32 = 0;
/** Not a key, but what the first key of a record follows. */
let opening: usize = 0;
let lastLayout: usize = 0;

export function setJson(layout: usize, extra: u32): void {
  extraColumn = extra;
  timeKind = load<u32>(layout, 4);
  timeColumn = load<u32>(layout, 8);
  timeOfDayColumn = load<u32>(layout, 12);
  joinedColumn = load<u32>(layout, 16);
  firstOtherColumn = load<u32>(layout, 20);
  secondOtherColumn = load<u32>(layout, 24);
  nothing = layout + load<u32>(layout, 28);
  nothingLength = load<u32>(layout, 32);
  moments = layout + load<u32>(layout, 36);
  momentCount = load<u32>(layout, 40);
  if (layout != lastLayout) setKeys(layout);
}

function setKeys(layout: usize): void {
  lastLayout = layout;
  keyCount = load<u32>(layout);
  const size = offsetof<Key>();
  const bytes = <u32>((keyCount + 1) * size);
  if (bytes > keyCapacity) {
    const capacity = capacityFor(keyCapacity, bytes);
    keys = grow(keys, keyCapacity, 0, capacity);
    keyCapacity = capacity;
  }
  memory.fill(keys, 0, bytes);
  opening = keys + keyCount * size;
  for (let i: u32 = 0; i < keyCount; i++) {
    const at = layout + (JSON_LAYOUT_WORDS << 2) + i * (JSON_KEY_WORDS << 2);
    const key = changetype<Key>(keys + i * size);
    key.length = load<u32>(at);
    key.text = layout + load<u32>(at, 4);
    key.column = load<u32>(at, 8);
    key.fieldsOffset = key.column * stride;
    const head = min(key.length, HEAD_BYTES);
    memory.copy(keys + i * size, key.text, head);
    memory.fill(keys + i * size + HEAD_BYTES, 0xff, head);
  }
  // At first, the order in which they are known.
  for (let i: u32 = 0; i <= keyCount; i++) {
    const key = changetype<Key>(keys + i * size);
    key.follower = keys + (i == keyCount ? 0 : min(i + 1, keyCount - 1)) * size;
    key.otherFollower = key.follower;
  }
}

// @ts-ignore: decorator
@inline
function isKey(key: usize, at: usize): bool {
  const difference = v128.and(v128.xor(v128.load(at), v128.load(key)), v128.load(key, HEAD_BYTES));
  if (v128.any_true(difference)) return false;
  const length = changetype<Key>(key).length;
  return length <= HEAD_BYTES || isEqual(at, changetype<Key>(key).text, length);
}

/** Rows in the block after the last scan, and the line on which it stopped. */
export let jsonRowCount: u32 = 0;
export let jsonLine: f64 = 0;
/** Bytes of the rows that the last scan read. */
export let jsonRowBytes: u32 = 0;

/** Text that rows of the block have beside the input. */
let madeText: usize = 0;
let madeTop: usize = 0;
let madeEnd: usize = 0;
/** More than the records of one block can have, unless they are very long. */
const MADE_BYTES: u32 = 1 << 20;

/** Room for a made text, or 0. */
function reserveMade(length: u32): usize {
  if (!madeText) {
    madeText = take(MADE_BYTES);
    madeTop = madeText;
    madeEnd = madeText + MADE_BYTES - 64;
  }
  return madeTop + length > madeEnd ? 0 : madeTop;
}

/** Strings of the row whose escapes are to be undone: where their fields are, and the strings. */
let escapes: usize = 0;
let escapeCapacity: u32 = 0;
let escapeCount: u32 = 0;
const ESCAPE_SHIFT: u32 = 4;

function addEscapes(fieldAt: usize, field: u64): void {
  const used = escapeCount << ESCAPE_SHIFT;
  if (used == escapeCapacity) {
    const capacity = capacityFor(escapeCapacity, used + 16);
    escapes = grow(escapes, escapeCapacity, used, capacity);
    escapeCapacity = capacity;
  }
  store<u64>(escapes + used, fieldAt);
  store<u64>(escapes + used, field, 8);
  escapeCount++;
}

/** Undoes the escapes of a record that is read here. Before that is certain, the reference may need its bytes. */
function undoAllEscapes(): void {
  for (let i: u32 = 0; i < escapeCount; i++) {
    const entry = escapes + (i << ESCAPE_SHIFT);
    const fieldAt = <usize>load<u64>(entry);
    const field = load<u64>(entry, 8);
    // The key may have come again, with another value.
    if (load<u64>(fieldAt) != field) continue;
    const start = <usize>(<u32>field);
    store<u64>(fieldAt, packed(start, undoEscapes(start, start + <usize>(field >> 32))));
  }
}

/**
 * Reads records from `start` on, where one begins or something between records stands.
 *
 * @returns Where the first thing begins that was not read.
 */
export function scanJson(start: usize, end: usize, firstRow: u32, firstLine: f64): usize {
  let row = firstRow;
  let line = firstLine;
  let rowBytes: u32 = 0;
  let at = start;
  if (!row) madeTop = madeText;
  while (row < maxRows) {
    clearLineFeeds();
    at = skipSpace(at, end);
    line += lineFeeds;
    if (at >= end) break;
    if (load<u8>(at) == COMMA) {
      // A comma with nothing behind it is an error, which the reference reports.
      clearLineFeeds();
      const next = skipSpace(at + 1, end);
      if (next >= end || load<u8>(next) != OPENING_BRACE) break;
      line += lineFeeds;
      at = next;
    } else if (load<u8>(at) != OPENING_BRACE) break;
    clearLineFeeds();
    const made = madeTop;
    const after = readRecord(row, at, end);
    const day = after && endsThere(after, end) ? dayOf(row) : NO_DAY;
    if (day == NO_DAY) {
      madeTop = made;
      break;
    }
    undoAllEscapes();
    endRow(row, day, line);
    line += lineFeeds;
    row++;
    rowBytes += after - at;
    at = after;
  }
  jsonRowCount = row;
  jsonLine = line;
  jsonRowBytes = rowBytes;
  return at;
}

/**
 * Whether it is certain that a record ended before `at`, because its line ends or something else begins. If members follow, its
 * brace is damage; the reference looks at that.
 */
// @ts-ignore: decorator
@inline
function endsThere(at: usize, end: usize): bool {
  if (at >= end) return false;
  const byte = load<u8>(at);
  return byte == LINE_FEED || byte == OPENING_BRACE || endsBeforeMark(at, end);
}

function endsBeforeMark(at: usize, end: usize): bool {
  let mark = skipBlanks(at, end);
  if (mark < end && load<u8>(mark) == COMMA) mark = skipBlanks(mark + 1, end);
  if (mark >= end) return false;
  const byte = load<u8>(mark);
  return byte == LINE_FEED || (byte | BRACE_BIT) == OPENING_BRACE || (byte | BRACE_BIT) == CLOSING_BRACE;
}

/** The first byte at or after `at` that is no whitespace within a line, at most `end`. */
function skipBlanks(at: usize, end: usize): usize {
  let p = at;
  for (; p < end; p++) {
    const byte = load<u8>(p);
    if (byte != SPACE && byte != 0x0d && byte != 0x09) break;
  }
  return p;
}

/** Reads the record at `start`. Returns where it ends, or 0 when the reference has to read it. */
function readRecord(row: u32, start: usize, end: usize): usize {
  const rowFields = fields + (row << 3);
  // With few columns a bit for each says afterwards which were not there.
  const hasBits = extraColumn < 64;
  let missing: u64 = <u64>-1 >> (63 - extraColumn);
  if (!hasBits) setNulls(rowFields);
  escapeCount = 0;
  let extra: usize = 0;
  let extraTop: usize = 0;
  let before = opening;
  let p = skipSpace(start + 1, end);
  let next = load<u8>(p);
  if (next == CLOSING_BRACE) p++;
  else {
    while (true) {
      if (load<u8>(p) != QUOTE) return 0;
      const keyStart = p;
      let length: u32;
      let key = changetype<Key>(before).follower;
      if (isKey(key, p)) length = changetype<Key>(key).length;
      else {
        key = changetype<Key>(before).otherFollower;
        if (isKey(key, p)) length = changetype<Key>(key).length;
        else {
          key = findKey(p, end);
          length = foundLength;
          if (!length) return 0;
          if (key) {
            changetype<Key>(before).otherFollower = changetype<Key>(before).follower;
            changetype<Key>(before).follower = key;
          }
        }
      }
      p = skipColon(p + length, end);
      if (!p) return 0;
      const valueStart = p;
      const first = load<u8>(p);
      let field: u64;
      let isEscapedText = false;
      if (first == QUOTE) {
        const close = endOfString(p + 1, end);
        if (!close) return 0;
        isEscapedText = hasEscape;
        field = packed(p + 1, close);
        p = close + 1;
        if (nothingLength && p - valueStart == nothingLength && isEqual(valueStart, nothing, nothingLength)) {
          field = NULL_FIELD;
        }
      } else {
        if (first == OPENING_BRACE || first == OPENING_BRACKET) p = skipNested(p, end);
        else p = first - 0x30 <= 9 || first == MINUS ? skipNumber(p) : skipWord(p);
        if (!p) return 0;
        field = first == LETTER_N ? NULL_FIELD : packed(valueStart, p);
      }
      if (key) {
        const fieldAt = rowFields + changetype<Key>(key).fieldsOffset;
        store<u64>(fieldAt, field);
        missing &= ~((<u64>1) << changetype<Key>(key).column);
        if (isEscapedText) addEscapes(fieldAt, field);
        before = key;
      } else if (field != NULL_FIELD || first != QUOTE) {
        const size = length + (p - valueStart) + 3;
        if (!extra) {
          extra = reserveMade(0);
          extraTop = extra;
        }
        if (!extra || extraTop + size > madeEnd) return 0;
        store<u8>(extraTop, extraTop == extra ? OPENING_BRACE : COMMA);
        memory.copy(extraTop + 1, keyStart, length);
        store<u8>(extraTop + 1 + length, COLON);
        memory.copy(extraTop + 2 + length, valueStart, p - valueStart);
        extraTop += 2 + length + (p - valueStart);
      }
      p = skipSpace(p, end);
      next = load<u8>(p++);
      if (next == CLOSING_BRACE) break;
      if (next != COMMA) return 0;
      p = skipSpace(p, end);
    }
  }
  if (p > end || p - start > maxLineBytes) return 0;
  if (hasBits) for (; missing; missing &= missing - 1) store<u64>(rowFields + <usize>ctz(missing) * stride, NULL_FIELD);
  if (extra) {
    store<u8>(extraTop++, CLOSING_BRACE);
    store<u64>(rowFields + extraColumn * stride, packed(extra, extraTop));
    madeTop = extraTop + 8;
  }
  return p;
}

function setNulls(rowFields: usize): void {
  for (let column: u32 = 0, at = rowFields; column <= extraColumn; column++, at += stride) store<u64>(at, NULL_FIELD);
}

/** Length of the key that was looked for, with its quotes; 0 when it is not a plain key. */
let foundLength: u32 = 0;

/** The key at `at`, or 0. */
function findKey(at: usize, end: usize): usize {
  const close = endOfString(at + 1, end);
  foundLength = close && !hasEscape ? close + 1 - at : 0;
  if (!foundLength) return 0;
  for (let key = keys; key < opening; key += offsetof<Key>()) {
    if (changetype<Key>(key).length == foundLength && isKey(key, at)) return key;
  }
  return 0;
}

/** Spells the times of the record plainly. Returns its day, or NO_DAY when the reference has to read it. */
function dayOf(row: u32): i32 {
  const rowFields = fields + (row << 3);
  for (let i: u32 = 0; i < momentCount; i++) {
    const moment = moments + (i << 3);
    const fieldAt = rowFields + load<u32>(moment) * stride;
    const length = <i32>(load<u64>(fieldAt) >> 32);
    if (length > 0 && !(load<u32>(moment, 4) ? spellDate(fieldAt) : spellTime(fieldAt))) return NO_DAY;
  }
  if (timeKind == JSON_FIXED_DAY) return timeColumn;
  const field = load<u64>(rowFields + timeColumn * stride);
  if (timeKind == JSON_DATE_AND_TIME) return dayOfBoth(rowFields, field);
  return <i32>(field >> 32) > 0 ? dayAt(<usize>(<u32>field)) : NO_DAY;
}

/** Whether escapes of the field are to be undone. */
function isEscaped(fieldAt: usize): bool {
  for (let i: u32 = 0; i < escapeCount; i++) {
    if (<usize>load<u64>(escapes + (i << ESCAPE_SHIFT)) == fieldAt) return true;
  }
  return false;
}

/** What follows the time of day: the end, a zone, or neither. */
const END: i32 = 0;
const ZONE: i32 = 1;
const NONE: i32 = 2;

/** Where the fraction of `timeEnd`'s time starts, after the point, and where it ends; the same place when there is no fraction. */
let fractionStart: usize = 0;
let fractionEnd: usize = 0;

/** Tells what follows `YYYY-MM-DDTHH:MM:SS` and a fraction: nothing or `Z`, a zone such as `+HH:MM` or `+HHMM`, or neither. */
function timeEnd(start: usize, length: u32): i32 {
  const separator = load<u8>(start, 10);
  if (length < 19 || (separator != LETTER_T && separator != SPACE) || !isTimeOfDay(start + 11)) return NONE;
  const end = start + length;
  let p = start + 19;
  if (p < end && load<u8>(p) == POINT) {
    fractionStart = ++p;
    while (p < end && load<u8>(p) - 0x30 <= 9) p++;
    if (p == fractionStart) return NONE;
  } else fractionStart = p;
  fractionEnd = p;
  if (p == end || (p + 1 == end && load<u8>(p) == LETTER_Z)) return END;
  const sign = load<u8>(p);
  return (sign == MINUS || sign == PLUS) && (end - p == 5 || (end - p == 6 && load<u8>(p, 3) == COLON)) ? ZONE : NONE;
}

/** Makes a time what the columns' types read; false when the reference has to. */
function spellTime(fieldAt: usize): bool {
  if (isEscaped(fieldAt)) return false;
  const field = load<u64>(fieldAt);
  const start = <usize>(<u32>field);
  const length = <u32>(field >> 32);
  if (length > <u32>LONGEST_TIME) return false;
  if (load<u8>(start, 4) != MINUS) return spellEpoch(fieldAt, start, length);
  const end = timeEnd(start, length);
  const day = end == NONE ? NO_DAY : dayAt(start);
  if (day == NO_DAY) return false;
  if (end == END) return true;
  const second = twoDigits(start + 17);
  const zone = fractionEnd;
  const zoneHours = twoDigits(zone + 1);
  const zoneMinutes = twoDigits(start + length - 2);
  if (second == 60 || zoneHours > 23 || zoneMinutes > 59) return false;
  const ahead = (zoneHours * 60 + zoneMinutes) * (load<u8>(zone) == MINUS ? -60 : 60);
  const time = twoDigits(start + 11) * 3600 + twoDigits(start + 14) * 60 + second;
  return setTime(fieldAt, <i64>day * DAY_SECONDS + time - ahead, fractionStart, fractionEnd, 0, 0);
}

/** Makes a date of itself or of a time in UTC. */
function spellDate(fieldAt: usize): bool {
  if (isEscaped(fieldAt)) return false;
  const field = load<u64>(fieldAt);
  const start = <usize>(<u32>field);
  const length = <u32>(field >> 32);
  if (length < 10 || length > <u32>LONGEST_TIME || dayAt(start) == NO_DAY) return false;
  if (length == 10) return true;
  if (timeEnd(start, length) != END) return false;
  store<u64>(fieldAt, packed(start, start + 10));
  return true;
}

/** Makes a time of a count of seconds, milliseconds, microseconds or nanoseconds, told by its digits. */
function spellEpoch(fieldAt: usize, start: usize, length: u32): bool {
  const end = start + length;
  let p = start;
  let seconds: i64 = 0;
  for (; p < end; p++) {
    const digit = <u32>load<u8>(p) - 0x30;
    if (digit > 9) break;
    if (p - start < 10) seconds = seconds * 10 + digit;
  }
  const digits = <u32>(p - start);
  // 9, 10, 12, 13, 15, 16, 18 or 19; of an odd number of thousands, the first nine are the seconds.
  if (digits < 9 || digits > 19 || digits % 3 == 2 || load<u8>(start) == 0x30) return false;
  const secondDigits: u32 = digits % 3 ? 10 : 9;
  if (secondDigits == 9 && digits > 9) {
    // Of the year 9999, in a coarser unit: the reference knows.
    if (seconds >= 2533707648 && seconds <= 2534023007) return false;
    seconds /= 10;
  }
  const partStart = p < end ? p + 1 : end;
  if (p < end) {
    if (load<u8>(p) != POINT || partStart == end) return false;
    for (p = partStart; p < end; p++) if (load<u8>(p) - 0x30 > 9) return false;
  }
  return setTime(fieldAt, seconds, start + secondDigits, start + digits, partStart, end);
}

const DAY_SECONDS: i64 = 86400;
/** The first second after 9999. */
const END_SECONDS: i64 = 253402300800;

/** Gives the field the time `YYYY-MM-DDTHH:MM:SS[.fraction]Z`, the fraction in two parts. */
function setTime(
  fieldAt: usize,
  time: i64,
  firstStart: usize,
  firstEnd: usize,
  secondStart: usize,
  secondEnd: usize,
): bool {
  if (time < 0 || time >= END_SECONDS) return false;
  const first = firstEnd - firstStart;
  const second = secondEnd - secondStart;
  const at = reserveMade(<u32>(21 + first + second));
  if (!at) return false;
  storeDate(at, <i32>(time / DAY_SECONDS));
  const secondOfDay = <u32>(time % DAY_SECONDS);
  store<u8>(at, LETTER_T, 10);
  storeTwoDigits(at + 11, secondOfDay / 3600);
  store<u8>(at, COLON, 13);
  storeTwoDigits(at + 14, (secondOfDay / 60) % 60);
  store<u8>(at, COLON, 16);
  storeTwoDigits(at + 17, secondOfDay % 60);
  let top = at + 19;
  if (first + second) {
    store<u8>(top++, POINT);
    memory.copy(top, firstStart, first);
    memory.copy(top + first, secondStart, second);
    top += first + second;
  }
  store<u8>(top++, LETTER_Z);
  madeTop = top + 8;
  store<u64>(fieldAt, packed(at, top));
  return true;
}

/** The day of a date and a time of day that are fields of their own. */
function dayOfBoth(rowFields: usize, date: u64): i32 {
  const dateStart = <usize>(<u32>date);
  const timeAt = rowFields + timeOfDayColumn * stride;
  const time = load<u64>(timeAt);
  const timeStart = <usize>(<u32>time);
  if (hasText(rowFields, firstOtherColumn) || hasText(rowFields, secondOtherColumn)) return NO_DAY;
  if (isEscaped(rowFields + timeColumn * stride) || isEscaped(timeAt)) return NO_DAY;
  if (<u32>(date >> 32) != 10 || <u32>(time >> 32) != 8 || !isTimeOfDay(timeStart)) return NO_DAY;
  const day = dayAt(dateStart);
  const at = reserveMade(19);
  if (day == NO_DAY || !at) return NO_DAY;
  store<u64>(at, load<u64>(dateStart));
  store<u16>(at, load<u16>(dateStart, 8), 8);
  store<u8>(at, SPACE, 10);
  store<u64>(at, load<u64>(timeStart), 11);
  madeTop = at + 19 + 8;
  store<u64>(rowFields + joinedColumn * stride, packed(at, at + 19));
  return day;
}

// @ts-ignore: decorator
@inline
function hasText(rowFields: usize, column: u32): bool {
  return <i32>(load<u64>(rowFields + column * stride) >> 32) >= 0;
}
