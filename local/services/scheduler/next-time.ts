/**
 * The next time at which a schedule expression is due.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
import { Cron } from "croner";
import { ServiceError } from "../../service-error.ts";

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * @param expression - `cron(min hour day-of-month month day-of-week year)`, `rate(n unit)` or `at(yyyy-mm-ddThh:mm:ss)`.
 * @param timeZone - IANA name, for `cron` and `at`.
 * @param afterMs - Only later times count.
 * @param anchorMs - Where a rate counts from: when the schedule was made.
 * @returns Milliseconds since the epoch, or undefined when it is never due again.
 * @throws {ServiceError} `ValidationException` for an expression that EventBridge Scheduler refuses.
 */
export function nextTimeMs(
  expression: string,
  timeZone: string,
  afterMs: number,
  anchorMs: number,
): number | undefined {
  const [, kind, text] = /^(cron|rate|at)\((.+)\)$/.exec(expression) ?? [];
  if (kind === "cron") return nextCronMs(expression, text!, timeZone, afterMs);
  if (kind === "rate") return nextRateMs(expression, text!, afterMs, anchorMs);
  if (kind === "at") return atMs(expression, text!, timeZone, afterMs);
  throw invalid(expression);
}

function nextCronMs(expression: string, text: string, timeZone: string, afterMs: number): number | undefined {
  const fields = text.trim().split(/\s+/);
  // AWS wants the day given in one of two fields and `?` in the other.
  if (fields.length !== 6 || (fields[2] === "?") === (fields[4] === "?")) throw invalid(expression);
  try {
    const cron = new Cron(`0 ${fields.join(" ")}`, {
      timezone: timeZone,
      paused: true,
      // Sunday is 1, and `0/15` counts from 0: as Quartz has them, and AWS.
      alternativeWeekdays: true,
      sloppyRanges: true,
    });
    return cron.nextRun(new Date(afterMs))?.getTime();
  } catch {
    throw invalid(expression);
  }
}

function nextRateMs(expression: string, text: string, afterMs: number, anchorMs: number): number {
  const [, count, unit, plural] = /^(\d+) (minute|hour|day)(s?)$/.exec(text) ?? [];
  if (!count || Number(count) < 1 || (Number(count) === 1) !== (plural === "")) throw invalid(expression);
  const everyMs = Number(count) * UNIT_MS[unit!]!;
  return anchorMs + (Math.floor((afterMs - anchorMs) / everyMs) + 1) * everyMs;
}

function atMs(expression: string, text: string, timeZone: string, afterMs: number): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text)) throw invalid(expression);
  try {
    const due = new Cron(text, { timezone: timeZone, paused: true, allowPast: true }).getOnce()?.getTime();
    return due !== undefined && due > afterMs ? due : undefined;
  } catch {
    throw invalid(expression);
  }
}

function invalid(expression: string): ServiceError {
  return new ServiceError("ValidationException", `Invalid Schedule Expression ${expression}.`);
}
