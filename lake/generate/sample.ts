/** A set of made-up log files: how many rows over which days, cut into which files. */
import { type Random, randomFrom } from "./random.ts";

export interface SampleOptions {
  /** Good records over all files. */
  rows: number;
  /** Same seed, same bytes. */
  seed: number;
  /** First day of events, YYYY-MM-DD, UTC. */
  firstDay: string;
  days: number;
  /** How many files the days are cut into, each covering an equal stretch of time. */
  files: number;
  /** Lines over all files that cannot be read as records, because they have no readable time of the event. */
  oddLines: number;
}

/** One log file as its service would deliver it, before compression. */
export interface SampleFile {
  /** The key below the source's prefix, ending in ".gz". */
  name: string;
  /** Good records among its lines. */
  rows: number;
  comments: number;
  oddLines: number;
  /** The lines without their line ends; each call makes the same ones again. */
  lines(): Generator<string>;
}

/** A stretch of time and the rows that fall into it. */
export interface SampleWindow {
  index: number;
  startMs: number;
  /** Exclusive. */
  endMs: number;
  rows: number;
  oddLines: number;
  /** A stream of its own for the file, so that no file depends on the ones before it. */
  random(): Random;
  /** Times of the rows in milliseconds since the epoch, rising, as many as `rows`. */
  times(random: Random): Generator<number>;
}

const HOUR_MS = 3_600_000;

/** Share of a day's traffic by hour, UTC: a European audience with a quiet night, a lunch dip and an evening peak. */
const HOUR_WEIGHTS = [
  14, 10, 8, 7, 8, 12, 22, 36, 50, 60, 64, 60, 54, 58, 62, 62, 60, 62, 68, 74, 72, 58, 38, 22,
] as const;

/**
 * Cuts the days into files and gives each file its share of the rows, by the hour of the day.
 *
 * @param salt - Makes the streams of one format differ from those of another with the same seed.
 * @throws {RangeError} When an option is out of range; the message names it.
 */
export function sampleWindows(options: SampleOptions, salt: string): SampleWindow[] {
  const firstMs = Date.parse(`${options.firstDay}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(options.firstDay) || Number.isNaN(firstMs))
    throw new RangeError(`firstDay is "${options.firstDay}", expected a date such as "2026-01-16"`);
  for (const name of ["rows", "seed", "oddLines"] as const)
    if (!Number.isSafeInteger(options[name]) || options[name] < 0)
      throw new RangeError(`${name} is ${options[name]}, expected a whole number from 0`);
  for (const name of ["days", "files"] as const)
    if (!Number.isSafeInteger(options[name]) || options[name] < 1)
      throw new RangeError(`${name} is ${options[name]}, expected a whole number from 1`);

  const hours = options.days * 24;
  const rowsBefore = [0];
  for (let hour = 0; hour < hours; hour++) rowsBefore.push(rowsBefore[hour]! + HOUR_WEIGHTS[hour % 24]!);
  const total = rowsBefore[hours]!;
  for (let hour = 0; hour <= hours; hour++) rowsBefore[hour] = (rowsBefore[hour]! / total) * options.rows;

  /** Rows before a point in time given in hours, between whole hours by interpolation. */
  const rowAt = (hour: number): number => {
    const whole = Math.min(Math.floor(hour), hours - 1);
    return Math.round(rowsBefore[whole]! + (hour - whole) * (rowsBefore[whole + 1]! - rowsBefore[whole]!));
  };

  return Array.from({ length: options.files }, (_, index) => {
    const startHour = (index * hours) / options.files;
    const endHour = ((index + 1) * hours) / options.files;
    const firstRow = rowAt(startHour);
    const endRow = rowAt(endHour);
    return {
      index,
      startMs: firstMs + startHour * HOUR_MS,
      endMs: firstMs + endHour * HOUR_MS,
      rows: endRow - firstRow,
      oddLines:
        Math.floor(((index + 1) * options.oddLines) / options.files) -
        Math.floor((index * options.oddLines) / options.files),
      random: () => randomFrom(`${options.seed}/${salt}/${index}`),
      *times(random) {
        let hour = Math.min(Math.floor(startHour), hours - 1);
        for (let row = firstRow; row < endRow; row++) {
          const at = row + random.unit();
          while (hour < hours - 1 && rowsBefore[hour + 1]! <= at) hour++;
          const within = (at - rowsBefore[hour]!) / (rowsBefore[hour + 1]! - rowsBefore[hour]!);
          const ms = firstMs + (hour + Math.min(Math.max(within, 0), 0.999_999)) * HOUR_MS;
          yield Math.floor(Math.min(Math.max(ms, firstMs + startHour * HOUR_MS), firstMs + endHour * HOUR_MS - 1));
        }
      },
    };
  });
}

/**
 * Puts the odd lines between the rows, evenly spread.
 *
 * @param odd - Makes the n-th odd line of the file.
 */
export function* withOddLines(
  rows: Iterable<string>,
  window: SampleWindow,
  odd: (n: number) => string,
): Generator<string> {
  let row = 0;
  let done = 0;
  for (const line of rows) {
    while (done < window.oddLines && done * window.rows <= row * window.oddLines) yield odd(done++);
    yield line;
    row++;
  }
  while (done < window.oddLines) yield odd(done++);
}
