import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Lake } from "../a-lake.ts";
import { aReportingLake, DATE, type Published, type ReportingLake } from "./a-reporting-lake.ts";

/** As many as aws/reports/mail.ts makes: all attempts of the first e-mail fail, and every later e-mail is sent. */
const FAILING_ATTEMPTS = 5;

let lake: Lake;
let { report, bytesOf } = {} as ReportingLake;

beforeAll(async () => {
  const rules = [{ fault: "timeout" as const, at: "sns:Publish", limit: FAILING_ATTEMPTS }];
  ({ lake, report, bytesOf } = await aReportingLake(["alb"], { seed: 1, rules }));
});

afterAll(() => lake?.stop());

describe("a report whose e-mail cannot be sent", () => {
  let unsent: Published & { bytes: Uint8Array };
  let published: Published;
  beforeAll(async () => {
    const first = await report("alb-daily");
    unsent = { ...first, bytes: await bytesOf(first.pdf) };
    published = await report("alb-daily");
  });

  it("is published and says so when its e-mail cannot be sent", async () => {
    expect(unsent).toMatchObject({ status: "PUBLISHED_NOT_SENT", error: "MailNotSent", version: 1 });
    expect(unsent.cause).toContain("was not taken by the topic");
  });

  it("is the same version when it says the same again", async () => {
    expect(published).toMatchObject({ status: "PUBLISHED", report: "alb-daily", date: DATE, version: 1 });
    expect(published).toMatchObject({ link: unsent.link, pdf: unsent.pdf });
    expect(Buffer.from(unsent.bytes).equals(await bytesOf(published.pdf))).toBe(true);
  });
});
