/**
 * A calendar day in a time zone as an interval of UTC. Days of 23, 24.5 or 25 hours are days as well.
 */
const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 86_400_000;

interface LocalDay {
  /** First instant of the day, in milliseconds since 1970. */
  readonly startMs: number;
  /** First instant of the next day; the day does not hold it. */
  readonly endMs: number;
  /** The UTC dates that the interval touches, in order: the partitions to read. */
  readonly utcDates: readonly string[];
  /** The wall clock at the start of each hour of the day, "00:00" to "23:00". Some hours are there twice or not at all. */
  readonly hourLabels: readonly string[];
}

/**
 * @param date - `YYYY-MM-DD` in the zone.
 * @param timeZone - IANA name.
 * @throws {RangeError} When the calendar has no such date, or the zone skipped it.
 */
export function localDay(date: string, timeZone: string): LocalDay {
  const midnightMs = Date.parse(`${date}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(midnightMs) || utcDate(midnightMs) !== date)
    throw new RangeError(`"${date}" is not a date of the calendar; expected YYYY-MM-DD`);
  const startMs = startOfDay(midnightMs, timeZone);
  const endMs = startOfDay(midnightMs + MS_PER_DAY, timeZone);
  if (endMs <= startMs) throw new RangeError(`${date} did not take place in ${timeZone}`);
  const utcDates: string[] = [];
  for (let dayMs = Date.parse(`${utcDate(startMs)}T00:00:00Z`); dayMs < endMs; dayMs += MS_PER_DAY)
    utcDates.push(utcDate(dayMs));
  const hourLabels: string[] = [];
  for (let ms = startMs; ms < endMs; ms += MS_PER_HOUR)
    hourLabels.push(new Date(wallClockMs(ms, timeZone)).toISOString().slice(11, 16));
  return { startMs, endMs, utcDates, hourLabels };
}

/** The date before the one that it is in the zone at this instant. */
export function dayBefore(instantMs: number, timeZone: string): string {
  const today = utcDate(wallClockMs(instantMs, timeZone));
  return utcDate(Date.parse(`${today}T00:00:00Z`) - MS_PER_DAY);
}

/** The instant as people in the zone write it: `2026-01-18 06:00:12`. */
export function wallClock(instantMs: number, timeZone: string): string {
  return new Date(wallClockMs(instantMs, timeZone)).toISOString().slice(0, 19).replace("T", " ");
}

function utcDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/**
 * The first instant whose wall clock reads this midnight or later. Where midnight is skipped (zones that change their
 * clocks at midnight), that is the end of the gap; where it comes twice, it is the first one.
 */
function startOfDay(midnightMs: number, timeZone: string): number {
  // No offset exceeds 15 hours, and clocks only ever change by whole minutes.
  let low = midnightMs - 16 * MS_PER_HOUR;
  let high = midnightMs + 16 * MS_PER_HOUR;
  while (high - low > 60_000) {
    const middle = low + Math.floor((high - low) / 120_000) * 60_000;
    if (wallClockMs(middle, timeZone) >= midnightMs) high = middle;
    else low = middle;
  }
  // A clock that is set back over midnight shows the old date again after `high`; the day begins at the first midnight.
  return high;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The wall clock's reading as if it were UTC, in milliseconds. */
function wallClockMs(instantMs: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(timeZone, format);
  }
  const part = Object.fromEntries(format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!);
}
