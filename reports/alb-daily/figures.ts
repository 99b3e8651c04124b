/** The numbers of the ALB daily status report, from the results of its queries. */
import type { DayAccounting } from "../../lake/batch/day-accounting.ts";
import { localDay } from "../local-day.ts";
import type { ReportPlan } from "../plan.ts";
import { integerOf, optionalIntegerOf, type ResultRow, ResultShapeError, textOf } from "../query/result-csv.ts";
import { checkAccounting, mustAgree } from "../shared/accounting.ts";
import { hourClasses, hourOf } from "../shared/hour-rows.ts";
import { descending } from "../shared/ranking.ts";
import { noRequests, type StatusClasses, statusClassOf, statusText } from "../shared/status-class.ts";

/** Exact percentiles by nearest rank, over the requests whose three times were all logged. */
export interface Latency {
  measured: bigint;
  p50Micros: bigint;
  p95Micros: bigint;
  p99Micros: bigint;
  maxMicros: bigint;
}

export interface ApiFigures {
  api: string;
  targetGroups: string[];
  requests: bigint;
  classes: StatusClasses;
  sentBytes: bigint;
  latency: Latency | null;
}

interface HourFigures {
  /** The wall clock at its start. */
  label: string;
  requests: bigint;
  classes: StatusClasses;
  latency: Latency | null;
}

export interface AlbFigures {
  requests: bigint;
  receivedBytes: bigint;
  sentBytes: bigint;
  classes: StatusClasses;
  latency: Latency | null;
  /** By requests, most first. */
  apis: ApiFigures[];
  /** Every code of the day in order; "-" stands for no code. */
  statuses: { status: string; requests: bigint }[];
  /** Every hour of the day, also those without requests. */
  hours: HourFigures[];
  errors: {
    /** The number of combinations of API, status, verb and path; `top` holds the most frequent. */
    kinds: bigint;
    top: { api: string; status: string; verb: string; path: string; requests: bigint }[];
  };
  accounting: DayAccounting;
}

/**
 * @param results - Rows by query name.
 * @throws {ReportIncomplete} When the queries do not agree with each other or with the ledger.
 * @throws {ResultShapeError} When a result lacks a column.
 */
export function albFigures(
  plan: ReportPlan,
  results: Readonly<Record<string, readonly ResultRow[]>>,
  accounting: DayAccounting,
): AlbFigures {
  const resultOf = (name: string) => {
    const rows = results[name];
    if (!rows) throw new ResultShapeError(`The result of query ${name} is missing`);
    return rows;
  };
  checkAccounting(plan, accounting, resultOf("daily-rows"));

  const classes = noRequests();
  const apis = new Map<string, ApiFigures>();
  const statuses = new Map<string, { order: bigint; requests: bigint }>();
  let requests = 0n;
  let receivedBytes = 0n;
  let sentBytes = 0n;
  /** 1xx, which is not a failure: 101 is a WebSocket that opened. */
  let informational = 0n;
  for (const row of resultOf("alb-daily-status")) {
    const api = textOf(row, "api") ?? "(none)";
    const targetGroup = textOf(row, "target_group") ?? "(none)";
    const status = optionalIntegerOf(row, "status");
    const count = integerOf(row, "requests");
    const sent = optionalIntegerOf(row, "sent_bytes") ?? 0n;
    requests += count;
    receivedBytes += optionalIntegerOf(row, "received_bytes") ?? 0n;
    sentBytes += sent;
    const statusClass = statusClassOf(status);
    classes[statusClass] += count;
    if (status !== null && status / 100n === 1n) informational += count;
    const text = statusText(status);
    statuses.set(text, { order: status ?? -1n, requests: (statuses.get(text)?.requests ?? 0n) + count });
    let figures = apis.get(api);
    if (!figures) {
      figures = { api, targetGroups: [], requests: 0n, classes: noRequests(), sentBytes: 0n, latency: null };
      apis.set(api, figures);
    }
    if (!figures.targetGroups.includes(targetGroup)) figures.targetGroups.push(targetGroup);
    figures.requests += count;
    figures.sentBytes += sent;
    figures.classes[statusClass] += count;
  }

  const day = localDay(plan.date, plan.timeZone);
  const hours: HourFigures[] = day.hourLabels.map((label) => ({
    label,
    requests: 0n,
    classes: noRequests(),
    latency: null,
  }));
  let hourly = 0n;
  for (const row of resultOf("alb-daily-hours")) {
    const hour = hourOf(hours, row);
    hour.requests = integerOf(row, "requests");
    hour.classes = hourClasses(row);
    hourly += hour.requests;
  }
  mustAgree(plan, "hour", hourly, requests);

  let latency: Latency | null = null;
  for (const row of resultOf("alb-daily-latency")) {
    const scope = textOf(row, "scope");
    if (scope === "all") latency = latencyOf(row);
    else if (scope === "hour") hourOf(hours, row).latency = latencyOf(row);
    else {
      const api = apis.get(textOf(row, "api") ?? "(none)");
      if (!api) mustAgree(plan, "latency", 0n, requests);
      else api.latency = latencyOf(row);
    }
  }

  const errorRows = resultOf("alb-daily-errors");
  const failed = classes.clientError + classes.serverError + classes.other - informational;
  const top = errorRows.map((row) => ({
    api: textOf(row, "api") ?? "(none)",
    status: statusText(optionalIntegerOf(row, "status")),
    verb: textOf(row, "verb") ?? "-",
    path: textOf(row, "path") ?? "-",
    requests: integerOf(row, "requests"),
  }));
  const kinds = errorRows[0] ? integerOf(errorRows[0], "kinds") : 0n;
  // When all of them are listed they have to add up.
  if (kinds === BigInt(top.length)) {
    const listed = top.reduce((sum, { requests }) => sum + requests, 0n);
    if (listed !== failed) mustAgree(plan, "failed path", requests - failed + listed, requests);
  }

  return {
    requests,
    receivedBytes,
    sentBytes,
    classes,
    latency,
    apis: [...apis.values()].sort((a, b) => descending(a.requests, b.requests) || (a.api < b.api ? -1 : 1)),
    statuses: [...statuses]
      .sort(([, a], [, b]) => -descending(a.order, b.order))
      .map(([status, { requests }]) => ({ status, requests })),
    hours,
    errors: { kinds, top },
    accounting,
  };
}

function latencyOf(row: ResultRow): Latency {
  return {
    measured: integerOf(row, "measured"),
    p50Micros: integerOf(row, "p50_micros"),
    p95Micros: integerOf(row, "p95_micros"),
    p99Micros: integerOf(row, "p99_micros"),
    maxMicros: integerOf(row, "max_micros"),
  };
}
