/** Typed values from text. Unusual texts go to the host, which has all the rules. */
import { NO_DAY } from "../../rows/block-layout";
import {
  KIND_BOOLEAN,
  KIND_DATE,
  KIND_DOUBLE,
  KIND_INT32,
  KIND_INT64,
  KIND_TIMESTAMP_MICROS,
  KIND_TIMESTAMP_MILLIS,
} from "../shared-numbers";
import { dayAt, isTimeOfDay, twoDigits } from "./calendar";
import { hostValue, parseValue as parseOnHost } from "./host";

/** The value that `parse` read: an integer, or the bits of a double. */
export let parsed: i64 = 0;

/** A double, and an INT64, hold every number of this many digits exactly. */
const EXACT_DIGITS: u32 = 15;

const powersOfTen: usize = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
]);

/** Reads a text as a value of a column's kind; false when it is not such a value. */
export function parse(kind: i32, start: usize, length: u32): bool {
  switch (kind) {
    case KIND_INT32:
    case KIND_INT64:
      if (parseInteger(start, length)) {
        if (kind == KIND_INT64 || (parsed >= i32.MIN_VALUE && parsed <= i32.MAX_VALUE)) return true;
        return false;
      }
      break;
    case KIND_DOUBLE:
      if (parseDecimal(start, length)) return true;
      break;
    case KIND_TIMESTAMP_MILLIS:
      return parseTimestamp(start, length, 3);
    case KIND_TIMESTAMP_MICROS:
      return parseTimestamp(start, length, 6);
    case KIND_DATE: {
      if (length != 10) return false;
      const day = dayAt(start);
      parsed = day;
      return day != NO_DAY;
    }
    case KIND_BOOLEAN:
      parsed = length == 4 ? 1 : 0;
      // Capitals differ from small letters by one bit.
      if (length == 4) return (load<u32>(start) | 0x20202020) == 0x65757274;
      return length == 5 && (load<u32>(start) | 0x20202020) == 0x736c6166 && (load<u8>(start, 4) | 0x20) == 0x65;
  }
  if (!length || !parseOnHost(kind, start, length)) return false;
  parsed = kind == KIND_INT32 ? <i64>load<i32>(hostValue) : load<i64>(hostValue);
  return true;
}

function parseInteger(start: usize, length: u32): bool {
  let p = start;
  const end = start + length;
  const isNegative = length > 0 && load<u8>(p) == 0x2d;
  if (isNegative) p++;
  if (p >= end || end - p > EXACT_DIGITS) return false;
  let value: i64 = 0;
  for (; p < end; p++) {
    const digit = <u32>load<u8>(p) - 0x30;
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  parsed = isNegative ? -value : value;
  return true;
}

function parseDecimal(start: usize, length: u32): bool {
  let p = start;
  const end = start + length;
  const isNegative = length > 0 && load<u8>(p) == 0x2d;
  if (isNegative) p++;
  let mantissa: i64 = 0;
  let digits: u32 = 0;
  let point: usize = 0;
  for (; p < end; p++) {
    const digit = <u32>load<u8>(p) - 0x30;
    if (digit <= 9) {
      mantissa = mantissa * 10 + digit;
      if (++digits > EXACT_DIGITS) return false;
    } else if (load<u8>(p) == 0x2e && !point) point = p;
    else return false;
  }
  if (!digits) return false;
  let value = <f64>mantissa;
  // The division of two exact numbers rounds once, so correctly.
  if (point) value /= load<f64>(powersOfTen + ((end - point - 1) << 3));
  parsed = reinterpret<i64>(isNegative ? -value : value);
  return true;
}

function parseTimestamp(start: usize, length: u32, wanted: u32): bool {
  let end = start + length;
  if (length > 0 && load<u8>(end - 1) == 0x5a) end--;
  const size = end - start;
  if (<isize>size < 19 || !isTimeOfDay(start + 11)) return false;
  const day = dayAt(start);
  if (day == NO_DAY) return false;
  let fraction: i64 = 0;
  let seen: u32 = 0;
  if (size > 19) {
    if (load<u8>(start, 19) != 0x2e || size == 20) return false;
    for (let p = start + 20; p < end; p++) {
      const digit = <u32>load<u8>(p) - 0x30;
      if (digit > 9) return false;
      if (seen < wanted) {
        fraction = fraction * 10 + digit;
        seen++;
      }
    }
  }
  for (; seen < wanted; seen++) fraction *= 10;
  let second = twoDigits(start + 17);
  // A leap second is taken for the last moment of its minute.
  if (second == 60) {
    second = 59;
    fraction = wanted == 3 ? 999 : 999999;
  }
  const seconds = <i64>day * 86400 + twoDigits(start + 11) * 3600 + twoDigits(start + 14) * 60 + second;
  parsed = seconds * (wanted == 3 ? 1000 : 1000000) + fraction;
  return true;
}
