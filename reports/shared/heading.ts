/** The top of every report: the day, and what is unusual about it. */
import type { ReportDocument } from "../document.ts";
import { wallClock } from "../local-day.ts";
import type { ReportPlan } from "../plan.ts";

const MS_PER_HOUR = 3_600_000;

type Heading = Pick<ReportDocument, "report" | "title" | "date" | "longDate" | "period" | "timeZone" | "notices">;

/** @param more - Further notices, after those that follow from the plan. */
export function headingOf(plan: ReportPlan, more: readonly string[] = []): Heading {
  const utc = (ms: number) => wallClock(ms, "UTC").slice(0, 16);
  const notices: string[] = [];
  const hours = (plan.endMs - plan.startMs) / MS_PER_HOUR;
  if (hours !== 24) notices.push(`Clocks changed in ${plan.timeZone}: this day has ${hours} hours.`);
  // An execution that starts before the day's end cannot have seen all of it.
  if (plan.startedAtMs < plan.endMs)
    notices.push("This day was not over when the report was made: its numbers will still grow.");
  return {
    report: plan.report,
    title: plan.title,
    date: plan.date,
    longDate: longDate(plan.date),
    period:
      plan.timeZone === "UTC"
        ? "Midnight to midnight, UTC"
        : `Midnight to midnight, ${plan.timeZone} (${utc(plan.startMs)} to ${utc(plan.endMs)} UTC)`,
    timeZone: plan.timeZone,
    notices: [...notices, ...more],
  };
}

/** "Saturday, 17 January 2026" */
export function longDate(date: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
  })
    .format(Date.parse(`${date}T00:00:00Z`))
    .replace(/^(\w+) /, "$1, ");
}
