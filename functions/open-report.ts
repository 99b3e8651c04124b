import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import { findLink, presignedUrl } from "../aws/reports/links.ts";

/** Long enough for a slow browser to begin; the link itself lives for days. */
const PRESIGNED_SECONDS = 300;

/**
 * Sends whoever has the link of a report on to its PDF. `.html`, `.json` or `.csv` after the token opens those.
 *
 * A function URL calls it, not a state machine.
 */
export async function openReport(event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> {
  const method = event.requestContext.http.method;
  if (method !== "GET" && method !== "HEAD") return page(405, "A report can only be read.");
  const wanted = /\/([\w-]{32})(?:\.(pdf|html|json|csv))?$/.exec(event.rawPath);
  const link = wanted && (await findLink(wanted[1]!));
  if (!link) return page(404, "There is no such report link. Is it whole? Mail programs sometimes break long lines.");
  if (link.expiresAtMs <= Date.now())
    return page(
      410,
      `This link ended on ${new Date(link.expiresAtMs).toISOString().slice(0, 10)}. Ask for the report to be sent again.`,
    );
  const extension = wanted[2] ?? "pdf";
  const file = link.files[extension];
  if (!file) return page(404, `The report has no ${extension} file.`);
  const location = await presignedUrl(
    file,
    `${link.report}-${link.date}-v${link.version}.${extension}`,
    PRESIGNED_SECONDS,
  );
  return { statusCode: 302, headers: { location, ...privately }, body: "" };
}

const privately = { "cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex" };

function page(statusCode: number, text: string): LambdaFunctionURLResult {
  return { statusCode, headers: { "content-type": "text/plain; charset=utf-8", ...privately }, body: `${text}\n` };
}

export const handler = openReport;
