import { z } from "zod";
import { environment } from "../aws/environment.ts";
import { findText, readText, writeObject } from "../aws/objects.ts";
import { dayAccounting, nextVersion } from "../aws/reports/versions.ts";
import { composeReport } from "../reports/definitions.ts";
import { type DrawnFile, drawReport } from "../reports/draw/draw-report.ts";
import { hashOf } from "../reports/json.ts";
import { type ReportPlan, reportPlan } from "../reports/plan.ts";
import { type ResultRow, readResultCsv } from "../reports/query/result-csv.ts";
import { arrivalLines } from "../reports/shared/arrival-lines.ts";
import { readPublished, restated } from "../reports/shared/restatement.ts";
import { task } from "./task.ts";

const objectRef = z.object({ bucket: z.string(), key: z.string() });

const renderPdfInput = z.object({
  plan: reportPlan,
  results: z.array(
    z.object({ name: z.string(), result: objectRef, queryExecutionId: z.string(), scannedBytes: z.number() }),
  ),
});

/** The drawn files and where they wait to be published. */
type Drawing =
  | {
      status: "no-data";
      /** What arrived on the day all the same, and has become of it. */
      arrived: string[];
    }
  | {
      status: "drawn";
      version: number;
      /** SHA-256 over all figures: two drawings with one hash say the same. */
      hash: string;
      /** When these figures were first drawn; a later drawing of the same figures keeps it and so its bytes. */
      generatedAtMs: number;
      /** Files of the staging bucket, by file name. */
      files: { name: DrawnFile["name"]; bucket: string; key: string; contentType: string }[];
    };

/**
 * Draws a report from its query results: PDF, web page, figures and the text of the e-mail.
 *
 * @throws {ReportIncomplete} When the results and the ledger do not agree about the day.
 * @throws {ResultShapeError} When a result is not what its query promises.
 */
export async function renderPdf({ plan, results }: z.output<typeof renderPdfInput>): Promise<Drawing> {
  const rows: Record<string, ResultRow[]> = {};
  for (const { name, result } of results) rows[name] = readResultCsv(await readText(result));
  const accounting = await dayAccounting(plan.source, plan.utcDates);
  const composed = composeReport(plan, rows, accounting);
  if (composed.figures.requests === 0n)
    return { status: "no-data", arrived: arrivalLines(accounting.arrived, plan.utcDates) };
  const hash = hashOf({ notices: composed.document.notices, figures: composed.figures });
  const { version, generatedAtMs } = await nextVersion(plan, hash);
  const before = version > 1 ? await findText(publishedKey(plan, version - 1)) : undefined;
  const report = before === undefined ? composed : restated(composed, version, readPublished(before));
  const drawn = await drawReport(report, { version, generatedAtMs });
  const bucket = environment("STAGING_BUCKET");
  const files = [];
  for (const { name, contentType, bytes } of drawn) {
    const key = `reports/${plan.report}/${plan.date}/${hash.slice(0, 16)}-v${version}/${name}`;
    await writeObject({ bucket, key }, bytes, { contentType });
    files.push({ name, bucket, key, contentType });
  }
  return { status: "drawn", version, hash, generatedAtMs, files };
}

function publishedKey({ report, date }: ReportPlan, version: number) {
  return { bucket: environment("RESULTS_BUCKET"), key: `reports/${report}/${date}/v${version}/report.json` };
}

export const handler = task(renderPdfInput, renderPdf);
