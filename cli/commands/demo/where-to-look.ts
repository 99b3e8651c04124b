/** The text at the end of the demo. */
import { relative } from "node:path";
import { listExecutions } from "../../list-executions.ts";
import { type ObjectOutcome, totalsOf } from "../../object-outcome.ts";
import { describeReport, type ReportResult } from "../../run-report.ts";
import { awsCliLine, type Target } from "../../target.ts";
import type { UploadedObject } from "../../upload.ts";
import { readMailbox } from "./mailbox.ts";
import type { DemoSource } from "./sample-data.ts";

/** Prints what happened and where it is, for a person who has just started this and knows nothing. */
export async function printWhereToLook(
  target: Target,
  {
    sources,
    outcomes,
    reports,
    uploaded,
  }: {
    sources: readonly DemoSource[];
    outcomes: readonly ObjectOutcome[];
    reports: readonly ReportResult[];
    uploaded: readonly UploadedObject[];
  },
): Promise<void> {
  const print = (text = "") => process.stdout.write(`${text}\n`);
  print("\nSources (from the ledger)");
  for (const { source, files } of sources) {
    const keys = new Set(files.map(({ key }) => key));
    const mine = outcomes.filter(({ key }) => keys.has(key));
    const totals = totalsOf(mine);
    const cut = totals.truncated > 0 ? `${totals.truncated} truncated, ` : "";
    print(
      `  ${source.padEnd(12)}${totals.objects} objects: ${totals.recorded} recorded, ${cut}${totals.quarantined} quarantined; ` +
        `${totals.lines} lines = ${totals.comments} comments + ${totals.rows} rows + ${totals.rejected} rejected`,
    );
    for (const { key, reason, detail } of mine.filter(({ status }) => status === "quarantined"))
      print(`${" ".repeat(14)}${reason}: ${detail ?? key}`);
  }

  print("\nExecutions");
  const byMachine = new Map<string, Map<string, number>>();
  for (const { machine, status } of await listExecutions(target, { limit: 1000 })) {
    const statuses = byMachine.get(machine) ?? new Map<string, number>();
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    byMachine.set(machine, statuses);
  }
  for (const [machine, statuses] of [...byMachine].sort())
    print(`  ${machine.padEnd(12)}${[...statuses].map(([status, count]) => `${count} ${status}`).join(", ")}`);

  print("\nReports");
  for (const result of reports) for (const line of describeReport(result)) print(`  ${line}`);
  await printMail(target, reports);

  print("\nLook around (the AWS CLI takes any credentials here)");
  const { endpoint, dir } = target.local!;
  print(`  ${awsCliLine(endpoint, `s3 ls --recursive s3://${uploaded[0]!.bucket}/`)}`);
  const here = relative(process.cwd(), dir) === ".sluice" ? "" : ` --dir ${dir}`;
  print(`  npx sluice executions list${here}`);
  print(`  npx sluice query${here} "SELECT elb_status_code, count(*) AS requests FROM alb GROUP BY 1 ORDER BY 2 DESC"`);
}

/** The newest e-mail of each report, as its readers would find it. */
async function printMail(target: Target, reports: readonly ReportResult[]): Promise<void> {
  const mails = await readMailbox(target.local!.dir);
  for (const { mailSubject } of reports) {
    const mine = mails.filter(({ subject }) => subject === mailSubject);
    const newest = mine.at(-1);
    if (!newest) continue;
    process.stdout.write(
      `\nE-mail ${newest.path}\n  To: ${[...new Set(mine.map(({ to }) => to))].join(", ")}\n  Subject: ${newest.subject}\n\n` +
        `${newest.body.trimEnd().replaceAll(/^(?=.)/gm, "  ")}\n`,
    );
  }
}
