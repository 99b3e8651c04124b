/** `sluice ingest`: puts files into the raw bucket, where their arrival starts the pipeline, and follows them. */
import { tableOf } from "../../lake/sources/config.ts";
import config from "../../sluice.config.ts";
import { parse, targetHelp, targetOptions, wholeNumber } from "../arguments.ts";
import { type Command, say, UsageError } from "../command.ts";
import { follow } from "../follow-objects.ts";
import { type ObjectOutcome, totalsOf } from "../object-outcome.ts";
import { type Target, withTarget } from "../target.ts";
import { planUpload, upload } from "../upload.ts";

/** More objects than this are summed up; those that need attention are named all the same. */
const OBJECTS_LISTED = 20;

export const ingest: Command = {
  help: `Usage: sluice ingest PATH… --source NAME [OPTIONS]

Puts files, and the files of folders, into the raw bucket under the source's prefix; their arrival starts the pipeline.
Putting the same file again changes nothing.

  --source NAME    a source of sluice.config.ts: ${Object.keys(config.sources).join(", ")}
  --wait           follow each object until its rows can be queried; exit 1 when one was truncated, quarantined or failed
  --timeout N      give up waiting after N seconds (default 1800)
${targetHelp}

Without a running "sluice up", --wait is implied: the embedded cloud lives only as long as the command.
`,
  async run(argv) {
    const { values, positionals } = parse(
      argv,
      {
        ...targetOptions,
        source: { type: "string" },
        wait: { type: "boolean", default: false },
        timeout: { type: "string", default: "1800" },
      },
      true,
    );
    if (positionals.length === 0) throw new UsageError("Name at least one file or folder");
    if (values.source === undefined) throw new UsageError("--source is missing");
    const source = Object.hasOwn(config.sources, values.source) ? config.sources[values.source] : undefined;
    if (!source)
      throw new UsageError(
        `There is no source "${values.source}" in sluice.config.ts: ${Object.keys(config.sources).join(", ")}`,
      );
    const timeoutMs = wholeNumber("timeout", values.timeout, 1) * 1000;
    const files = await planUpload(positionals, source.prefix);

    return withTarget(values, async (target) => {
      const sinceMs = Date.now();
      const uploaded = await upload(target, files);
      if (!values.wait && !target.local?.startedHere) {
        if (values.json) process.stdout.write(`${JSON.stringify({ objects: uploaded }, null, 2)}\n`);
        say(`Follow them with "sluice executions list --machine ingest".`);
        return 0;
      }
      const outcomes = await follow(target, uploaded, { sinceMs, timeoutMs });
      if (values.json)
        process.stdout.write(`${JSON.stringify({ totals: totalsOf(outcomes), objects: outcomes }, null, 2)}\n`);
      else process.stdout.write(`${describeOutcomes(target, values.source!, outcomes).join("\n")}\n`);
      return outcomes.every(({ status }) => status === "recorded" || status === "passed-over") ? 0 : 1;
    });
  },
};

function describeOutcomes(target: Target, source: string, outcomes: readonly ObjectOutcome[]): string[] {
  const totals = totalsOf(outcomes);
  const lines: string[] = [];
  const listed =
    outcomes.length <= OBJECTS_LISTED
      ? outcomes
      : outcomes.filter(({ status, warning }) => status !== "recorded" || warning);
  for (const outcome of listed) {
    lines.push(`${outcome.status.padEnd(11)}  ${outcome.key}  ${outcome.rows} rows, ${outcome.rejected} rejected`);
    if (outcome.reason) lines.push(`             ${[outcome.reason, outcome.detail].filter(Boolean).join(": ")}`);
    if (outcome.warning) lines.push(`             warning: ${outcome.warning}`);
    if (outcome.status === "failed" && outcome.executionArn)
      lines.push(`             sluice executions show ${outcome.executionArn}`);
  }
  lines.push(
    `${totals.recorded + totals.truncated} of ${totals.objects} objects recorded: ${totals.lines} lines = ${totals.comments} comments + ${totals.rows} rows + ${totals.rejected} rejected`,
  );
  if (totals.rejected > 0)
    lines.push(
      `Why lines were rejected: sluice query "SELECT reason, source_file, line FROM ${tableOf(source)}_rejected LIMIT 20"`,
    );
  if (totals.truncated > 0)
    lines.push(
      `${totals.truncated} truncated: their whole lines are in the lake, see s3://${target.names.quarantineBucket}`,
    );
  if (totals.quarantined > 0)
    lines.push(`${totals.quarantined} quarantined, see s3://${target.names.quarantineBucket}`);
  if (totals.passedOver > 0) lines.push(`${totals.passedOver} passed over: there was nothing in them`);
  if (totals.failed > 0) lines.push(`${totals.failed} failed`);
  if (totals.pending > 0)
    lines.push(
      `${totals.pending} not done when the time was up (--timeout); they go on by themselves: sluice executions list --machine ingest`,
    );
  return lines;
}
