import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { localDay } from "../../../lake/derive/local-day.ts";
import { ZoneOffset } from "../../../lake/derive/zone-offset.ts";

const dayNumber = (date: string) => Date.parse(date) / 86_400_000;
const seconds = (instant: string) => Date.parse(instant) / 1000;

describe("localDay", () => {
  it.each([
    ["2024-12-30", 1, 1, 2025],
    ["2025-01-01", 3, 1, 2025],
    ["2021-01-03", 7, 53, 2020],
    ["2026-11-21", 6, 47, 2026],
    ["2020-02-29", 6, 9, 2020],
    ["1970-01-01", 4, 1, 1970],
    ["2000-01-01", 6, 52, 1999],
    ["2024-12-29", 7, 52, 2024],
  ])("knows weekday and ISO week of %s", (date, weekday, isoWeek, isoWeekYear) => {
    const [year, month, day] = date.split("-").map(Number);
    expect(localDay(dayNumber(date))).toEqual({ year, month, day, date, weekday, isoWeek, isoWeekYear });
  });

  it("numbers the weeks of four centuries without a gap", () => {
    let last = localDay(dayNumber("1970-01-05"));
    for (let day = dayNumber("1970-01-12"); day < dayNumber("2370-01-01"); day += 7) {
      const next = localDay(day);
      const follows = next.isoWeekYear === last.isoWeekYear ? next.isoWeek === last.isoWeek + 1 : next.isoWeek === 1;
      if (!follows || next.weekday !== 1) expect.fail(`${next.date} is week ${next.isoWeek} after ${last.isoWeek}`);
      last = next;
    }
  });

  it("has no date before 1970, where date columns begin", () => {
    expect(localDay(-1)).toMatchObject({ year: 1969, month: 12, day: 31, date: undefined, weekday: 3 });
  });
});

describe("ZoneOffset", () => {
  it.each([
    ["UTC", "2026-07-01T00:00:00Z", 0],
    ["Europe/Berlin", "2026-03-29T00:59:59Z", 3600],
    ["Europe/Berlin", "2026-03-29T01:00:00Z", 7200],
    ["America/New_York", "2026-11-01T05:59:59Z", -14_400],
    ["America/New_York", "2026-11-01T06:00:00Z", -18_000],
    ["Asia/Kathmandu", "2026-01-01T00:00:00Z", 20_700],
    ["Australia/Lord_Howe", "2026-01-01T00:00:00Z", 39_600],
    ["Australia/Lord_Howe", "2026-07-01T00:00:00Z", 37_800],
    // The border of this change lies within a slot.
    ["Africa/Monrovia", "1972-01-07T00:44:29Z", -2670],
    ["Africa/Monrovia", "1972-01-07T00:44:30Z", 0],
  ])("knows %s at %s", (zone, instant, offset) => {
    expect(new ZoneOffset(zone).at(seconds(instant))).toBe(offset);
  });

  it("answers the same in any order of questions", () => {
    const zone = new ZoneOffset("Africa/Monrovia");
    const around = seconds("1972-01-07T00:44:30Z");
    fc.assert(
      fc.property(fc.integer({ min: around - 2000, max: around + 2000 }), (at) => {
        expect(zone.at(at)).toBe(at < around ? -2670 : 0);
      }),
    );
  });
});
