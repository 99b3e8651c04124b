/** The numbers of the CloudFront daily report, from the results of its queries. */
import type { DayAccounting } from "../../lake/batch/day-accounting.ts";
import { localDay } from "../local-day.ts";
import type { ReportPlan } from "../plan.ts";
import { integerOf, optionalIntegerOf, type ResultRow, ResultShapeError, textOf } from "../query/result-csv.ts";
import { checkAccounting, mustAgree } from "../shared/accounting.ts";
import { hourClasses, hourOf } from "../shared/hour-rows.ts";
import { descending } from "../shared/ranking.ts";
import { noRequests, type StatusClasses, statusClassOf, statusText } from "../shared/status-class.ts";

export interface CloudFrontFigures {
  requests: bigint;
  /** Sent to viewers, headers included. */
  bytes: bigint;
  classes: StatusClasses;
  /** Every code of the day in order; "-" stands for no code. */
  statuses: { status: string; requests: bigint; bytes: bigint }[];
  cache: {
    /** Answered from the cache: Hit and RefreshHit. */
    hits: bigint;
    misses: bigint;
    hitBytes: bigint;
    /** Every result type of the day, most requests first. */
    results: { resultType: string; requests: bigint; bytes: bigint }[];
  };
  /** Every hour of the day, also those without requests. */
  hours: { label: string; requests: bigint; bytes: bigint; classes: StatusClasses }[];
  edges: { kinds: bigint; top: { location: string; requests: bigint; bytes: bigint }[] };
  paths: { kinds: bigint; top: { path: string; requests: bigint; bytes: bigint }[] };
  notFound: { kinds: bigint; top: { path: string; requests: bigint }[] };
  accounting: DayAccounting;
}

const HITS = new Set(["Hit", "RefreshHit", "OriginShieldHit"]);

/**
 * @param results - Rows by query name.
 * @throws {ReportIncomplete} When the queries do not agree with each other or with the ledger.
 * @throws {ResultShapeError} When a result lacks a column.
 */
export function cloudFrontFigures(
  plan: ReportPlan,
  results: Readonly<Record<string, readonly ResultRow[]>>,
  accounting: DayAccounting,
): CloudFrontFigures {
  const resultOf = (name: string) => {
    const rows = results[name];
    if (!rows) throw new ResultShapeError(`The result of query ${name} is missing`);
    return rows;
  };
  const bytesOf = (row: ResultRow) => optionalIntegerOf(row, "bytes") ?? 0n;
  checkAccounting(plan, accounting, resultOf("daily-rows"));

  const classes = noRequests();
  let requests = 0n;
  let bytes = 0n;
  const statuses = resultOf("cloudfront-daily-status").map((row) => {
    const status = optionalIntegerOf(row, "status");
    const counted = {
      order: status ?? -1n,
      status: statusText(status),
      requests: integerOf(row, "requests"),
      bytes: bytesOf(row),
    };
    classes[statusClassOf(status)] += counted.requests;
    requests += counted.requests;
    bytes += counted.bytes;
    return counted;
  });

  const cacheResults = resultOf("cloudfront-daily-cache").map((row) => ({
    resultType: textOf(row, "result_type") ?? "-",
    requests: integerOf(row, "requests"),
    bytes: bytesOf(row),
  }));
  const sum = <Item>(items: readonly Item[], value: (item: Item) => bigint) =>
    items.reduce((total, item) => total + value(item), 0n);
  mustAgree(
    plan,
    "cache result",
    sum(cacheResults, (result) => result.requests),
    requests,
  );
  const hits = cacheResults.filter(({ resultType }) => HITS.has(resultType));

  const day = localDay(plan.date, plan.timeZone);
  const hours = day.hourLabels.map((label) => ({ label, requests: 0n, bytes: 0n, classes: noRequests() }));
  for (const row of resultOf("cloudfront-daily-hours")) {
    const hour = hourOf(hours, row);
    hour.requests = integerOf(row, "requests");
    hour.bytes = bytesOf(row);
    hour.classes = hourClasses(row);
  }
  mustAgree(
    plan,
    "hour",
    sum(hours, (hour) => hour.requests),
    requests,
  );

  const kindsOf = (rows: readonly ResultRow[]) => (rows[0] ? integerOf(rows[0], "kinds") : 0n);
  const edges = resultOf("cloudfront-daily-edges");
  const paths = resultOf("cloudfront-daily-paths");
  const notFound = resultOf("cloudfront-daily-not-found");
  return {
    requests,
    bytes,
    classes,
    statuses: statuses.sort((a, b) => descending(b.order, a.order)).map(({ order: _, ...counted }) => counted),
    cache: {
      hits: sum(hits, (result) => result.requests),
      misses: sum(
        cacheResults.filter(({ resultType }) => resultType === "Miss"),
        (result) => result.requests,
      ),
      hitBytes: sum(hits, (result) => result.bytes),
      results: cacheResults.sort(
        (a, b) => descending(a.requests, b.requests) || (a.resultType < b.resultType ? -1 : 1),
      ),
    },
    hours,
    edges: {
      kinds: kindsOf(edges),
      top: edges.map((row) => ({
        location: textOf(row, "edge_location") ?? "-",
        requests: integerOf(row, "requests"),
        bytes: bytesOf(row),
      })),
    },
    paths: {
      kinds: kindsOf(paths),
      top: paths.map((row) => ({
        path: textOf(row, "path") ?? "-",
        requests: integerOf(row, "requests"),
        bytes: bytesOf(row),
      })),
    },
    notFound: {
      kinds: kindsOf(notFound),
      top: notFound.map((row) => ({ path: textOf(row, "path") ?? "-", requests: integerOf(row, "requests") })),
    },
    accounting,
  };
}
