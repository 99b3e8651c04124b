/** Dates and times of day, as `rows/calendar.ts` reads them. */
import { NO_DAY } from "../../rows/block-layout";

/** Two digits, or 1000. */
// @ts-ignore: decorator
@inline
export function twoDigits(at: usize): i32 {
  const tens = <u32>load<u8>(at) - 0x30;
  const ones = <u32>load<u8>(at, 1) - 0x30;
  return tens <= 9 && ones <= 9 ? <i32>(tens * 10 + ones) : 1000;
}

function daysInMonth(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

function daysFromCivil(year: i32, month: i32, day: i32): i32 {
  const shifted = month <= 2 ? year - 1 : year;
  const era = shifted / 400;
  const yearOfEra = shifted - era * 400;
  const dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

function parseDay(at: usize): i32 {
  const century = twoDigits(at);
  const yearOfCentury = twoDigits(at + 2);
  const month = twoDigits(at + 5);
  const day = twoDigits(at + 8);
  if (century > 99 || yearOfCentury > 99 || load<u8>(at, 4) != 0x2d || load<u8>(at, 7) != 0x2d) return NO_DAY;
  const year = century * 100 + yearOfCentury;
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return NO_DAY;
  return daysFromCivil(year, month, day);
}

// The last date and its day: neighbours almost always share it.
let lastHead: u64 = 0;
let lastTail: u16 = 0;
let lastDay: i32 = NO_DAY;

/** The day of `YYYY-MM-DD`, or NO_DAY. */
export function dayAt(at: usize): i32 {
  const head = load<u64>(at);
  const tail = load<u16>(at, 8);
  if (head != lastHead || tail != lastTail) {
    lastHead = head;
    lastTail = tail;
    lastDay = parseDay(at);
  }
  return lastDay;
}

export function isTimeOfDay(at: usize): bool {
  return (
    twoDigits(at) <= 23 &&
    load<u8>(at, 2) == 0x3a &&
    twoDigits(at + 3) <= 59 &&
    load<u8>(at, 5) == 0x3a &&
    twoDigits(at + 6) <= 60
  );
}

/** Two digits of a number below 100. */
// @ts-ignore: decorator
@inline
export function storeTwoDigits(at: usize, number: u32): void {
  store<u8>(at, <u8>(0x30 + number / 10));
  store<u8>(at, <u8>(0x30 + number % 10), 1);
}

/**
 * `YYYY-MM-DD` of a day from 1970 to 9999.
 *
 * @see https://howardhinnant.github.io/date_algorithms.html#civil_from_days
 */
export function storeDate(at: usize, day: i32): void {
  const shifted = day + 719468;
  const era = shifted / 146097;
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const month = (5 * dayOfYear + 2) / 153;
  const year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0);
  storeTwoDigits(at, year / 100);
  storeTwoDigits(at + 2, year % 100);
  store<u8>(at, 0x2d, 4);
  storeTwoDigits(at + 5, month + (month < 10 ? 3 : -9));
  store<u8>(at, 0x2d, 7);
  storeTwoDigits(at + 8, dayOfYear - (153 * month + 2) / 5 + 1);
}
