/** Days, dates and times of day as they stand in logs: ASCII digits, UTC, the Gregorian calendar. */
import { NO_DAY } from "./block-layout.ts";

const ZERO = 0x30;
const DASH = 0x2d;
const COLON = 0x3a;

export const MS_PER_DAY = 86_400_000;

/** Two ASCII digits as a number; 1000 when they are not digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 1000;
}

/**
 * Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
 *
 * @see https://howardhinnant.github.io/date_algorithms.html#days_from_civil
 */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * The day that `YYYY-MM-DD` at `bytes[at, at + 10)` names.
 *
 * @returns Days since 1970-01-01, or `NO_DAY` for a text that is not a date from 1970 on.
 */
export function dayAt(bytes: Uint8Array, at: number): number {
  const century = twoDigits(bytes, at);
  const yearOfCentury = twoDigits(bytes, at + 2);
  const month = twoDigits(bytes, at + 5);
  const day = twoDigits(bytes, at + 8);
  if (century > 99 || yearOfCentury > 99 || bytes[at + 4] !== DASH || bytes[at + 7] !== DASH) return NO_DAY;
  const year = century * 100 + yearOfCentury;
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return NO_DAY;
  return daysFromCivil(year, month, day);
}

/** Whether `HH:MM:SS` stands at `bytes[at, at + 8)`; a leap second counts. */
export function isTimeOfDay(bytes: Uint8Array, at: number): boolean {
  return (
    twoDigits(bytes, at) <= 23 &&
    bytes[at + 2] === COLON &&
    twoDigits(bytes, at + 3) <= 59 &&
    bytes[at + 5] === COLON &&
    twoDigits(bytes, at + 6) <= 60
  );
}

/** The partition value of a day, `YYYY-MM-DD`. It comes from the calendar, so no input text can get into a path. */
export function dateOfDay(day: number): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
}
