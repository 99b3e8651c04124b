import { describe, expect, it } from "vitest";
import { planOf } from "../../reports/plan.ts";
import { config } from "./samples.ts";

const startedAt = "2026-01-18T05:00:03Z";

describe("planOf", () => {
  it("covers the day before the schedule's time in the report's zone, however late it starts", () => {
    const plan = planOf(config, {
      report: "alb-daily",
      scheduledTime: "2026-01-17T23:30:00Z",
      startedAt: "2026-01-20T00:00:00Z",
    });
    // Half past midnight of the 18th in Berlin.
    expect(plan.date).toBe("2026-01-17");
  });

  it("covers yesterday when a person starts it without a date, and the date given otherwise", () => {
    expect(planOf(config, { report: "alb-daily", startedAt }).date).toBe("2026-01-17");
    expect(planOf(config, { report: "alb-daily", date: "2025-12-24", scheduledTime: null, startedAt }).date).toBe(
      "2025-12-24",
    );
  });

  it("reads the partitions and the instants of the local day", () => {
    const { queries, utcDates } = planOf(config, { report: "alb-daily", date: "2026-01-17", startedAt });
    expect(utcDates).toEqual(["2026-01-16", "2026-01-17"]);
    expect(queries[0]!.parameters).toEqual({
      table: "alb",
      firstDate: "2026-01-16",
      lastDate: "2026-01-17",
      start: "2026-01-16 23:00:00",
      end: "2026-01-17 23:00:00",
      apis: { "orders-api": "Orders", "search-api": "Search" },
    });
  });

  it("names the reports that there are when one is not", () => {
    expect(() => planOf(config, { report: "toString", startedAt })).toThrow(
      /no report named "toString"; it has alb-daily, cloudfront-daily/,
    );
  });

  it("stays far below what a state may hold", () => {
    expect(JSON.stringify(planOf(config, { report: "cloudfront-daily", startedAt })).length).toBeLessThan(8 * 1024);
  });
});
