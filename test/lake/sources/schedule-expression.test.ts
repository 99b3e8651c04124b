import { describe, expect, it } from "vitest";
import { scheduleExpression, timeZone } from "../../../lake/sources/schedule-expression.ts";

const messageOf = (expression: string) => scheduleExpression.safeParse(expression).error?.issues[0]?.message;

describe("a schedule", () => {
  it.each([
    "cron(0 6 * * ? *)",
    "cron(30 0 * * ? *)",
    "cron(0/15 8-18 ? * MON-FRI *)",
    "cron(0 6 L * ? *)",
    "cron(0 6 15W * ? *)",
    "cron(0 6 ? * 2#1 *)",
    "cron(0 6 ? * fri 2026-2030)",
    "cron(0 6 1,15 JAN,JUL ? *)",
    "rate(1 day)",
    "rate(12 hours)",
  ])("is %s", (expression) => {
    expect(messageOf(expression)).toBeUndefined();
  });

  it.each([
    ["0 6 * * ? *", /such as "cron\(0 6 \* \* \? \*\)"/],
    ["every day", /EventBridge Scheduler expression/],
    ["at(2026-01-01T00:00:00)", /EventBridge Scheduler expression/],
    ["cron(0 6 * * *)", /six fields, minute, hour, .*; there are 5/],
    ["cron(0 6 * * ? * *)", /there are 7/],
    ["cron(60 6 * * ? *)", /the minute is from 0 to 59/],
    ["cron(0 24 * * ? *)", /the hour is from 0 to 23/],
    ["cron(0 6 32 * ? *)", /the day of month is from 1 to 31/],
    ["cron(0 6 * 13 ? *)", /the month is from 1 to 12/],
    ["cron(0 6 ? * 0 *)", /the day of week is from 1 to 7/],
    ["cron(0 6 ? * MOO *)", /the day of week/],
    ["cron(0 6 * * ? 1900)", /the year is from 1970 to 2199/],
    ["cron(0/0 6 * * ? *)", /the minute/],
    ["cron(0-10-20 6 * * ? *)", /the minute/],
    ["cron(? 6 * * ? *)", /the minute/],
    ["cron(0 6 * * * *)", /"\?" as the day of month or as the day of week/],
    ["cron(0 6 ? * ? *)", /and not as both/],
    ["rate(0 days)", /EventBridge Scheduler expression/],
    ["rate(1 week)", /EventBridge Scheduler expression/],
  ])("is not %s", (expression, message) => {
    expect(messageOf(expression)).toMatch(message);
  });
});

describe("a time zone", () => {
  it.each(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])("is %s", (zone) => {
    expect(timeZone.safeParse(zone).success).toBe(true);
  });

  it.each(["+01:00", "Mars", "", "Europe Berlin"])("is not %j", (zone) => {
    expect(timeZone.safeParse(zone).error?.issues[0]?.message).toBe('an IANA time zone such as "Europe/Berlin"');
  });
});
