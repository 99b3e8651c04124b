/** `sluice demo`: the whole lake in one command, with logs of its own making, and a check of every number it shows. */
import { resolve } from "node:path";
import { findRunningCloud } from "../../../local/running-cloud.ts";
import config from "../../../sluice.config.ts";
import { parse, wholeNumber } from "../../arguments.ts";
import { type Command, say, WorkFailed } from "../../command.ts";
import { follow } from "../../follow-objects.ts";
import { untilInterrupted } from "../../interrupt.ts";
import { DEFAULT_PORT, type LocalCloud, startLocalCloud } from "../../local-cloud.ts";
import { progress } from "../../progress.ts";
import { type ReportResult, runReport } from "../../run-report.ts";
import { openTarget, type Target } from "../../target.ts";
import { upload } from "../../upload.ts";
import { checkExecutions, checkLedger, checkReports, checkRows } from "./checks.ts";
import { makeSamples } from "./sample-data.ts";
import { printWhereToLook } from "./where-to-look.ts";

/** The later of the two days: the first one's report would lack the hour by which Berlin is ahead of UTC. */
const REPORT_DATE = "2026-01-17";
/** Ingesting takes seconds. When it takes longer than this, something hangs. */
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
  for (const name of Object.keys(config.reports)) reports.push(await runReport(target, name, { date: REPORT_DATE }));

  const checks = [
    ...sources.flatMap((source) => checkLedger(source, outcomes)),
    ...(await checkRows(target, sources, outcomes)),
    ...(await checkReports(target, reports)),
    ...(await checkExecutions(target, startedMs)),
  ];
  await printWhereToLook(target, { sources, outcomes, reports, uploaded });

  const broken = checks.filter(({ expected, found }) => expected !== found);
  say(
    `\nChecks: ${checks.length - broken.length} of ${checks.length} hold (generator, ledger, SQL, reports, executions).`,
  );
  for (const { what, expected, found } of broken) say(`  DOES NOT HOLD: ${what}: expected ${expected}, found ${found}`);
  return broken.length === 0;
}
