/** A day in the calendar. */
import { daysFromCivil, MS_PER_DAY } from "../rows/calendar.ts";

export interface LocalDay {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** `YYYY-MM-DD`; undefined before 1970, where columns of dates begin. */
  readonly date: string | undefined;
  /** 1 is Monday, 7 is Sunday, as in ISO 8601. */
  readonly weekday: number;
  /** 1 to 53. */
  readonly isoWeek: number;
  /** The year of the ISO week: around New Year it may differ from the day's year. */
  readonly isoWeekYear: number;
}

/** @param dayNumber - Days since 1970-01-01. */
export function localDay(dayNumber: number): LocalDay {
  const midnight = new Date(dayNumber * MS_PER_DAY);
  const weekday = ((((dayNumber + 3) % 7) + 7) % 7) + 1;
  // A week counts in the year of its Thursday.
  const thursday = dayNumber - weekday + 4;
  const isoWeekYear = new Date(thursday * MS_PER_DAY).getUTCFullYear();
  return {
    year: midnight.getUTCFullYear(),
    month: midnight.getUTCMonth() + 1,
    day: midnight.getUTCDate(),
    date: dayNumber < 0 ? undefined : midnight.toISOString().slice(0, 10),
    weekday,
    isoWeek: Math.floor((thursday - daysFromCivil(isoWeekYear, 1, 1)) / 7) + 1,
    isoWeekYear,
  };
}
