import { describe, expect, it } from "vitest";
import { elsewhere, local, prod } from "./stages.ts";

describe("a report's schedule", () => {
  const { inputs } = prod.one("aws:scheduler/schedule", "AlbDailySchedule");

  it("is due in the report's own time zone", () => {
    expect(inputs).toMatchObject({
      scheduleExpression: "cron(0 6 * * ? *)",
      scheduleExpressionTimezone: "Europe/Berlin",
    });
  });

  it("starts the report and says when it was due", () => {
    expect(inputs.target.arn).toBe(prod.arn("aws:sfn/stateMachine", "Report"));
    expect(JSON.parse(inputs.target.input)).toEqual({
      report: "alb-daily",
      scheduledTime: "<aws.scheduler.scheduled-time>",
    });
  });
});

describe("every schedule", () => {
  it("runs in prod only", () => {
    const states = (graph: typeof prod) =>
      new Set(graph.all("aws:scheduler/schedule").map(({ inputs }) => inputs.state));
    expect(states(prod)).toEqual(new Set(["ENABLED"]));
    expect(states(local)).toEqual(new Set(["DISABLED"]));
  });

  it("keeps what it could not start", () => {
    for (const { inputs } of prod.all("aws:scheduler/schedule"))
      expect(inputs.target.deadLetterConfig).toEqual({ arn: prod.arn("aws:sqs/queue", "ScheduleDlq") });
  });
});

it("crawls of the sources that ask for one happen when the source says", () => {
  const { inputs } = prod.one("aws:scheduler/schedule", "CloudfrontCrawlSchedule");
  const due = (graph: typeof prod, name: string) => {
    const { scheduleExpression, scheduleExpressionTimezone } = graph.one("aws:scheduler/schedule", name).inputs;
    return [scheduleExpression, scheduleExpressionTimezone];
  };
  expect(due(prod, "CloudfrontCrawlSchedule")).toEqual(["cron(0 6 * * ? *)", "UTC"]);
  expect(due(elsewhere, "AlbCrawlSchedule")).toEqual(["cron(15 4 ? * MON-FRI *)", "Asia/Shanghai"]);
  expect(due(elsewhere, "NlbCrawlSchedule")).toEqual(["cron(30 0 * * ? *)", "UTC"]);
  expect(inputs.target.arn).toBe(prod.arn("aws:sfn/stateMachine", "Catalog"));
  expect(JSON.parse(inputs.target.input)).toEqual({ source: "cloudfront", crawl: true });
  expect(prod.all("aws:glue/crawler").map(({ name }) => name)).toEqual(["CloudfrontCrawler"]);
});
