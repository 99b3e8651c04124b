import { describe, expect, it } from "vitest";
import { composeReport } from "../../reports/definitions.ts";
import { toJson } from "../../reports/json.ts";
import { changesBetween, readPublished, restated } from "../../reports/shared/restatement.ts";
import { albSample, cloudFrontSample, ordinaryApis, samplePlan } from "./samples.ts";

const plan = samplePlan("alb-daily");
const composed = (apis = ordinaryApis) => {
  const { results, accounting } = albSample(plan, apis);
  return composeReport(plan, results, accounting);
};
/** A report as it comes back from its file. */
const published = (figures: object) =>
  readPublished(toJson({ version: 1, generatedAt: "2026-01-18T05:00:01.000Z", figures }));

const before = composed();
const after = composed([...ordinaryApis, { api: "Late", statuses: { 200: 1000, 500: 20 } }]);

describe("a restated report", () => {
  const report = restated(after, 2, published(before.figures));

  it("says what changed in the subject of its mail, which has room for it", () => {
    expect(report.mail.subject).toMatch(
      /^RESTATED v2, requests 2,525,926 to 2,526,946 \(\+1,020\): ALB daily status 20/,
    );
    expect(report.mail.subject.length).toBeLessThan(100);
  });

  it("says it first on its page and in its mail", () => {
    const note =
      /^Version 2 replaces version 1 of 2026-01-18 05:00 UTC\. Changed: requests 2,525,926 to 2,526,946 \(\+1,020\); 5xx 2,727 to 2,747 \(\+20\)/;
    expect(report.document.notices[0]).toMatch(note);
    expect(report.mail.text.split("\n")[2]).toMatch(/^NOTE: Version 2 replaces version 1/);
    expect(report.mail.text).toContain(after.mail.text.split("\n").slice(2).join("\n").trim());
  });

  it("has the figures of the report itself", () => {
    expect(report.figures).toBe(after.figures);
    expect(report.document.sections).toBe(after.document.sections);
  });
});

describe("changesBetween", () => {
  it("has nothing to say about equal figures, also those that were in a file", () => {
    expect(changesBetween(published(before.figures).figures, published(before.figures).figures)).toEqual([]);
    const { results, accounting } = cloudFrontSample(samplePlan("cloudfront-daily"), { 200: 9, 404: 1 });
    const { figures } = composeReport(samplePlan("cloudfront-daily"), results, accounting);
    expect(changesBetween(published(figures).figures, { ...figures })).toEqual([]);
  });

  it("keeps figures beyond 2^53 exact", () => {
    const figures = { requests: 9_007_199_254_740_993n };
    expect(changesBetween(published(figures).figures, { requests: 9_007_199_254_740_992n })).toEqual([
      "requests 9,007,199,254,740,993 to 9,007,199,254,740,992 (-1)",
    ]);
  });

  it("names the parts that differ when no total does, and figures that there were none of", () => {
    expect(changesBetween({ requests: 1n, hours: [1n, 0n] }, { requests: 1n, hours: [0n, 1n] })).toEqual([
      "the totals are the same; details differ: hours",
    ]);
    expect(changesBetween({ latency: null }, { latency: { p50Micros: 2000n } })).toEqual(["latency p50 n/a to 2 ms"]);
  });
});
