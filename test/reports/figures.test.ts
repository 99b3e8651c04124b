import { describe, expect, it } from "vitest";
import { albFigures } from "../../reports/alb-daily/figures.ts";
import { cloudFrontFigures } from "../../reports/cloudfront-daily/figures.ts";
import { accountingLines } from "../../reports/shared/accounting.ts";
import { arrivalLines, arrivalNotices } from "../../reports/shared/arrival-lines.ts";
import { albSample, cloudFrontSample, ordinaryApis, samplePlan } from "./samples.ts";

const plan = samplePlan("alb-daily");

function figuresOf(apis = ordinaryApis) {
  const { results, accounting } = albSample(plan, apis);
  return albFigures(plan, results, accounting);
}

describe("albFigures", () => {
  it("counts every status code in exactly one class, odd ones and none at all too", () => {
    const { statuses, classes, requests } = figuresOf([
      { api: "Orders", statuses: { 200: 1, 302: 2, 460: 3, 463: 4, 561: 5, "-": 6, 0: 7, 101: 8, 600: 9 } },
    ]);
    expect(classes).toEqual({ success: 1n, redirect: 2n, clientError: 7n, serverError: 5n, other: 30n });
    expect(requests).toBe(45n);
    expect(statuses.map(({ status }) => status)).toEqual(["-", "0", "101", "200", "302", "460", "463", "561", "600"]);
    expect(statuses.reduce((sum, { requests }) => sum + requests, 0n)).toBe(45n);
  });

  it("adds up target groups of one API and keeps requests without a target group", () => {
    const { apis } = figuresOf([
      { api: "Orders", targetGroup: "orders-blue", statuses: { 200: 10 } },
      { api: "Orders", targetGroup: "orders-green", statuses: { 200: 5, 500: 1 } },
      { api: "(none)", targetGroup: "(none)", statuses: { 301: 2 } },
    ]);
    expect(apis.map(({ api, requests }) => [api, requests])).toEqual([
      ["Orders", 16n],
      ["(none)", 2n],
    ]);
    expect(apis[0]!.targetGroups).toEqual(["orders-blue", "orders-green"]);
  });

  it("has every hour of a day of 25 and of 23 hours, those without requests too", () => {
    for (const [date, hours] of [
      ["2026-10-25", 25],
      ["2026-03-29", 23],
    ] as const) {
      const dst = samplePlan("alb-daily", date);
      const { results, accounting } = albSample(dst, ordinaryApis);
      expect(albFigures(dst, results, accounting).hours).toHaveLength(hours);
    }
    expect(figuresOf([]).hours).toHaveLength(24);
  });

  it("keeps counts beyond 2^53 exact", () => {
    const { requests } = figuresOf([
      { api: "Orders", statuses: { 200: 9_007_199_254_740_993n, 404: 9_007_199_254_740_993n } },
    ]);
    expect(requests).toBe(18_014_398_509_481_986n);
  });

  it("refuses a day whose rows are not those of the ledger", () => {
    const { results, accounting } = albSample(plan, ordinaryApis);
    const first = accounting.rowsByDate[0]!;
    const other = { ...accounting, rowsByDate: [{ ...first, rows: first.rows + 1n }] };
    expect(() => albFigures(plan, results, other)).toThrow(
      /date=2026-01-16 has 2,525,926 rows for Athena and 2,525,927 in the ledger/,
    );
  });

  it("refuses a ledger that does not add up", () => {
    const { results, accounting } = albSample(plan, ordinaryApis);
    expect(() => albFigures(plan, results, { ...accounting, lines: accounting.lines + 1n })).toThrow(/lines but/);
  });

  it("says which log objects are not in the numbers", () => {
    const { accounting } = albSample(plan, ordinaryApis);
    expect(accountingLines(accounting, 1n)).toHaveLength(3);
    expect(accountingLines({ ...accounting, truncatedObjects: 2n }, 1n)[2]).toBe(
      "Not in these numbers: of the log objects, 2 cut (the last lines are missing).",
    );
    expect(accountingLines({ ...accounting, truncatedObjects: 1n, quarantinedObjects: 3n }, 1n)[2]).toBe(
      "Not in these numbers: of the log objects, 1 cut (the last lines are missing) and 3 quarantined.",
    );
  });

  it("says what arrived on the day, also what gave no row", () => {
    const { accounting } = albSample(plan, ordinaryApis);
    expect(accountingLines(accounting, 1n)[2]).toBe(
      "Arrived on UTC 2026-01-16 and 2026-01-17: 48 log objects in 5 batches, of which 48 recorded; 14 lines rejected.",
    );
    expect(arrivalNotices(accounting.arrived)).toEqual([]);
    const arrived = {
      ...{ ...accounting.arrived, batches: 1n, objects: 7n, recordedObjects: 1n, truncatedObjects: 1n },
      ...{ quarantinedObjects: 2n, passedOverObjects: 1n, unfinishedObjects: 2n, rejectedLines: 0n, refusedRows: 9n },
      reasons: { CorruptArchive: 2n, TruncatedArchive: 1n },
    };
    expect(arrivalLines(arrived, ["2026-01-17"])).toEqual([
      "Arrived on UTC 2026-01-17: 7 log objects in 1 batch, of which 1 recorded, 1 cut, 2 quarantined, 1 empty, 2 not yet read.",
    ]);
    expect(arrivalNotices(arrived)).toEqual([
      "3 of the 7 log objects that arrived could not be read, or not to the end (CorruptArchive 2, TruncatedArchive 1).",
      "9 rows are not in these numbers: their batches were refused, as too many of their lines were rejected.",
      "2 log objects that arrived are not in the lake yet.",
    ]);
  });

  it("refuses queries that saw different rows", () => {
    const { results, accounting } = albSample(plan, ordinaryApis);
    const hours = results["alb-daily-hours"]!.slice(1);
    expect(() => albFigures(plan, { ...results, "alb-daily-hours": hours }, accounting)).toThrow(
      /did not see the same rows/,
    );
  });

  it("names the column or the query that is missing", () => {
    const { results, accounting } = albSample(plan, ordinaryApis);
    const broken = results["alb-daily-status"]!.map(({ requests: _, ...row }) => row);
    expect(() => albFigures(plan, { ...results, "alb-daily-status": broken }, accounting)).toThrow(
      /no column "requests"/,
    );
    expect(() => albFigures(plan, { "daily-rows": results["daily-rows"]! }, accounting)).toThrow(
      /alb-daily-status is missing/,
    );
  });
});

describe("cloudFrontFigures", () => {
  const day = samplePlan("cloudfront-daily");

  it("sums status codes, bytes and cache results to the same requests", () => {
    const { results, accounting } = cloudFrontSample(day, { 200: 900, 304: 50, 404: 30, 503: 15, 0: 5 }, 100n);
    const figures = cloudFrontFigures(day, results, accounting);
    expect(figures.requests).toBe(1000n);
    expect(figures.bytes).toBe(100_000n);
    expect(figures.classes).toEqual({ success: 900n, redirect: 50n, clientError: 30n, serverError: 15n, other: 5n });
    expect(figures.cache.results.reduce((sum, { requests }) => sum + requests, 0n)).toBe(1000n);
    expect([figures.cache.hits, figures.cache.misses]).toEqual([750n, 150n]);
  });

  it("is all zero without rows", () => {
    const { results, accounting } = cloudFrontSample(day, {});
    const figures = cloudFrontFigures(day, results, accounting);
    expect([figures.requests, figures.bytes, figures.edges.kinds]).toEqual([0n, 0n, 0n]);
  });
});
