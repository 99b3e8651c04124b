/** `sluice sources drift`: what comes in and has no column yet, or no longer the type of its column. */
import { tableOf } from "../../../lake/sources/config.ts";
import {
  type Drift,
  type DriftingKey,
  driftOf,
  hasConfiguredColumns,
  type MisfitColumn,
  mayShowExamples,
} from "../../../lake/sources/drift.ts";
import { namedQuery } from "../../../reports/query/named-query.ts";
import { fillSql } from "../../../reports/query/sql-template.ts";
import config from "../../../sluice.config.ts";
import { day, parse, targetOptions, wholeNumber } from "../../arguments.ts";
import { UsageError } from "../../command.ts";
import { progress } from "../../progress.ts";
import { queryObjects } from "../../query-rows.ts";
import { type Target, withTarget } from "../../target.ts";

const MS_PER_DAY = 86_400_000;
const DEFAULT_DAYS = "30";

interface Period {
  firstDate: string;
  lastDate: string;
}

/** @param argv - What follows `drift`. */
export async function drift(argv: string[]): Promise<number> {
  const { values } = parse(argv, {
    ...targetOptions,
    source: { type: "string" },
    date: { type: "string" },
    days: { type: "string" },
  });
  if (values.date !== undefined && values.days !== undefined) throw new UsageError("Give --date or --days, not both");
  if (values.source !== undefined && !Object.hasOwn(config.sources, values.source))
    throw new UsageError(
      `There is no source "${values.source}" in sluice.config.ts: ${Object.keys(config.sources).join(", ")}`,
    );
  const period = periodOf(values);
  const sources = values.source === undefined ? Object.keys(config.sources) : [values.source];
  return withTarget(values, async (target) => {
    const line = progress("Looking for keys without a column");
    const found: (Drift & { source: string })[] = [];
    try {
      for (const source of sources) {
        line.update(source);
        found.push({ source, ...(await driftIn(target, source, period)) });
      }
    } finally {
      line.done();
    }
    process.stdout.write(
      values.json
        ? `${JSON.stringify({ ...period, sources: found }, undefined, 2)}\n`
        : `${found.map((each) => describe(each.source, each, period)).join("\n")}\n`,
    );
    return 0;
  });
}

/** The days that are looked at: dates of events, in UTC. */
function periodOf({ date, days }: { date?: string | undefined; days?: string | undefined }): Period {
  if (date !== undefined) return { firstDate: day("date", date), lastDate: date };
  const count = wholeNumber("days", days ?? DEFAULT_DAYS, 1);
  const dateBefore = (before: number) => new Date(Date.now() - before * MS_PER_DAY).toISOString().slice(0, 10);
  return { firstDate: dateBefore(count - 1), lastDate: dateBefore(0) };
}

async function driftIn(target: Target, source: string, period: Period): Promise<Drift> {
  const sourceConfig = config.sources[source]!;
  const sql = fillSql(namedQuery("extra-keys"), {
    table: tableOf(source),
    ...period,
    examples: mayShowExamples(sourceConfig) ? 1 : 0,
  });
  return driftOf(sourceConfig, await queryObjects(target, sql));
}

function describe(source: string, { keys, misfits, withheldRows }: Drift, { firstDate, lastDate }: Period): string {
  const period = firstDate === lastDate ? `on ${firstDate}` : `from ${firstDate} to ${lastDate}`;
  const lines = [
    keys.length === 0
      ? `${source}: no key without a column ${period}`
      : `${source}: ${keys.length} ${keys.length === 1 ? "key" : "keys"} without a column ${period}`,
    ...keys.flatMap(describeKey),
  ];
  const columns = keys.flatMap(({ column }) => column ?? []);
  if (columns.length > 0 && config.sources[source]!.formatOptions?.columns === undefined)
    lines.push(`  The source has no columns at all. "sluice sources infer" proposes them, from one of its objects.`);
  else if (columns.length > 0)
    lines.push(
      `  To give them columns, add to sources.${source}.formatOptions.columns in sluice.config.ts:`,
      ...columns.map(
        ({ name, type, upstreamName }) =>
          `    { name: ${JSON.stringify(name)}, type: ${JSON.stringify(type)}, upstreamName: ${JSON.stringify(upstreamName)} },`,
      ),
      "  Rows that are in the lake keep them in _extra, until their batches run again.",
    );
  else if (keys.length > 0 && !hasConfiguredColumns(config.sources[source]!))
    lines.push(
      `  The columns of ${config.sources[source]!.format} are its own: add them in lake/formats/, or leave them in _extra.`,
    );
  for (const misfit of misfits) lines.push(...describeMisfit(misfit));
  if (misfits.length > 0)
    lines.push(
      "  These texts are in _extra, and the columns are null there. A type is that of all rows: a new column may have another.",
    );
  if (withheldRows > 0)
    lines.push(
      `  ${withheldRows} rows have fields without a column whose names the policy for personal data withholds (sources.${source}.pii.extra).`,
    );
  return lines.join("\n");
}

function describeMisfit({ key, column, type, rows, firstDate, lastDate, example }: MisfitColumn): string[] {
  const facts = [
    countOf(rows),
    daysOf(firstDate, lastDate),
    ...(example === undefined ? [] : [`such as ${JSON.stringify(example)}`]),
  ];
  const name = key === column ? column : `${column} (${JSON.stringify(key)})`;
  return [`  ${name} could not be read as ${type}: ${facts.join(", ")}`];
}

const countOf = (rows: number) => `${rows.toLocaleString("en")} ${rows === 1 ? "row" : "rows"}`;
const daysOf = (firstDate: string, lastDate: string) =>
  firstDate === lastDate ? firstDate : `${firstDate} to ${lastDate}`;

function describeKey({ key, rows, firstDate, lastDate, type, doubt, example }: DriftingKey): string[] {
  const facts = [
    countOf(rows),
    daysOf(firstDate, lastDate),
    ...(type ? [type] : []),
    ...(example === undefined ? [] : [`such as ${JSON.stringify(example)}`]),
  ];
  return [`  ${JSON.stringify(key)}: ${facts.join(", ")}`, ...(doubt === undefined ? [] : [`      ${doubt}`])];
}
