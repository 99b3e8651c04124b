import { createHash } from "node:crypto";
import { extractText, getDocumentProxy } from "unpdf";
import { beforeAll, describe, expect, it } from "vitest";
import { composeReport } from "../../../reports/definitions.ts";
import { type DrawnFile, drawReport } from "../../../reports/draw/draw-report.ts";
import { hashOf, toJson } from "../../../reports/json.ts";
import { albSample, cloudFrontSample, ordinaryApis, type SampleApi, samplePlan } from "../samples.ts";

const stamp = { version: 3, generatedAtMs: Date.parse("2026-01-18T05:00:11Z") };

function drawAlb(apis: readonly SampleApi[] = ordinaryApis, date?: string) {
  const plan = samplePlan("alb-daily", date);
  const { results, accounting } = albSample(plan, apis);
  return drawReport(composeReport(plan, results, accounting), stamp);
}

function fileOf(files: readonly DrawnFile[], name: DrawnFile["name"]): Uint8Array {
  return files.find((file) => file.name === name)!.bytes;
}

const textOf = (files: readonly DrawnFile[], name: DrawnFile["name"]) => new TextDecoder().decode(fileOf(files, name));

async function pagesOf(files: readonly DrawnFile[]): Promise<string[]> {
  const { text } = await extractText(await getDocumentProxy(Uint8Array.from(fileOf(files, "report.pdf"))));
  return text;
}

const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("a drawn ALB report", () => {
  let files: DrawnFile[];
  let pages: string[];
  beforeAll(async () => {
    files = await drawAlb();
    pages = await pagesOf(files);
  });

  it("shows the same numbers in PDF, web page, e-mail and figures", () => {
    const pdf = pages.join("\n");
    const figures = JSON.parse(textOf(files, "report.json")).figures;
    expect(figures.requests).toBe(2_525_926);
    for (const number of [
      "2,525,926",
      "1,430,755",
      "868,326",
      "206,535",
      "39,155",
      "2,727",
      "0.11 %",
      "1.55 %",
      "148.5 ms",
    ]) {
      expect(pdf, number).toContain(number);
      expect(textOf(files, "report.html"), number).toContain(number);
      expect(textOf(files, "mail.txt"), number).toContain(number);
    }
  });

  it("lists each status code with its count", () => {
    const pdf = pages.join("\n");
    for (const code of ["460", "463", "561", "429"]) expect(pdf).toMatch(new RegExp(`\\b${code}\\b`));
    expect(pdf).toContain("No status logged");
    expect(pdf).toContain("314");
  });

  it("numbers its pages and says which version it is, on each", () => {
    for (const [index, page] of pages.entries()) {
      expect(page).toContain(`Page ${index + 1} of ${pages.length}`);
      expect(page).toContain("version 3, generated at 2026-01-18 06:00:11 Europe/Berlin");
    }
  });

  it("accounts for its lines", () => {
    expect(pages.join("\n")).toContain("2,526,036 lines = 96 comments + 2,525,926 rows + 14 rejected");
  });

  it("has the same bytes when it is drawn again", async () => {
    const again = await drawAlb();
    expect(again.map(({ name, bytes }) => [name, sha(bytes)])).toEqual(
      files.map(({ name, bytes }) => [name, sha(bytes)]),
    );
  });

  it("prints what the font lacks as it travels in a URL", () => {
    expect(pages.join("\n")).toContain("/%E5%95%86%E5%93%81/");
    expect(pages.join("\n")).toContain("каталог");
  });

  it("embeds no script in the web page, whatever a path says", async () => {
    const html = textOf(await drawAlb([{ api: "<script>alert(1)</script>", statuses: { 404: 1 } }]), "report.html");
    expect(html).not.toContain("<script");
    expect(html).toContain("&lt;script&gt;");
  });
});

describe("a report of an unusual day", () => {
  it("draws one API with one class", async () => {
    const pages = await pagesOf(await drawAlb([{ api: "Orders", statuses: { 200: 12 } }]));
    expect(pages.join("\n")).toContain("No request failed.");
  });

  it("draws 40 APIs, the head of the table again on each page, and 300 as 79 and the rest", async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ api: `service-${i}`, statuses: { 200: 1000 - i } }));
    const pages = await pagesOf(await drawAlb(many(40)));
    expect(pages.join("\n")).toContain("service-39");
    expect(pages.filter((page) => page.includes("5xx rate")).length).toBeGreaterThan(1);
    const folded = (await pagesOf(await drawAlb(many(300)))).join("\n");
    expect(folded).toContain("221 further APIs");
    expect(folded).toContain("255,150");
  });

  it("says when a day has 25 hours", async () => {
    expect((await pagesOf(await drawAlb(ordinaryApis, "2026-10-25")))[0]).toContain("this day has 25 hours");
  });

  it("prints counts beyond 2^53 exactly", async () => {
    const files = await drawAlb([{ api: "Orders", statuses: { 200: 9_007_199_254_740_993n } }]);
    expect((await pagesOf(files)).join("\n")).toContain("9,007,199,254,740,993");
    expect(textOf(files, "report.json")).toContain('"requests": 9007199254740993');
    expect(textOf(files, "report.csv")).toContain("requests,9007199254740993\r\n");
  });
});

describe("a drawn CloudFront report", () => {
  it("shows requests, bytes, hit ratio, locations and paths", async () => {
    const plan = samplePlan("cloudfront-daily");
    const { results, accounting } = cloudFrontSample(plan, { 200: 9_120_331, 304: 812_000, 404: 80_122, 503: 22 });
    const files = await drawReport(composeReport(plan, results, accounting), stamp);
    const pdf = (await pagesOf(files)).join("\n");
    const mail = textOf(files, "mail.txt");
    for (const text of ["10,012,475", "184.56 GB", "83.33 %", "/assets/app-0.8f3c1d.js", "/favicon.ico"]) {
      expect(pdf, text).toContain(text);
      expect(mail, text).toContain(text);
    }
    expect(pdf).toContain("FRA56-P3");
  });
});

describe("report.json", () => {
  it("keeps integers of any size and gives equal figures equal hashes", () => {
    expect(toJson({ a: 9_007_199_254_740_993n, b: "x" })).toBe('{"a":9007199254740993,"b":"x"}');
    expect(hashOf({ a: 1n })).toBe(hashOf({ a: 1n }));
    expect(hashOf({ a: 1n })).not.toBe(hashOf({ a: 2n }));
  });
});
