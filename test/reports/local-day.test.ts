import { describe, expect, it } from "vitest";
import { dayBefore, localDay, wallClock } from "../../reports/local-day.ts";

const iso = (ms: number) => new Date(ms).toISOString();
const hoursOf = ({ startMs, endMs }: { startMs: number; endMs: number }) => (endMs - startMs) / 3_600_000;

describe("localDay", () => {
  it("is the UTC date in UTC", () => {
    const day = localDay("2026-01-17", "UTC");
    expect([iso(day.startMs), iso(day.endMs)]).toEqual(["2026-01-17T00:00:00.000Z", "2026-01-18T00:00:00.000Z"]);
    expect(day.utcDates).toEqual(["2026-01-17"]);
    expect(day.hourLabels).toHaveLength(24);
  });

  it("spans two UTC dates where the zone is off UTC", () => {
    const day = localDay("2026-01-17", "Europe/Berlin");
    expect([iso(day.startMs), iso(day.endMs)]).toEqual(["2026-01-16T23:00:00.000Z", "2026-01-17T23:00:00.000Z"]);
    expect(day.utcDates).toEqual(["2026-01-16", "2026-01-17"]);
  });

  it("has 23 hours when clocks go forward and no label for the hour that is skipped", () => {
    const day = localDay("2026-03-29", "Europe/Berlin");
    expect(hoursOf(day)).toBe(23);
    expect(day.hourLabels.slice(0, 4)).toEqual(["00:00", "01:00", "03:00", "04:00"]);
  });

  it("has 25 hours when clocks go back and the repeated hour twice", () => {
    const day = localDay("2026-10-25", "Europe/Berlin");
    expect(hoursOf(day)).toBe(25);
    expect(day.hourLabels.slice(1, 5)).toEqual(["01:00", "02:00", "02:00", "03:00"]);
    expect([iso(day.startMs), iso(day.endMs)]).toEqual(["2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"]);
  });

  it("begins after the gap where midnight itself is skipped", () => {
    // Chile sets its clocks from 24:00 to 01:00.
    const day = localDay("2025-09-07", "America/Santiago");
    expect(iso(day.startMs)).toBe("2025-09-07T04:00:00.000Z");
    expect(hoursOf(day)).toBe(23);
    expect(day.hourLabels[0]).toBe("01:00");
  });

  it("gives every instant of a year to exactly one day, in zones of all kinds", () => {
    for (const zone of [
      "Europe/Berlin",
      "Asia/Kolkata",
      "Australia/Lord_Howe",
      "Pacific/Kiritimati",
      "America/Havana",
      "America/St_Johns",
    ]) {
      let endMs = localDay("2025-12-31", zone).endMs;
      for (let dayMs = Date.UTC(2026, 0, 1); dayMs < Date.UTC(2027, 0, 1); dayMs += 86_400_000) {
        const date = iso(dayMs).slice(0, 10);
        const day = localDay(date, zone);
        expect(day.startMs, `${date} in ${zone}`).toBe(endMs);
        expect(wallClock(day.endMs - 1000, zone).slice(0, 10)).toBe(date);
        endMs = day.endMs;
      }
    }
  });

  it("refuses what is no date", () => {
    for (const text of ["2026-02-30", "2026-1-7", "yesterday", "2026-01-17'; DROP", ""])
      expect(() => localDay(text, "UTC"), text).toThrow(/not a date of the calendar/);
  });

  it("refuses a day that a zone left out", () => {
    // Samoa went over the date line.
    expect(() => localDay("2011-12-30", "Pacific/Apia")).toThrow(/did not take place/);
  });
});

describe("dayBefore", () => {
  it("is counted in the zone, not in UTC", () => {
    expect(dayBefore(Date.parse("2026-01-17T23:30:00Z"), "Europe/Berlin")).toBe("2026-01-17");
    expect(dayBefore(Date.parse("2026-01-17T23:30:00Z"), "UTC")).toBe("2026-01-16");
  });

  it("is one date on at the ends of months and years", () => {
    expect(dayBefore(Date.parse("2026-03-01T12:00:00Z"), "UTC")).toBe("2026-02-28");
    expect(dayBefore(Date.parse("2026-01-01T12:00:00Z"), "UTC")).toBe("2025-12-31");
  });
});
