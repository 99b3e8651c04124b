import { describe, expect, it } from "vitest";
import { nextTimeMs } from "../../../../local/services/scheduler/next-time.ts";

const next = (expression: string, zone: string, after: string, anchor = "2026-01-01T00:00:00Z") => {
  const ms = nextTimeMs(expression, zone, Date.parse(after), Date.parse(anchor));
  return ms === undefined ? undefined : new Date(ms).toISOString();
};

describe("the next time of a schedule", () => {
  it("keeps the hour of the time zone when the clocks change", () => {
    expect(next("cron(0 6 * * ? *)", "Europe/Berlin", "2026-03-28T10:00:00Z")).toBe("2026-03-29T04:00:00.000Z");
    expect(next("cron(0 6 * * ? *)", "Europe/Berlin", "2026-03-27T10:00:00Z")).toBe("2026-03-28T05:00:00.000Z");
  });

  it("counts Sunday as day 1", () => {
    expect(next("cron(0 6 ? * 2 *)", "UTC", "2026-11-21T10:00:00Z")).toBe("2026-11-23T06:00:00.000Z");
    expect(next("cron(0 8 ? * 3#1 *)", "UTC", "2026-11-21T10:00:00Z")).toBe("2026-12-01T08:00:00.000Z");
  });

  it("reads steps and the last day of the month", () => {
    expect(next("cron(0/15 8-17 L * ? *)", "UTC", "2026-11-21T10:00:00Z")).toBe("2026-11-30T08:00:00.000Z");
  });

  it("counts a rate from when the schedule was made", () => {
    expect(next("rate(6 hours)", "UTC", "2026-01-02T07:00:00Z", "2026-01-01T01:00:00Z")).toBe(
      "2026-01-02T13:00:00.000Z",
    );
  });

  it("is due once at a time given, and never after it", () => {
    expect(next("at(2026-01-17T10:00:00)", "Europe/Berlin", "2026-01-17T08:00:00Z")).toBe("2026-01-17T09:00:00.000Z");
    expect(next("at(2026-01-17T10:00:00)", "UTC", "2026-01-18T08:00:00Z")).toBeUndefined();
    expect(next("cron(0 6 1 1 ? 2025)", "UTC", "2026-01-18T08:00:00Z")).toBeUndefined();
  });

  it.each(["cron(0 6 * * *)", "cron(0 6 * * * *)", "rate(1 hours)", "rate(0 days)", "at(2026-01-17)", "daily"])(
    "refuses %s by name, as AWS does",
    (expression) => {
      expect(() => next(expression, "UTC", "2026-01-01T00:00:00Z")).toThrow(
        `Invalid Schedule Expression ${expression}.`,
      );
    },
  );
});
