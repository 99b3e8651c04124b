import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countText } from "../../../reports/text/number-text.ts";
import type { Lake } from "../a-lake.ts";
import { aReportingLake, type Published, pdfText, type ReportingLake, ROWS } from "./a-reporting-lake.ts";

let lake: Lake;
let { report, mailsTo, bytesOf, jsonOf, query } = {} as ReportingLake;

beforeAll(async () => {
  ({ lake, report, mailsTo, bytesOf, jsonOf, query } = await aReportingLake(["alb"]));
});

afterAll(() => lake?.stop());

describe("the ALB daily report", () => {
  let published: Published;
  beforeAll(async () => {
    published = await report("alb-daily");
  });

  it("says the same in PDF, e-mail, figures and SQL", async () => {
    const [counted] = await query(`
      SELECT count(*) AS requests,
        count_if(elb_status_code BETWEEN 200 AND 299) AS success,
        count_if(elb_status_code BETWEEN 400 AND 499) AS client_error,
        count_if(elb_status_code BETWEEN 500 AND 599) AS server_error
      FROM alb
      WHERE "time" >= TIMESTAMP '2026-01-16 23:00:00' AND "time" < TIMESTAMP '2026-01-17 23:00:00'`);
    const { figures } = await jsonOf(published.json);
    expect(figures.requests).toBe(Number(counted!.requests));
    expect(figures.requests).toBeGreaterThan(ROWS / 4);
    expect(figures.classes).toMatchObject({
      success: Number(counted!.success),
      clientError: Number(counted!.client_error),
      serverError: Number(counted!.server_error),
    });

    const pdf = await bytesOf(published.pdf);
    const text = await pdfText(pdf);
    const [mail] = mailsTo("platform@example.com").filter(({ subject }) => subject === published.mailSubject);
    for (const key of ["requests", "success", "client_error", "server_error"]) {
      const number = countText(BigInt(counted![key]!));
      expect(text, key).toContain(number);
      expect(mail!.body, key).toContain(number);
    }
    expect(text).toContain("(equal)");
    expect(mail!.body).toContain(published.link);
  });

  it("has percentiles that are ranks of the very latencies", async () => {
    const { figures } = await jsonOf(published.json);
    const rows = await query(`
      SELECT request_processing_time + target_processing_time + response_processing_time AS seconds
      FROM alb
      WHERE "time" >= TIMESTAMP '2026-01-16 23:00:00' AND "time" < TIMESTAMP '2026-01-17 23:00:00'
        AND request_processing_time >= 0 AND target_processing_time >= 0 AND response_processing_time >= 0`);
    const micros = rows.map(({ seconds }) => Math.round(Number(seconds) * 1e6)).sort((a, b) => a - b);
    const rank = (share: number) => micros[Math.ceil(share * micros.length) - 1];
    expect(figures.latency).toEqual({
      measured: micros.length,
      p50Micros: rank(0.5),
      p95Micros: rank(0.95),
      p99Micros: rank(0.99),
      maxMicros: micros.at(-1),
    });
  });

  it("opens through its link, and not through another", async () => {
    const { link, pdf } = published;
    const opened = await fetch(link);
    expect(opened.headers.get("content-type")).toBe("application/pdf");
    expect(Buffer.from(await opened.arrayBuffer()).equals(Buffer.from(await bytesOf(pdf)))).toBe(true);
    const page = await fetch(`${link}.html`);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect((await fetch(`${link.slice(0, -1)}${link.endsWith("A") ? "B" : "A"}`)).status).toBe(404);
  });
});

describe("a report that cannot be made", () => {
  it("fails by the name of what failed, and says so by e-mail", async () => {
    const failed = await lake.run("Report", { report: "alb-daily", date: "2026-02-30" });
    expect(failed).toMatchObject({ status: "FAILED", error: "RangeError" });
    const mail = mailsTo("on-call@example.com").find(({ subject }) => subject.startsWith("FAILED: ALB daily status"));
    expect(mail!.body).toContain('"2026-02-30" is not a date of the calendar');
  });
});
