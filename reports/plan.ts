/** The day that one run of a report covers and the queries it asks, decided before anything runs. */
import { z } from "zod";
import { type LakeConfig, type ReportConfig, tableOf } from "../lake/sources/config.ts";
import { dayBefore, localDay, wallClock } from "./local-day.ts";
import type { SqlValues } from "./query/sql-template.ts";

interface PlannedQuery {
  /** A file of `queries/`. */
  name: string;
  parameters: SqlValues;
  maxWaitSeconds: number;
}

/** Plain JSON: it crosses the states of the report machine. */
export interface ReportPlan {
  report: string;
  kind: ReportConfig["kind"];
  source: string;
  title: string;
  /** The day in `timeZone`. */
  date: string;
  timeZone: string;
  startMs: number;
  /** Exclusive. */
  endMs: number;
  /** The UTC dates the day touches: the partitions that are read. */
  utcDates: string[];
  /** When the run began, in milliseconds since 1970. */
  startedAtMs: number;
  linkDays: number;
  /** Send the e-mail though the readers have it. */
  forceMail: boolean;
  queries: PlannedQuery[];
}

/** A plan as the tasks get it: the machine hands over what Plan report returned. */
export const reportPlan = z.custom<ReportPlan>(
  (plan) => typeof plan === "object" && plan !== null && "report" in plan && "queries" in plan,
  "a plan of Plan report",
);

export interface ReportRequest {
  report: string;
  date?: string | null | undefined;
  /** When the schedule meant to start it, ISO 8601; the report covers the day before. */
  scheduledTime?: string | null | undefined;
  /** When it did start, ISO 8601. */
  startedAt: string;
  /** Send the e-mail though the readers have it. */
  forceMail?: boolean | null | undefined;
}

/** `sluice.config.ts` has no report of this name. */
export class NoSuchReport extends Error {
  override readonly name = "NoSuchReport";
}

const queriesOf: Readonly<Record<ReportConfig["kind"], readonly string[]>> = {
  "alb-daily": ["alb-daily-status", "alb-daily-hours", "alb-daily-latency", "alb-daily-errors", "daily-rows"],
  "cloudfront-daily": [
    "cloudfront-daily-status",
    "cloudfront-daily-cache",
    "cloudfront-daily-hours",
    "cloudfront-daily-edges",
    "cloudfront-daily-paths",
    "cloudfront-daily-not-found",
    "daily-rows",
  ],
};

/**
 * @throws {NoSuchReport} When the configuration does not have it.
 * @throws {RangeError} When the date is not a date.
 */
export function planOf(config: LakeConfig, request: ReportRequest): ReportPlan {
  const report = Object.hasOwn(config.reports, request.report) ? config.reports[request.report] : undefined;
  if (!report)
    throw new NoSuchReport(
      `sluice.config.ts has no report named "${request.report}"; it has ${Object.keys(config.reports).join(", ")}`,
    );
  const date = dateOf(request, report.timeZone);
  const day = localDay(date, report.timeZone);
  const firstDate = day.utcDates[0]!;
  const lastDate = day.utcDates.at(-1)!;
  const table = tableOf(report.source);
  const maxWaitSeconds = config.budgets.queryWaitSeconds;
  const whole = { table, firstDate, lastDate };
  const ofDay = { ...whole, start: wallClock(day.startMs, "UTC"), end: wallClock(day.endMs, "UTC") };
  const parameters: Record<string, SqlValues> = {
    "daily-rows": whole,
    "alb-daily-status": { ...ofDay, apis: report.apis },
    "alb-daily-latency": { ...ofDay, apis: report.apis },
    "alb-daily-errors": { ...ofDay, apis: report.apis },
  };
  return {
    report: request.report,
    kind: report.kind,
    source: report.source,
    title: report.title,
    date,
    timeZone: report.timeZone,
    startMs: day.startMs,
    endMs: day.endMs,
    utcDates: [...day.utcDates],
    startedAtMs: instantOf(request.startedAt, "startedAt"),
    linkDays: report.linkDays,
    forceMail: request.forceMail ?? false,
    queries: queriesOf[report.kind].map((name) => ({ name, parameters: parameters[name] ?? ofDay, maxWaitSeconds })),
  };
}

/** The day asked for, or the one before the run in the report's zone. */
export function dateOf(request: ReportRequest, timeZone: string): string {
  if (request.date) return request.date;
  return dayBefore(
    request.scheduledTime
      ? instantOf(request.scheduledTime, "scheduledTime")
      : instantOf(request.startedAt, "startedAt"),
    timeZone,
  );
}

function instantOf(text: string, what: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new RangeError(`${what} is "${text}", expected an instant such as 2026-01-18T05:00:00Z`);
  return ms;
}
