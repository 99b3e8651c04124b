/** `sluice query`: asks the lake in Athena's SQL. */
import { readFile } from "node:fs/promises";
import { planOf } from "../../../reports/plan.ts";
import { namedQuery, queryNames } from "../../../reports/query/named-query.ts";
import { fillSql, InvalidSqlValue } from "../../../reports/query/sql-template.ts";
import config from "../../../sluice.config.ts";
import { day, parse, targetHelp, targetOptions } from "../../arguments.ts";
import { type Command, say, UsageError } from "../../command.ts";
import { progress } from "../../progress.ts";
import { runQuery } from "../../query-rows.ts";
import { withTarget } from "../../target.ts";
import { formatRows, type RowFormat, rowFormats } from "./row-format.ts";

export const query: Command = {
  help: `Usage: sluice query SQL [OPTIONS]
       sluice query --name NAME [OPTIONS]
       sluice query --file FILE [OPTIONS]

Runs one query in the lake's Athena workgroup and prints its rows.

  --name NAME      a query of the folder queries/, without ".sql"; its values are those of the report that asks it
  --report R       which report's, when several ask it
  --date D         the report's day (default: yesterday in its time zone)
  --file FILE      SQL from a file
  --param VALUE    a literal for the next "?" of SQL or FILE, such as "'2026-01-17'"; with --name, NAME=VALUE
                   for one of its placeholders; may be repeated
  --format F       table (default), csv or json; whole numbers keep every digit
${targetHelp}, the same as --format json

Examples:
  sluice query --name alb-daily-status --date 2026-01-17
  sluice query "SELECT elb_status_code, count(*) AS requests FROM alb GROUP BY 1 ORDER BY 2 DESC"
`,
  async run(argv) {
    const { values, positionals } = parse(
      argv,
      {
        ...targetOptions,
        name: { type: "string" },
        file: { type: "string" },
        report: { type: "string" },
        date: { type: "string" },
        param: { type: "string", multiple: true, default: [] as string[] },
        format: { type: "string" },
      },
      true,
    );
    const given = [positionals.length > 0, values.name !== undefined, values.file !== undefined].filter(Boolean);
    if (given.length !== 1) throw new UsageError("Give one of: SQL, --name NAME, --file FILE");
    if (positionals.length > 1)
      throw new UsageError(`Give the SQL as one argument in quotes; there are ${positionals.length}`);
    const format = values.format ?? (values.json ? "json" : "table");
    if (!isRowFormat(format)) throw new UsageError(`--format is "${format}", expected ${rowFormats.join(", ")}`);
    if (values.name === undefined && (values.report ?? values.date) !== undefined)
      throw new UsageError("--report and --date belong to --name");
    const sql =
      values.name === undefined
        ? (positionals[0] ?? (await fileText(values.file!)))
        : filledQuery(values.name, { ...values, date: values.date && day("date", values.date) });
    const parameters = values.name === undefined ? values.param : [];

    return withTarget(values, async (target) => {
      const line = progress("Running the query");
      const answer = await runQuery(target, sql, parameters).finally(() => line.done());
      let rowCount = 0;
      async function* counted() {
        for await (const page of answer.pages) {
          rowCount += page.length;
          yield page;
        }
      }
      for await (const text of formatRows(format, answer.columns, counted())) await write(text);
      say(`${rowCount} ${rowCount === 1 ? "row" : "rows"}, ${answer.scannedBytes.toLocaleString("en")} bytes scanned`);
      return 0;
    });
  },
};

function isRowFormat(text: string): text is RowFormat {
  return (rowFormats as readonly string[]).includes(text);
}

/**
 * The SQL of a named query with the values that a report would put into it.
 *
 * @throws {UsageError} When there is no such query, or its values do not follow from what was given.
 */
function filledQuery(
  name: string,
  options: { report?: string | undefined; date?: string | undefined; param: readonly string[] },
): string {
  if (!queryNames().includes(name))
    throw new UsageError(`There is no query "${name}" in queries/. There are: ${queryNames().join(", ")}`);
  const plans = Object.keys(config.reports)
    .filter((report) => options.report === undefined || report === options.report)
    .map((report) => planOf(config, { report, date: options.date, startedAt: new Date().toISOString() }))
    .filter(({ queries }) => queries.some((query) => query.name === name));
  if (options.report !== undefined && plans.length === 0)
    throw new UsageError(`No report "${options.report}" asks the query "${name}"`);
  if (plans.length > 1)
    throw new UsageError(
      `Say with --report which one's: ${plans.map(({ report }) => report).join(" or ")} ask "${name}"`,
    );
  if (options.date !== undefined && plans.length === 0)
    throw new UsageError(`The query "${name}" belongs to no report and takes no --date`);
  const planned = plans[0]?.queries.find((query) => query.name === name)?.parameters ?? {};
  const given = options.param.map((param) => {
    const end = param.indexOf("=");
    if (end < 1) throw new UsageError(`--param is "${param}", expected NAME=VALUE with --name`);
    return [param.slice(0, end), param.slice(end + 1)];
  });
  try {
    return fillSql(namedQuery(name), { ...planned, ...Object.fromEntries(given) });
  } catch (error) {
    if (error instanceof InvalidSqlValue) throw new UsageError(error.message);
    throw error;
  }
}

async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new UsageError(`Cannot read --file ${path}: ${(error as Error).message}`);
  }
}

/** Waits for a slow reader instead of holding the whole answer. */
function write(text: string): Promise<void> | void {
  if (process.stdout.write(text)) return;
  return new Promise((resolve) => process.stdout.once("drain", () => resolve()));
}
