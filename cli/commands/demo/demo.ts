/** `sluice demo`: the whole lake in one command, with logs of its own making, and a check of every number it shows. */
import { open, rm, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { samples } from "../../../lake/generate/index.ts";
import type { SampleFile } from "../../../lake/generate/sample.ts";
import { tableOf } from "../../../lake/sources/config.ts";
import { findRunningCloud } from "../../../local/running-cloud.ts";
import { localDay, wallClock } from "../../../reports/local-day.ts";
import config from "../../../sluice.config.ts";
import { parse, wholeNumber } from "../../arguments.ts";
import { type Command, say, WorkFailed } from "../../command.ts";
import type { ObjectOutcome } from "../../follow-objects.ts";
import { type LocalCloud, startLocalCloud } from "../../local-cloud.ts";
import { progress } from "../../progress.ts";
import { queryObjects } from "../../query-rows.ts";
import { openTarget, type Target } from "../../target.ts";
import type { FileToUpload, UploadedObject } from "../../upload.ts";
import { listExecutions } from "../executions/executions.ts";
import { SAMPLE_DAYS, SAMPLE_FIRST_DAY, writeSample } from "../generate.ts";
import { follow, totalsOf, upload } from "../ingest.ts";
import { describeReport, type ReportResult, runReport } from "../report.ts";
import { awsCliLine, DEFAULT_PORT, untilInterrupted } from "../up/up.ts";
import { readMailbox } from "./mailbox.ts";

/** The later of the two days: the first one's report would lack the hour by which Berlin is ahead of UTC. */
const REPORT_DATE = "2026-01-17";
const ROWS_PER_SOURCE = 24_000;
const FILES_PER_SOURCE = 8;
const ODD_LINES_PER_SOURCE = 5;
const SEED = 7;
/** What the demo does takes seconds. When it takes longer than this, something hangs. */
const INGEST_TIMEOUT_MS = 5 * 60_000;

export const demo: Command = {
  help: `Usage: sluice demo [OPTIONS]

Starts the embedded cloud, makes two days of CloudFront logs, load balancer logs and clickstream events (one file is put
twice, one is corrupt, some lines are odd), ingests them, runs the reports of ${REPORT_DATE}, compares all numbers and says where
to look. The embedded cloud then stays up until Ctrl-C. Running it again on the same folder changes nothing.

  --once           end by itself: exit 0 when everything held, 1 when something did not
  --port N         port on 127.0.0.1 (default ${DEFAULT_PORT}; with --once any free one)
  --dir DIR        where the state lies (default .sluice)
`,
  async run(argv) {
    const { values } = parse(argv, {
      once: { type: "boolean", default: false },
      port: { type: "string" },
      dir: { type: "string", default: ".sluice" },
    });
    const port = wholeNumber("port", values.port ?? (values.once ? "0" : String(DEFAULT_PORT)));
    const dir = resolve(values.dir);
    const interrupted = untilInterrupted();

    const running = findRunningCloud(dir);
    if (running) say(`An embedded cloud is running on ${dir} already, at ${running.endpoint}: using it.`);
    const line = progress("Starting the embedded cloud");
    let cloud: LocalCloud | undefined;
    try {
      cloud = running ? undefined : await startLocalCloud({ dir, port });
      line.done(cloud && `The embedded cloud is up: ${cloud.endpoint}`);
    } catch (error) {
      line.done();
      throw error;
    }
    try {
      const target = await openTarget({ dir });
      try {
        const held = await Promise.race([
          runDemo(target, dir),
          interrupted.then(() => {
            throw new WorkFailed("Interrupted before the demo was through. Start it again: it goes on where it was.");
          }),
        ]);
        if (!cloud || values.once) return held ? 0 : 1;
        say(
          `\nThe embedded cloud stays up at ${cloud.endpoint}. Ctrl-C stops it; "npm start" brings it back as it is.`,
        );
        await interrupted;
        return held ? 0 : 1;
      } finally {
        await target.close();
      }
    } finally {
      await cloud?.stop();
    }
  },
};

/** What was put in, by source. */
interface DemoSource {
  source: string;
  samples: readonly SampleFile[];
  files: FileToUpload[];
  /** The key of the object that cannot be unpacked. */
  corruptKey: string | undefined;
}

/** One number that two places must agree on. */
interface Check {
  what: string;
  expected: string;
  found: string;
}

async function runDemo(target: Target, dir: string): Promise<boolean> {
  const startedMs = Date.now();
  const sources = await makeSamples(dir);
  const files = sources.flatMap((source) => source.files);
  const uploaded = await upload(target, files);
  // S3 may tell of one object twice, and people copy twice: both must change nothing.
  const again = sources.map(({ files: [first] }) => first!);
  await upload(target, again);
  const outcomes = await follow(target, uploaded, { sinceMs: startedMs, timeoutMs: INGEST_TIMEOUT_MS });

  const unfinished = outcomes.find(({ status }) => status === "failed" || status === "pending");
  if (unfinished)
    throw new WorkFailed(
      unfinished.status === "failed"
        ? `Ingesting ${unfinished.key} failed with ${unfinished.reason}\nWhat happened, state by state: sluice executions show ${unfinished.executionArn}`
        : `${unfinished.key} is not in the lake after ${INGEST_TIMEOUT_MS / 1000} s. See "sluice executions list".`,
    );

  const reports: ReportResult[] = [];
  for (const name of Object.keys(config.reports)) reports.push(await runReport(target, name, REPORT_DATE));

  const checks = [
    ...sources.flatMap((source) => checkLedger(source, outcomes)),
    ...(await checkRows(target, sources, outcomes)),
    ...(await checkReports(target, reports)),
    ...(await checkExecutions(target, startedMs)),
  ];
  await summary(target, { sources, outcomes, reports, uploaded });

  const broken = checks.filter(({ expected, found }) => expected !== found);
  say(
    `\nChecks: ${checks.length - broken.length} of ${checks.length} hold (generator, ledger, SQL, reports, executions).`,
  );
  for (const { what, expected, found } of broken) say(`  DOES NOT HOLD: ${what}: expected ${expected}, found ${found}`);
  return broken.length === 0;
}

/** Makes the logs of all sources whose format can be made up; the last file of the first source is cut short. */
async function makeSamples(dir: string): Promise<DemoSource[]> {
  const line = progress("Making sample logs");
  const sources: DemoSource[] = [];
  for (const [source, { format, prefix }] of Object.entries(config.sources)) {
    const makeSample = samples[format];
    if (!makeSample) continue;
    const folder = join(dir, "samples", source);
    await rm(folder, { recursive: true, force: true });
    const made = makeSample({
      rows: ROWS_PER_SOURCE,
      seed: SEED,
      firstDay: SAMPLE_FIRST_DAY,
      days: SAMPLE_DAYS,
      files: FILES_PER_SOURCE,
      oddLines: ODD_LINES_PER_SOURCE,
    });
    const files: FileToUpload[] = [];
    for (const file of made) {
      const path = join(folder, file.name);
      await writeSample(file, path);
      files.push({ path, key: prefix + file.name, sizeBytes: (await stat(path)).size });
    }
    let corruptKey: string | undefined;
    if (sources.length === 0) {
      // The archive of other rows, with a hole in its middle: what a bad disk leaves behind.
      const [other] = makeSample({
        rows: 500,
        seed: SEED + 1,
        firstDay: SAMPLE_FIRST_DAY,
        days: 1,
        files: 1,
        oddLines: 0,
      });
      const path = join(folder, other!.name);
      await writeSample(other!, path);
      const { size: sizeBytes } = await stat(path);
      await using file = await open(path, "r+");
      await file.write(Buffer.alloc(64), 0, 64, Math.floor(sizeBytes * 0.6));
      corruptKey = prefix + other!.name;
      files.push({ path, key: corruptKey, sizeBytes });
    }
    sources.push({ source, samples: made, files, corruptKey });
  }
  line.done(`Two days of sample logs in ${join(dir, "samples")}`);
  return sources;
}

/** The ledger accounts for each line that was generated, and the corrupt object is quarantined. */
function checkLedger(
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
async function checkRows(
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

/** The figures that were drawn are those that SQL gives for the same day. */
async function checkReports(target: Target, reports: readonly ReportResult[]): Promise<Check[]> {
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

async function checkExecutions(target: Target, startedMs: number): Promise<Check[]> {
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

/** Where to look: for a person who has just started this and knows nothing. */
async function summary(
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

function check(what: string, expected: string | number, found: string | number | undefined): Check {
  return { what, expected: String(expected), found: String(found) };
}
