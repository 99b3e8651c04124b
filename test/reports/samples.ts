/** Query results of a made-up day, in the shape that Athena's result files have them. */

import type { DayAccounting } from "../../lake/batch/day-accounting.ts";
import { defineLake } from "../../lake/sources/config.ts";
import { localDay } from "../../reports/local-day.ts";
import { planOf, type ReportPlan } from "../../reports/plan.ts";
import type { ResultRow } from "../../reports/query/result-csv.ts";

export const config = defineLake({
  sources: {
    alb: { format: "alb", prefix: "alb/" },
    cloudfront: { format: "cloudfront", prefix: "cloudfront/" },
  },
  reports: {
    "alb-daily": {
      kind: "alb-daily",
      source: "alb",
      title: "ALB daily status",
      timeZone: "Europe/Berlin",
      schedule: "cron(0 6 * * ? *)",
      recipients: ["platform@example.com"],
      apis: { "orders-api": "Orders", "search-api": "Search" },
    },
    "cloudfront-daily": {
      kind: "cloudfront-daily",
      source: "cloudfront",
      title: "CloudFront daily",
      timeZone: "UTC",
      schedule: "cron(30 5 * * ? *)",
      recipients: ["platform@example.com"],
    },
  },
  alertRecipients: ["on-call@example.com"],
});

export interface SampleApi {
  api: string;
  targetGroup?: string;
  /** Requests by status; "-" is none. */
  statuses: Record<string, bigint | number>;
}

export function samplePlan(report: "alb-daily" | "cloudfront-daily", date = "2026-01-17"): ReportPlan {
  return planOf(config, { report, date, startedAt: "2026-12-01T05:00:00Z" });
}

/** Each class spread over the hours of the day, busier around noon. */
function hourRows(plan: ReportPlan, classes: Record<string, bigint>, bytes?: bigint): ResultRow[] {
  const hours = localDay(plan.date, plan.timeZone).hourLabels.length;
  const weights = Array.from({ length: hours }, (_, i) =>
    BigInt(Math.round(100 * (1.3 + Math.sin(((i - 8) / hours) * 2 * Math.PI)))),
  );
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  const spread = (count: bigint) => {
    const parts = weights.map((weight) => (count * weight) / whole);
    parts[hours - 1]! += count - parts.reduce((sum, part) => sum + part, 0n);
    return parts;
  };
  const byClass = Object.fromEntries(Object.entries(classes).map(([name, count]) => [name, spread(count)]));
  const sent = bytes === undefined ? undefined : spread(bytes);
  return weights.map((_, hour) => {
    const at = (name: string) => byClass[name]?.[hour] ?? 0n;
    const requests = at("2") + at("3") + at("4") + at("5") + at("other");
    return {
      hour: String(hour),
      status_2xx: String(at("2")),
      status_3xx: String(at("3")),
      status_4xx: String(at("4")),
      status_5xx: String(at("5")),
      requests: String(requests),
      ...(sent && { bytes: String(sent[hour]) }),
    };
  });
}

function byClass(statuses: readonly [string, bigint][]): Record<string, bigint> {
  const classes: Record<string, bigint> = {};
  for (const [status, count] of statuses) {
    const key = /^[2-5]\d\d$/.test(status) ? status[0]! : "other";
    classes[key] = (classes[key] ?? 0n) + count;
  }
  return classes;
}

/** A ledger that agrees with so many rows on the first UTC date of the day. */
function sampleAccounting(plan: ReportPlan, rows: bigint): DayAccounting {
  return {
    batches: 5n,
    objects: 48n,
    truncatedObjects: 0n,
    quarantinedObjects: 0n,
    lines: rows + 110n,
    comments: 96n,
    rows,
    rejected: 14n,
    rowsByDate: plan.utcDates.map((date, i) => ({ date, rows: i === 0 ? rows : 0n })),
    arrived: {
      ...{ batches: 5n, objects: 48n, recordedObjects: 48n, truncatedObjects: 0n, quarantinedObjects: 0n },
      ...{ passedOverObjects: 0n, unfinishedObjects: 0n, rejectedLines: 14n, refusedRows: 0n, reasons: {} },
    },
  };
}

export function albSample(plan: ReportPlan, apis: readonly SampleApi[]) {
  const status: ResultRow[] = apis.flatMap(({ api, targetGroup, statuses }) =>
    Object.entries(statuses).map(([code, requests]) => ({
      api,
      target_group: targetGroup ?? api.toLowerCase(),
      status: code === "-" ? null : code,
      requests: String(requests),
      received_bytes: String(BigInt(requests) * 512n),
      sent_bytes: String(BigInt(requests) * 4096n),
    })),
  );
  const counts = status.map((row): [string, bigint] => [row.status ?? "-", BigInt(row.requests!)]);
  const total = counts.reduce((sum, [, count]) => sum + count, 0n);
  const hours = hourRows(plan, byClass(counts));
  const percentiles = (scale: number) => ({
    p50_micros: String(Math.round(23_000 * scale)),
    p95_micros: String(Math.round(148_500 * scale)),
    p99_micros: String(Math.round(612_000 * scale)),
    max_micros: String(Math.round(2_731_004 * scale)),
  });
  const latency: ResultRow[] =
    total === 0n
      ? []
      : [
          { scope: "all", api: null, hour: null, measured: String(total), ...percentiles(1) },
          ...apis
            .filter(({ api }) => api !== "(none)")
            .map(({ api, statuses }, i) => ({
              scope: "api",
              api,
              hour: null,
              measured: String(Object.values(statuses).reduce<bigint>((sum, count) => sum + BigInt(count), 0n)),
              ...percentiles(0.5 + (i % 5) * 0.4),
            })),
          ...hours
            .filter(({ requests }) => requests !== "0")
            .map(({ hour, requests }) => ({
              scope: "hour",
              api: null,
              hour: hour!,
              measured: requests!,
              ...percentiles(0.7 + Math.abs(Math.sin(Number(hour) / 3))),
            })),
        ];
  const failed = status.filter(({ status }) => status === null || Number(status) >= 400 || Number(status) < 100);
  const paths = [
    "/v1/orders/8842/items",
    "/v1/search?page=2",
    "/wp-login.php",
    `/v1/${"very-long-segment/".repeat(9)}end`,
    "/каталог/товары",
    "/商品/一覧",
  ];
  const errors: ResultRow[] = failed.slice(0, 20).map((row, i) => ({
    api: row.api!,
    status: row.status!,
    verb: i % 3 ? "GET" : "POST",
    path: paths[i % paths.length]!,
    requests: row.requests!,
    kinds: String(failed.length),
  }));
  return {
    results: {
      "alb-daily-status": status,
      "alb-daily-hours": hours.filter(({ requests }) => requests !== "0"),
      "alb-daily-latency": latency,
      "alb-daily-errors": errors,
      "daily-rows": total === 0n ? [] : [{ date: plan.utcDates[0]!, row_count: String(total) }],
    } as Record<string, ResultRow[]>,
    accounting: sampleAccounting(plan, total),
  };
}

export function cloudFrontSample(
  plan: ReportPlan,
  statuses: Record<string, bigint | number>,
  bytesPerRequest = 18_433n,
) {
  const counts = Object.entries(statuses).map(([code, count]): [string, bigint] => [code, BigInt(count)]);
  const total = counts.reduce((sum, [, count]) => sum + count, 0n);
  const bytes = (count: bigint) => String(count * bytesPerRequest);
  const cacheTypes = ["Hit", "RefreshHit", "Miss", "Error", "Redirect"];
  const shares = [70n, 5n, 15n, 6n, 4n];
  const cache = cacheTypes.map((type, i): [string, bigint] => [type, (total * shares[i]!) / 100n]);
  cache[0]![1] += total - cache.reduce((sum, [, count]) => sum + count, 0n);
  // A result without rows has no kinds.
  const ranked = (names: readonly string[], column: string) =>
    (total === 0n ? [] : names).map((name, i) => {
      const count = total / BigInt((i + 2) * 3);
      return { [column]: name, requests: String(count), bytes: bytes(count), kinds: String(names.length + 40) };
    });
  return {
    results: {
      "cloudfront-daily-status": counts.map(([status, count]) => ({
        status: status === "-" ? null : status,
        requests: String(count),
        bytes: bytes(count),
      })),
      "cloudfront-daily-cache": cache
        .filter(([, count]) => count > 0n)
        .map(([type, count]) => ({ result_type: type, requests: String(count), bytes: bytes(count) })),
      "cloudfront-daily-hours": hourRows(plan, byClass(counts), total * bytesPerRequest).filter(
        ({ requests }) => requests !== "0",
      ),
      "cloudfront-daily-edges": ranked(
        [
          "FRA56-P3",
          "FRA60-P1",
          "AMS1-P2",
          "LHR50-P5",
          "CDG52-P4",
          "VIE50-C1",
          "WAW51-P1",
          "MXP63-P2",
          "MAD56-P1",
          "ARN53-P3",
          "ZRH55-P1",
          "IAD89-C1",
        ],
        "edge_location",
      ),
      "cloudfront-daily-paths": ranked(
        Array.from({ length: 25 }, (_, i) =>
          i === 4 ? `/assets/${"deep/".repeat(30)}photo-${i}.avif` : `/assets/app-${i}.8f3c1d.js`,
        ),
        "path",
      ),
      "cloudfront-daily-not-found": statuses["404"]
        ? ranked(["/favicon.ico", "/wp-login.php", "/.env", "/robots.txt", "/ünïcode/页面"], "path")
        : [],
      "daily-rows": total === 0n ? [] : [{ date: plan.utcDates[0]!, row_count: String(total) }],
    } as unknown as Record<string, ResultRow[]>,
    accounting: sampleAccounting(plan, total),
  };
}

/** An ordinary day of a few APIs. */
export const ordinaryApis: readonly SampleApi[] = [
  {
    api: "Orders",
    targetGroup: "orders-api",
    statuses: {
      200: 812_344,
      201: 40_221,
      204: 1200,
      304: 9021,
      400: 1822,
      404: 3120,
      409: 88,
      500: 421,
      502: 77,
      504: 12,
    },
  },
  {
    api: "Search",
    targetGroup: "search-api",
    statuses: { 200: 1_400_877, 302: 120, 404: 22_114, 429: 5120, 460: 314, 503: 2210 },
  },
  { api: "accounts-api", statuses: { 200: 201_998, 401: 4410, 403: 120, 561: 7 } },
  { api: "(none)", targetGroup: "(none)", statuses: { 301: 18_220, 400: 2044, 463: 3, "-": 41, 0: 2 } },
];
