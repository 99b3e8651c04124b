import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { samples } from "../../../lake/generate/index.ts";
import { countText } from "../../../reports/text/number-text.ts";
import type { Lake } from "../a-lake.ts";
import { aReportingLake, DATE, pdfText, type ReportingLake } from "./a-reporting-lake.ts";

let lake: Lake;
let { report, mailsTo, bytesOf, jsonOf, query } = {} as ReportingLake;

beforeAll(async () => {
  ({ lake, report, mailsTo, bytesOf, jsonOf, query } = await aReportingLake(["alb", "cloudfront"]));
});

afterAll(() => lake?.stop());

describe("the e-mails of a report", () => {
  const mailsAbout = (date: string) =>
    mailsTo("platform@example.com").filter(({ subject }) => subject.includes(`ALB daily status ${date}`)).length;

  it("go out once for each version, and again when that is asked for", async () => {
    await report("alb-daily");
    const before = mailsAbout(DATE);
    const again = await report("alb-daily");
    expect(again).toMatchObject({ status: "PUBLISHED", version: 1, mailSentBefore: expect.stringMatching(/^20/) });
    expect(mailsAbout(DATE)).toBe(before);
    const forced = await report("alb-daily", DATE, { forceMail: true });
    expect(forced).not.toHaveProperty("mailSentBefore");
    expect(mailsAbout(DATE)).toBe(before + 1);
  });

  it("say once that there is no data", async () => {
    for (let run = 0; run < 2; run++)
      expect(await report("alb-daily", "2025-06-02")).toMatchObject({ status: "NO_DATA" });
    expect(mailsAbout("2025-06-02")).toBe(1);
  });

  it("say of a restated version what changed, as its first page does", async () => {
    const [late] = samples.alb!({ rows: 20, seed: 8, firstDay: DATE, days: 1, files: 1, oddLines: 0 });
    await lake.put("alb/late.log", `${[...late!.lines()].join("\n")}\n`);
    await lake.run("Ingest", { source: "alb", objects: [{ bucket: lake.raw, key: "alb/late.log" }] });
    const second = await report("alb-daily");
    expect(second).toMatchObject({ status: "PUBLISHED", version: 2 });
    expect(second.mailSubject).toMatch(/^RESTATED v2, requests [\d,]+ to [\d,]+ \(\+\d+\): ALB daily status/);
    const text = await pdfText(await bytesOf(second.pdf));
    expect(text).toMatch(/Version 2 replaces version 1 of .*Changed: requests/);
    expect(mailsTo("platform@example.com").filter(({ subject }) => subject === second.mailSubject)).toHaveLength(1);
    const bytes = await bytesOf(second.pdf);
    expect(await report("alb-daily")).toMatchObject({ version: 2, mailSentBefore: expect.any(String) });
    expect(Buffer.from(bytes).equals(await bytesOf(second.pdf))).toBe(true);
  });
});

describe("the CloudFront daily report", () => {
  it("says the same in PDF, e-mail, figures and SQL", async () => {
    const published = await report("cloudfront-daily");
    const [counted] = await query(`
      SELECT count(*) AS requests, sum(sc_bytes) AS bytes, count(DISTINCT x_edge_location) AS locations,
        count_if(x_edge_result_type IN ('Hit', 'RefreshHit')) AS hits, count_if(sc_status = 404) AS not_found
      FROM cloudfront WHERE "date" = '${DATE}'`);
    const { figures } = await jsonOf(published.json);
    expect(figures.requests).toBe(Number(counted!.requests));
    expect(figures.bytes).toBe(Number(counted!.bytes));
    expect(figures.edges.kinds).toBe(Number(counted!.locations));
    expect(figures.cache.hits).toBe(Number(counted!.hits));
    const text = await pdfText(await bytesOf(published.pdf));
    const [mail] = mailsTo("platform@example.com").filter(({ subject }) => subject === published.mailSubject);
    for (const number of [counted!.requests, counted!.hits]) expect(text).toContain(countText(BigInt(number!)));
    expect(mail!.body).toContain(countText(BigInt(counted!.requests!)));
    expect(figures.statuses.find(({ status }: { status: string }) => status === "404")?.requests ?? 0).toBe(
      Number(counted!.not_found),
    );
  });
});
