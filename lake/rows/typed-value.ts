/** Typed values from the bytes of their text, written PLAIN-encoded: an INT64 never passes through a double. */

import { NO_DAY } from "./block-layout.ts";
import { dayAt, isTimeOfDay } from "./calendar.ts";
import type { ColumnType } from "./schema.ts";

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
const UPPER_Z = 0x5a;

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const TWO_TO_32 = 2 ** 32;

/**
 * Time since 1970 knows no leap second. One is taken for the last moment of its minute: as the first of the next it would be on
 * another day than its partition.
 */
const LEAP_SECOND = 60;

/** A double holds every number of this many digits exactly. */
const EXACT_DIGITS = 15;
/** Powers of ten that a double holds exactly: dividing an exact integer by one rounds once, so correctly. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** Physical types of Parquet that the lake uses. */
export type PhysicalType = "BOOLEAN" | "INT32" | "INT64" | "DOUBLE" | "BYTE_ARRAY";

export function physicalType(type: ColumnType): PhysicalType {
  switch (type) {
    case "string":
      return "BYTE_ARRAY";
    case "int32":
    case "date":
      return "INT32";
    case "int64":
    case "timestamp_millis":
    case "timestamp_micros":
      return "INT64";
    case "double":
      return "DOUBLE";
    case "boolean":
      return "BOOLEAN";
  }
}

/** Bytes of a PLAIN-encoded value; a boolean counts one until its page packs it. */
export function valueByteLength(type: Exclude<ColumnType, "string">): 1 | 4 | 8 {
  switch (type) {
    case "boolean":
      return 1;
    case "int32":
    case "date":
      return 4;
    default:
      return 8;
  }
}

function asciiText(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

/** Writes a whole number that is exact in a double as INT64. */
function setInt64(out: DataView, at: number, value: number): void {
  out.setInt32(at, value | 0, true);
  out.setInt32(at + 4, Math.floor(value / TWO_TO_32), true);
}

/**
 * Reads the text `bytes[start, end)` as a value of a type.
 *
 * @param out - Gets the value at `at`, PLAIN-encoded.
 * @returns False when the text is not a value of the type; then `out` is unchanged.
 */
export function parseValue(
  type: ColumnType,
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DataView,
  at: number,
): boolean {
  switch (type) {
    case "int32":
      return parseInt32(bytes, start, end, out, at);
    case "int64":
      return parseInt64(bytes, start, end, out, at);
    case "double":
      return parseDouble(bytes, start, end, out, at);
    case "timestamp_millis":
      return parseTimestamp(bytes, start, end, out, at, 3);
    case "timestamp_micros":
      return parseTimestamp(bytes, start, end, out, at, 6);
    case "date": {
      const day = end - start === 10 ? dayAt(bytes, start) : NO_DAY;
      if (day !== NO_DAY) out.setInt32(at, day, true);
      return day !== NO_DAY;
    }
    case "boolean":
      return parseBoolean(bytes, start, end, out, at);
    case "string":
      throw new Error("A string column has no typed values");
  }
}

/** An integer of at most 15 digits, or NaN for any other text. */
function shortInteger(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === MINUS;
  let i = isNegative ? start + 1 : start;
  if (i >= end || end - i > EXACT_DIGITS) return Number.NaN;
  let value = 0;
  for (; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return isNegative ? -value : value;
}

/** An integer of any length, or undefined for any other text. */
function longInteger(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  // A longer text is beyond INT64, even with more leading zeros than anybody writes.
  if (end - start > 64) return undefined;
  const text = asciiText(bytes, start, end);
  return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
}

function parseInt32(bytes: Uint8Array, start: number, end: number, out: DataView, at: number): boolean {
  let value = shortInteger(bytes, start, end);
  if (Number.isNaN(value)) {
    const long = longInteger(bytes, start, end);
    if (long === undefined) return false;
    value = Number(long);
  }
  if (value < INT32_MIN || value > INT32_MAX) return false;
  out.setInt32(at, value, true);
  return true;
}

function parseInt64(bytes: Uint8Array, start: number, end: number, out: DataView, at: number): boolean {
  const value = shortInteger(bytes, start, end);
  if (!Number.isNaN(value)) {
    setInt64(out, at, value);
    return true;
  }
  const long = longInteger(bytes, start, end);
  if (long === undefined || long < INT64_MIN || long > INT64_MAX) return false;
  out.setBigInt64(at, long, true);
  return true;
}

function parseDouble(bytes: Uint8Array, start: number, end: number, out: DataView, at: number): boolean {
  const isNegative = bytes[start] === MINUS;
  let mantissa = 0;
  let digits = 0;
  let pointAt = -1;
  for (let i = isNegative ? start + 1 : start; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits++;
    } else if (bytes[i] === POINT && pointAt < 0) pointAt = i;
    else return parseLongDouble(bytes, start, end, out, at);
  }
  if (digits === 0 || digits > EXACT_DIGITS) return parseLongDouble(bytes, start, end, out, at);
  if (pointAt >= 0) mantissa /= POWERS_OF_TEN[end - pointAt - 1]!;
  out.setFloat64(at, isNegative ? -mantissa : mantissa, true);
  return true;
}

function parseLongDouble(bytes: Uint8Array, start: number, end: number, out: DataView, at: number): boolean {
  if (end - start > 400) return false;
  const text = asciiText(bytes, start, end);
  if (!/^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return false;
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  out.setFloat64(at, value, true);
  return true;
}

/** @param digits - Digits of the fraction that count: 3 for milliseconds, 6 for microseconds; further ones are dropped. */
function parseTimestamp(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: DataView,
  at: number,
  digits: 3 | 6,
): boolean {
  const last = end > start && bytes[end - 1] === UPPER_Z ? end - 1 : end;
  if (last - start < 19 || !isTimeOfDay(bytes, start + 11)) return false;
  const day = dayAt(bytes, start);
  if (day === NO_DAY) return false;
  let fraction = 0;
  let seen = 0;
  if (last - start > 19) {
    if (bytes[start + 19] !== POINT || last - start === 20) return false;
    for (let i = start + 20; i < last; i++) {
      const digit = bytes[i]! - ZERO;
      if (digit < 0 || digit > 9) return false;
      if (seen < digits) {
        fraction = fraction * 10 + digit;
        seen++;
      }
    }
  }
  for (; seen < digits; seen++) fraction *= 10;
  const two = (i: number) => (bytes[start + i]! - ZERO) * 10 + bytes[start + i + 1]! - ZERO;
  let second = two(17);
  if (second === LEAP_SECOND) {
    second = LEAP_SECOND - 1;
    fraction = digits === 3 ? 999 : 999_999;
  }
  const seconds = day * 86_400 + two(11) * 3600 + two(14) * 60 + second;
  const value = seconds * (digits === 3 ? 1e3 : 1e6) + fraction;
  if (value <= Number.MAX_SAFE_INTEGER) setInt64(out, at, value);
  // Microseconds after the year 2255.
  else out.setBigInt64(at, BigInt(seconds) * 1_000_000n + BigInt(fraction), true);
  return true;
}

function parseBoolean(bytes: Uint8Array, start: number, end: number, out: DataView, at: number): boolean {
  if (end - start > 5) return false;
  const text = asciiText(bytes, start, end).toLowerCase();
  if (text !== "true" && text !== "false") return false;
  out.setUint8(at, text === "true" ? 1 : 0);
  return true;
}
