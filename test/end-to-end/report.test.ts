import { gzipSync } from "node:zlib";
import { extractText, getDocumentProxy } from "unpdf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { samples } from "../../lake/generate/index.ts";
import type { ObjectRef } from "../../lake/object-ref.ts";
import { readResultCsv } from "../../reports/query/result-csv.ts";
import { countText } from "../../reports/text/number-text.ts";
import { aLake, type Lake } from "./a-lake.ts";

const DATE = "2026-01-17";
const ROWS = 4000;
/** As many as aws/reports/mail.ts makes: all attempts of the first e-mail fail, and every later e-mail is sent. */
const FAILING_ATTEMPTS = 5;

let lake: Lake;

const bytesOf = ({ bucket, key }: ObjectRef) => lake.read(bucket.split("-")[2]!, key);
const jsonOf = async (object: ObjectRef) => JSON.parse(new TextDecoder().decode(await bytesOf(object)));

/** Asks Athena itself: the query machine looks once a second, which the reports have waited for already. */
async function query(sql: string): Promise<Readonly<Record<string, string | null>>[]> {
  const { QueryExecutionId } = await lake.cloud.call("athena", "StartQueryExecution", {
    QueryString: sql,
    WorkGroup: "sluice-local-Workgroup",
    QueryExecutionContext: { Database: "sluice_local" },
  });
  for (;;) {
    const { QueryExecution } = (await lake.cloud.call("athena", "GetQueryExecution", { QueryExecutionId })) as {
      QueryExecution: {
        Status: { State: string; StateChangeReason?: string };
        ResultConfiguration: { OutputLocation: string };
      };
    };
    const { State, StateChangeReason } = QueryExecution.Status;
    if (State === "FAILED") throw new Error(StateChangeReason);
    if (State === "SUCCEEDED") {
      const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(QueryExecution.ResultConfiguration.OutputLocation)!;
      return readResultCsv(new TextDecoder().decode(await bytesOf({ bucket: bucket!, key: key! })));
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function pdfText(pdf: Uint8Array): Promise<string> {
  return (await extractText(await getDocumentProxy(Uint8Array.from(pdf)), { mergePages: true })).text;
}

const mailsTo = (recipient: string) => lake.cloud.mail().filter(({ to }) => to === recipient);

interface Published {
  status: string;
  version: number;
  pdf: ObjectRef;
  json: ObjectRef;
  link: string;
  mailSubject: string;
  mailSentBefore?: string;
  error?: string;
  cause?: string;
}

async function report(name: string, date = DATE, more: object = {}): Promise<Published> {
  const { status, output, cause } = await lake.run("Report", { report: name, date, ...more });
  expect(status, cause).toBe("SUCCEEDED");
  return output as unknown as Published;
}

beforeAll(async () => {
  const limit = FAILING_ATTEMPTS;
  lake = await aLake({ faults: { seed: 1, rules: [{ fault: "timeout", at: "sns:Publish", limit }] } });
  const ended = (["alb", "cloudfront"] as const).map(async (source) => {
    const options = { rows: ROWS, seed: 7, firstDay: "2026-01-16", days: 2, files: 4, oddLines: 3 };
    const files = samples[source]!(options);
    const objects = files.map(({ name }) => ({ bucket: lake.raw, key: `${source}/${name}` }));
    for (const [i, file] of files.entries())
      await lake.put(objects[i]!.key, gzipSync([...file.lines()].join("\n") + "\n"));
    return lake.run("Ingest", { source, objects });
  });
  for (const { status, output } of await Promise.all(ended))
    expect({ status, output }).toMatchObject({ status: "SUCCEEDED", output: { counts: { rows: ROWS } } });
});

afterAll(() => lake?.stop());

describe("the ALB daily report", () => {
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

describe("a report that cannot be made", () => {
  it("says that there is no data", async () => {
    expect(await report("alb-daily", "2025-06-01")).toMatchObject({ status: "NO_DATA", date: "2025-06-01" });
    expect(mailsTo("on-call@example.com").map(({ subject }) => subject)).toContain(
      "ALB daily status 2025-06-01: no data",
    );
  });

  it("fails by the name of what failed, and says so by e-mail", async () => {
    const failed = await lake.run("Report", { report: "alb-daily", date: "2026-02-30" });
    expect(failed).toMatchObject({ status: "FAILED", error: "RangeError" });
    const mail = mailsTo("on-call@example.com").find(({ subject }) => subject.startsWith("FAILED: ALB daily status"));
    expect(mail!.body).toContain('"2026-02-30" is not a date of the calendar');
  });
});

describe("the e-mails of a report", () => {
  const mailsAbout = (date: string) =>
    mailsTo("platform@example.com").filter(({ subject }) => subject.includes(`ALB daily status ${date}`)).length;

  it("go out once for each version, and again when that is asked for", async () => {
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
