import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { extractText, getDocumentProxy } from "unpdf";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { samples } from "../../lake/generate/index.ts";
import { type Cloud, startCloud } from "../../local/cloud.ts";
import type { FaultPlanInput } from "../../local/faults.ts";
import manifest from "../../local/manifest.json" with { type: "json" };
import { countText } from "../../reports/number-text.ts";
import { readResultCsv } from "../../reports/query/result-csv.ts";

// The first report also waits for the renderer to be loaded, on whatever else the machine does.
vi.setConfig({ testTimeout: 120_000 });

const ROOT = resolve(import.meta.dirname, "../..");
const DATE = "2026-01-17";
const ROWS = 4000;

let folder: string;
let cloud: Cloud;
let s3: S3Client;

async function start(faults?: FaultPlanInput): Promise<void> {
  cloud = await startCloud({
    dir: join(folder, "state"),
    port: 0,
    manifest: manifest as never,
    root: ROOT,
    log: () => {},
    ...(faults && { faults }),
  });
  s3 = new S3Client({
    endpoint: cloud.endpoint,
    region: manifest.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    forcePathStyle: true,
  });
}

interface Execution {
  status: string;
  output?: string;
  error?: string;
  cause?: string;
}

const machineArn = (name: string) =>
  `arn:aws:states:${manifest.region}:${manifest.accountId}:stateMachine:sluice-local-${name}`;

async function run(machine: string, input: object): Promise<Execution> {
  const { executionArn } = await cloud.call("states", "StartExecution", {
    stateMachineArn: machineArn(machine),
    input: JSON.stringify(input),
  });
  return eventually(async () => {
    const execution = (await cloud.call("states", "DescribeExecution", { executionArn })) as unknown as Execution;
    return execution.status === "RUNNING" ? undefined : execution;
  });
}

async function eventually<Value>(look: () => Promise<Value | undefined>, withinMs = 90_000): Promise<Value> {
  const endMs = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error(`It did not happen within ${withinMs} ms`);
    await new Promise((done) => setTimeout(done, 200));
  }
}

async function bytesOf({ bucket, key }: { bucket: string; key: string }): Promise<Uint8Array> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Body!.transformToByteArray();
}

async function query(sql: string): Promise<Readonly<Record<string, string | null>>[]> {
  const { status, output, cause } = await run("Query", { sql });
  expect(status, cause).toBe("SUCCEEDED");
  return readResultCsv(new TextDecoder().decode(await bytesOf(JSON.parse(output!).result)));
}

async function pdfText(pdf: Uint8Array): Promise<string> {
  return (await extractText(await getDocumentProxy(Uint8Array.from(pdf)), { mergePages: true })).text;
}

const mailsTo = (recipient: string) => cloud.mail().filter(({ to }) => to === recipient);

async function report(name: string, date = DATE) {
  const { status, output, cause } = await run("Report", { report: name, date });
  expect(status, cause).toBe("SUCCEEDED");
  return JSON.parse(output!);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-report-"));
  await start();
  const raw = `sluice-local-raw-${manifest.accountId}`;
  for (const source of ["alb", "cloudfront"] as const) {
    const files = samples[source]!({ rows: ROWS, seed: 7, firstDay: "2026-01-16", days: 2, files: 4, oddLines: 3 });
    for (const file of files) {
      const Body = gzipSync([...file.lines()].join("\n") + "\n");
      await s3.send(new PutObjectCommand({ Bucket: raw, Key: `${source}/${file.name}`, Body }));
    }
  }
  await eventually(async () => {
    const counted = await Promise.all(
      ["alb", "cloudfront"].map(async (source) => {
        let rows = 0;
        for (const date of ["2026-01-16", "2026-01-17"]) {
          const { Items } = (await cloud.call("dynamodb", "Query", {
            TableName: "sluice-local-Ledger",
            KeyConditionExpression: "pk = :pk AND begins_with(sk, :batch)",
            ExpressionAttributeValues: { ":pk": { S: `day#${source}#${date}` }, ":batch": { S: "batch#" } },
          })) as { Items: { rows: { N: string } }[] };
          rows += Items.reduce((sum, item) => sum + Number(item.rows.N), 0);
        }
        return rows;
      }),
    );
    const executions = (await cloud.call("states", "ListExecutions", { stateMachineArn: machineArn("Ingest") })) as {
      executions: Execution[];
    };
    const idle = executions.executions.every(({ status }) => status !== "RUNNING");
    return idle && counted.every((rows) => rows === ROWS) ? true : undefined;
  }, 120_000);
}, 180_000);

afterAll(async () => {
  await cloud?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("the ALB daily report", () => {
  it("says the same in PDF, e-mail, figures and SQL, and the same again as the same version", async () => {
    const published = await report("alb-daily");
    expect(published).toMatchObject({ status: "PUBLISHED", report: "alb-daily", date: DATE, version: 1 });

    const [counted] = await query(`
      SELECT count(*) AS requests,
        count_if(elb_status_code BETWEEN 200 AND 299) AS success,
        count_if(elb_status_code BETWEEN 400 AND 499) AS client_error,
        count_if(elb_status_code BETWEEN 500 AND 599) AS server_error
      FROM alb
      WHERE "time" >= TIMESTAMP '2026-01-16 23:00:00' AND "time" < TIMESTAMP '2026-01-17 23:00:00'`);
    const { figures } = JSON.parse(new TextDecoder().decode(await bytesOf(published.json)));
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

    const again = await report("alb-daily");
    expect(again).toMatchObject({ version: 1, link: published.link, pdf: published.pdf });
    const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
    expect(sha(await bytesOf(again.pdf))).toBe(sha(pdf));
  });

  it("has percentiles that are ranks of the very latencies", async () => {
    const { json } = await report("alb-daily");
    const { figures } = JSON.parse(new TextDecoder().decode(await bytesOf(json)));
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
    const { link, pdf } = await report("alb-daily");
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
    const { figures } = JSON.parse(new TextDecoder().decode(await bytesOf(published.json)));
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
    const failed = await run("Report", { report: "alb-daily", date: "2026-02-30" });
    expect(failed).toMatchObject({ status: "FAILED", error: "RangeError" });
    const mail = mailsTo("on-call@example.com").find(({ subject }) => subject.startsWith("FAILED: ALB daily status"));
    expect(mail!.body).toContain('"2026-02-30" is no date of the calendar');
  });

  it("is published and says so when its e-mail cannot be sent", async () => {
    await cloud.stop();
    await start({ seed: 1, rules: [{ fault: "throttle", at: "sns:Publish" }] });
    const published = await report("alb-daily");
    expect(published).toMatchObject({ status: "PUBLISHED_NOT_SENT", error: "MailNotSent", version: 1 });
    expect(published.cause).toContain("was not taken by the topic");
    expect(Buffer.from(await bytesOf(published.pdf)).toString("latin1", 0, 5)).toBe("%PDF-");
  });
});
