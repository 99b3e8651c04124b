/** The numbers that the demo compares: each is told by two of generator, ledger, SQL, reports and executions. */
import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { SampleFile } from "../../../lake/generate/sample.ts";
import { tableOf } from "../../../lake/sources/config.ts";
import { localDay, wallClock } from "../../../reports/local-day.ts";
import config from "../../../sluice.config.ts";
import { listExecutions } from "../../list-executions.ts";
import { type ObjectOutcome, totalsOf } from "../../object-outcome.ts";
import { queryObjects } from "../../query-rows.ts";
import type { ReportResult } from "../../run-report.ts";
import type { Target } from "../../target.ts";
import type { DemoSource } from "./sample-data.ts";

/** One number that two places must agree on. */
interface Check {
  what: string;
  expected: string;
  found: string;
}

/** The ledger accounts for each line that was generated, and has the corrupt object quarantined. */
export function checkLedger(
  { source, samples: made, files, corruptKey }: DemoSource,
  outcomes: readonly ObjectOutcome[],
): Check[] {
  const keys = new Set(files.map(({ key }) => key));
  const mine = outcomes.filter(({ key }) => keys.has(key));
  const good = totalsOf(mine.filter(({ key }) => key !== corruptKey));
  const sum = (count: (file: SampleFile) => number) => made.reduce((total, file) => total + count(file), 0);
  const checks: Check[] = [
    check(`${source}: objects recorded`, made.length, good.recorded),
    check(
      `${source}: rows in the ledger`,
      sum(({ rows }) => rows),
      good.rows,
    ),
    check(
      `${source}: rejected lines in the ledger`,
      sum(({ oddLines }) => oddLines),
      good.rejected,
    ),
    check(
      `${source}: comments in the ledger`,
      sum(({ comments }) => comments),
      good.comments,
    ),
    check(`${source}: lines = comments + rows + rejected`, good.comments + good.rows + good.rejected, good.lines),
  ];
  if (corruptKey) {
    const outcome = mine.find(({ key }) => key === corruptKey);
    checks.push(
      check(`${source}: the corrupt object`, "quarantined CorruptArchive", `${outcome?.status} ${outcome?.reason}`),
    );
  }
  return checks;
}

/** Athena finds as many rows of each object as the ledger has recorded. */
export async function checkRows(
  target: Target,
  sources: readonly DemoSource[],
  outcomes: readonly ObjectOutcome[],
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { source, files } of sources) {
    const found = await queryObjects(
      target,
      `SELECT _source_file AS file, count(*) AS row_count FROM ${tableOf(source)} GROUP BY _source_file`,
    );
    for (const { key } of files) {
      const outcome = outcomes.find((candidate) => candidate.key === key);
      const rows = found
        .filter(({ file }) => file?.endsWith(key))
        .reduce((total, { row_count }) => total + Number(row_count), 0);
      checks.push(check(`${source}: rows of ${key} by SQL`, outcome?.rows ?? 0, rows));
    }
  }
  return checks;
}

/** The figures of a report are those that SQL gives for the same day. */
export async function checkReports(target: Target, reports: readonly ReportResult[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { report, date, status, json } of reports) {
    checks.push(check(`report ${report}`, "PUBLISHED", status));
    if (!json) continue;
    const { source, timeZone } = config.reports[report]!;
    const day = localDay(date, timeZone);
    const [row] = await queryObjects(
      target,
      `SELECT count(*) AS requests FROM ${tableOf(source)}
       WHERE "date" BETWEEN '${day.utcDates[0]}' AND '${day.utcDates.at(-1)}'
         AND time >= TIMESTAMP '${wallClock(day.startMs, "UTC")}' AND time < TIMESTAMP '${wallClock(day.endMs, "UTC")}'`,
    );
    const { Body } = await target.s3.send(new GetObjectCommand({ Bucket: json.bucket, Key: json.key }));
    const drawn = JSON.parse(await Body!.transformToString()) as { figures: { requests: number } };
    checks.push(check(`report ${report}: requests on its pages and by SQL`, row!.requests!, drawn.figures.requests));
  }
  return checks;
}

/** No execution failed. */
export async function checkExecutions(target: Target, startedMs: number): Promise<Check[]> {
  const mine = (await listExecutions(target, { limit: 1000 })).filter(
    ({ startedAt }) => Date.parse(startedAt) >= startedMs,
  );
  const failed = mine.filter(({ status }) => status !== "SUCCEEDED" && status !== "RUNNING");
  return [
    check(
      "executions that failed",
      "none",
      failed.map(({ machine, name }) => `${machine} ${name}`).join(", ") || "none",
    ),
  ];
}

function check(what: string, expected: string | number, found: string | number | undefined): Check {
  return { what, expected: String(expected), found: String(found) };
}
