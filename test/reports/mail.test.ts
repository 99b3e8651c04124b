import { describe, expect, it } from "vitest";
import { composeReport } from "../../reports/definitions.ts";
import { failureMail, mailOf, noDataMail, publishedMail, reasonOf } from "../../reports/mail.ts";
import { albSample, config, ordinaryApis, samplePlan } from "./samples.ts";

const ASCII = /^[\n\x20-\x7e]*$/;

describe("the mail with a report", () => {
  const plan = samplePlan("alb-daily");
  const { results, accounting } = albSample(plan, [...ordinaryApis, { api: "Größe", statuses: { 200: 3 } }]);
  const { mail } = composeReport(plan, results, accounting);

  it("is ASCII, its subject below 100 characters with the most important numbers", () => {
    expect(mail.subject).toBe("ALB daily status 2026-01-17: 2,525,929 requests, 5xx 0.11 %, 4xx 1.55 %");
    expect(mail.text).toMatch(ASCII);
    expect(mail.text).toContain("Gro?e");
  });

  it("lines numbers up below each other", () => {
    const table = mail.text.split("\n").filter((line) => /^(API|Search|Orders|Total) /.test(line));
    expect(table).toHaveLength(4);
    expect(new Set(table.map((line) => line.length)).size).toBe(1);
  });

  it("gets its link when it is sent", () => {
    const sent = publishedMail(`${mail.subject}\n\n${mail.text}`, {
      version: 2,
      link: "https://example.on.aws/TOKEN",
      linkExpiresAt: "2026-02-17T05:00:00.000Z",
    });
    expect(sent.subject).toBe(mail.subject);
    expect(sent.text).toContain(mail.text.trimEnd());
    expect(sent.text).toContain("version 2, PDF), until 2026-02-17 05:00 UTC:\nhttps://example.on.aws/TOKEN\n");
  });
});

describe("mailOf", () => {
  it("cuts subjects to 99 characters of one line", () => {
    const { subject } = mailOf(`Ünï\n${"x".repeat(200)}`, []);
    expect(subject).toHaveLength(99);
    expect(subject).toMatch(/^Uni x+\.\.\.$/);
  });
});

describe("noDataMail", () => {
  it("says so and how to try again", () => {
    const { subject, text } = noDataMail(samplePlan("cloudfront-daily"));
    expect(subject).toBe("CloudFront daily 2026-01-17: no data");
    expect(text).toContain("sluice report cloudfront-daily --date 2026-01-17");
    expect(text).toMatch(ASCII);
  });
});

describe("mails of a day on which objects could not be read", () => {
  it("say so at the top, with rows and without", () => {
    const plan = samplePlan("alb-daily");
    const { results, accounting } = albSample(plan, ordinaryApis);
    const arrived = { ...accounting.arrived, quarantinedObjects: 1n, reasons: { CorruptArchive: 1n } };
    const { mail, document } = composeReport(plan, results, { ...accounting, arrived });
    const notice = "1 of the 48 log objects that arrived could not be read, or not to the end (CorruptArchive 1).";
    expect(document.notices).toContain(notice);
    expect(mail.text.replaceAll("\n", " ")).toContain(`NOTE: ${notice}`);
    expect(noDataMail(plan, ["Arrived: 1 quarantined."]).text).toMatch(
      /--date 2026-01-17\n\nArrived: 1 quarantined\.\n$/,
    );
  });
});

describe("failureMail", () => {
  const failure = {
    input: { report: "alb-daily", scheduledTime: "2026-01-18T05:00:00Z" },
    startedAt: "2026-01-18T09:00:00Z",
    execution: "arn:aws:states:eu-central-1:111122223333:execution:sluice-local-Report:abc",
    error: "States.TaskFailed",
    cause: JSON.stringify({ Status: "FAILED", Error: "QueryFailed", Cause: "Athena query 1 failed: no such column" }),
  };

  it("names report, day, reason and execution", () => {
    const { report, mail } = failureMail(config, failure);
    expect(report).toBe("alb-daily");
    expect(mail.subject).toBe("FAILED: ALB daily status 2026-01-17: QueryFailed");
    expect(mail.text).toContain("QueryFailed: Athena query 1 failed: no such column");
    expect(mail.text).toContain(failure.execution);
  });

  it.each([
    [{ report: "nope" }],
    [null],
    ["text"],
    [{ report: "alb-daily", date: "nonsense" }],
    [{ report: "alb-daily", scheduledTime: "soon" }],
  ])("stands any input: %j", (input) => {
    const { mail } = failureMail(config, { ...failure, input });
    expect(mail.subject).toMatch(/^FAILED: /);
    expect(mail.text).toMatch(ASCII);
  });
});

describe("reasonOf", () => {
  it("unwraps what Lambda and nested executions say", () => {
    const lambda = JSON.stringify({ errorType: "ReportIncomplete", errorMessage: "it is not there" });
    expect(reasonOf("ReportIncomplete", lambda).message).toBe("it is not there");
    const nested = JSON.stringify({
      Error: "States.TaskFailed",
      Cause: JSON.stringify({ Error: "QueryTimedOut", Cause: "900 s" }),
    });
    expect(reasonOf("States.TaskFailed", nested)).toEqual({ error: "QueryTimedOut", message: "900 s" });
    expect(reasonOf("States.Timeout", "")).toEqual({ error: "States.Timeout", message: "no cause is given" });
  });
});
