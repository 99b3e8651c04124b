/** Runs one report to its end and says where it is. */
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { type ObjectRef, s3Uri } from "../lake/object-ref.ts";
import { say, WorkFailed } from "./command.ts";
import { failureOf, followExecution } from "./follow-execution.ts";
import { progress } from "./progress.ts";
import type { Target } from "./target.ts";

/** The report machine's own limit is longer; a person would rather be told and look again. */
const TIMEOUT_MS = 20 * 60_000;

/** The output of the report machine, and what this command adds. */
export interface ReportResult {
  status: "PUBLISHED" | "PUBLISHED_NOT_SENT" | "NO_DATA" | "NO_DATA_NOT_SENT";
  report: string;
  date: string;
  version?: number;
  pdf?: ObjectRef;
  html?: ObjectRef;
  json?: ObjectRef;
  csv?: ObjectRef;
  link?: string;
  linkExpiresAt?: string;
  mailSubject?: string;
  /** When the e-mail of this version was sent, if an earlier run did that. */
  mailSentBefore?: string;
  error?: string;
  cause?: string;
  executionArn: string;
  /** A copy of the PDF on this machine, for the embedded cloud. */
  pdfPath?: string;
}

/**
 * Runs a report to its end.
 *
 * @param options.date - YYYY-MM-DD in the report's time zone; without it, the report takes yesterday.
 * @param options.forceMail - Send the e-mail though this version's was sent before.
 * @throws {WorkFailed} When the execution does not succeed.
 */
export async function runReport(
  target: Target,
  name: string,
  { date, forceMail = false }: { date: string | undefined; forceMail?: boolean },
): Promise<ReportResult> {
  const { executionArn } = await target.stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: target.stateMachineArn("Report"),
      input: JSON.stringify({ report: name, ...(date !== undefined && { date }), ...(forceMail && { forceMail }) }),
    }),
  );
  const line = progress(`Report ${name}${date ? ` for ${date}` : ""}`);
  const execution = await followExecution(target, executionArn!, {
    timeoutMs: TIMEOUT_MS,
    onState: (state) => line.update(state),
  }).finally(() => line.done());
  if (execution.status !== "SUCCEEDED")
    throw new WorkFailed(
      `Report ${name}${date ? ` for ${date}` : ""} failed with ${failureOf(execution)}\n` +
        `What happened, state by state: sluice executions show ${executionArn}`,
    );
  const result = { ...(JSON.parse(execution.output!) as ReportResult), executionArn: executionArn! };
  if (target.local && result.pdf) {
    const pdfPath = join(target.local.dir, "reports", `${result.report}-${result.date}-v${result.version}.pdf`);
    await download(target, result.pdf, pdfPath);
    result.pdfPath = pdfPath;
  }
  return result;
}

/** Lines for a person about a report that ran. */
export function describeReport(result: ReportResult): string[] {
  const lines = [`${result.report} for ${result.date}: ${result.status}`];
  if (result.pdfPath) lines.push(`  PDF      ${result.pdfPath}`);
  if (result.pdf) lines.push(`  object   ${s3Uri(result.pdf)}`);
  if (result.link)
    lines.push(`  link     ${result.link}${result.linkExpiresAt ? ` (until ${result.linkExpiresAt})` : ""}`);
  if (result.mailSubject) lines.push(`  e-mail   ${result.mailSubject}`);
  if (result.mailSentBefore)
    lines.push(`           sent at ${result.mailSentBefore} and not again; --force-mail sends it again`);
  if (result.status.endsWith("_NOT_SENT")) lines.push(`  The e-mail was not sent: ${failureOf(result)}`);
  if (result.status.startsWith("NO_DATA")) say(`There are no rows of ${result.date}; nothing was published.`);
  return lines;
}

async function download(target: Target, object: ObjectRef, path: string): Promise<void> {
  const { Body } = await target.s3.send(new GetObjectCommand({ Bucket: object.bucket, Key: object.key }));
  await mkdir(dirname(path), { recursive: true });
  await pipeline(Body as Readable, createWriteStream(path));
}
