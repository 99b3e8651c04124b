/**
 * Turns the many spellings of a moment into the one that the typed columns read.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3339
 * @see https://www.rfc-editor.org/rfc/rfc5322#section-3.3
 */

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** ISO 8601 with a date, and a time to the minute or finer; `,` before the fraction as Java's loggers write it. */
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?$/;
/** The same without separators, as AWS signs requests. */
const COMPACT_ISO = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)$/;
/** The spelling of web servers and S3: `17/May/2015:10:05:03 +0000`. */
const COMMON_LOG = /^(\d\d)\/([A-Za-z]{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})$/;
/** The spelling of mail and HTTP headers: `Sat, 17 Jan 2026 10:00:00 GMT`. */
const HEADER_DATE = /^(?:[A-Za-z]{3}, )?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) (Z|UT|UTC|GMT|[+-]\d{4})$/;

/** A count since 1970; the number of digits before the point tells its unit. */
const EPOCH = /^(\d+)(?:\.(\d+))?(?:[eE]\+?(\d\d?))?$/;
/**
 * Digits of the fraction of a second, by the number of digits of an epoch: seconds, milliseconds, microseconds or
 * nanoseconds, of the years 1973 to 2286. With another number of digits (1, 20260117, 20260117100000) it is not a time, or
 * not for certain.
 */
const EPOCH_FRACTION_DIGITS: Readonly<Record<number, number>> = {
  9: 0,
  10: 0,
  12: 3,
  13: 3,
  15: 6,
  16: 6,
  18: 9,
  19: 9,
};

/**
 * The twelve digits with which a moment of the year 9999 begins, in seconds to microseconds. Read by the number of its digits it
 * would be of 11 January 1978. It is what many programs write for "never".
 */
const YEAR_9999 = { first: 253_370_764_800, last: 253_402_300_799, digits: 12 };

const END_OF_YEAR_9999_MS = Date.UTC(10_000, 0, 1);

/**
 * Reads a moment in any spelling that cannot be mistaken: ISO 8601 with any zone (none means UTC), seconds to nanoseconds
 * since 1970, the time of a web server's log, or of a mail or HTTP header.
 *
 * @returns `YYYY-MM-DDTHH:MM:SS[.fraction]Z`, in the years 1970 to 9999, with all digits of the fraction; undefined for a
 *   text that is not a moment of the calendar.
 */
export function instantText(text: string): string | undefined {
  const iso = ISO.exec(text) ?? COMPACT_ISO.exec(text);
  if (iso) {
    const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", zone = "Z"] = iso;
    return fromParts(`${year}-${month}-${day}T${hour}:${minute}:${second}`, fraction, zone);
  }
  const named = COMMON_LOG.exec(text) ?? HEADER_DATE.exec(text);
  if (named) {
    const [, day, monthName, year, hour, minute, second, zone] = named;
    const month = String(MONTHS.indexOf(monthName!.toLowerCase()) + 1).padStart(2, "0");
    return fromParts(`${year}-${month}-${day!.padStart(2, "0")}T${hour}:${minute}:${second}`, "", zone!);
  }
  return fromEpoch(text);
}

/** @param local - `YYYY-MM-DDTHH:MM:SS` in the zone. */
function fromParts(local: string, fraction: string, zone: string): string | undefined {
  // For the calendar, a leap second is the last second of its minute; the text keeps it.
  const isLeapSecond = local.endsWith(":60");
  const written = isLeapSecond ? `${local.slice(0, -2)}59` : local;
  const ms = Date.parse(`${written}Z`);
  // `Date` carries 30 February over into March, and takes 24:00.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== written) return undefined;
  const offsetMs = offsetOf(zone);
  if (offsetMs === undefined) return undefined;
  const seconds = isoSeconds(ms - offsetMs);
  return seconds && withFraction(isLeapSecond ? `${seconds.slice(0, -2)}60` : seconds, fraction);
}

/** The offset of a zone from UTC; undefined when it is not a zone. */
function offsetOf(zone: string): number | undefined {
  const [, sign, hours, minutes = "0"] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  if (!sign) return 0;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60_000 : 60_000);
}

function fromEpoch(text: string): string | undefined {
  const [, whole, part = "", exponent = "0"] = EPOCH.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const power = Number(exponent);
  const digits = (whole + part.slice(0, power).padEnd(power, "0")).replace(/^0+(?=\d)/, "");
  const fractionDigits = isInYear9999(digits) ? digits.length - YEAR_9999.digits : EPOCH_FRACTION_DIGITS[digits.length];
  if (fractionDigits === undefined) return undefined;
  const seconds = digits.slice(0, digits.length - fractionDigits);
  const text19 = isoSeconds(Number(seconds) * 1000);
  return text19 && withFraction(text19, digits.slice(seconds.length) + part.slice(power));
}

function isInYear9999(digits: string): boolean {
  if (digits.length !== 12 && digits.length !== 15 && digits.length !== 18) return false;
  const seconds = Number(digits.slice(0, YEAR_9999.digits));
  return seconds >= YEAR_9999.first && seconds <= YEAR_9999.last;
}

/** `YYYY-MM-DDTHH:MM:SS`; undefined outside of the years 1970 to 9999. */
function isoSeconds(ms: number): string | undefined {
  return ms >= 0 && ms < END_OF_YEAR_9999_MS ? new Date(ms).toISOString().slice(0, 19) : undefined;
}

function withFraction(seconds: string, fraction: string): string {
  return fraction === "" ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}
