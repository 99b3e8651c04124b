/** `sluice asl run | validate | conform`: state machines by themselves, without a cloud around them. */
import { readFileSync, statSync } from "node:fs";
import { validateDefinition } from "../../engine/index.ts";
import { realDrivenClock } from "../../engine/ports/clock.ts";
import type { Json, JsonObject } from "../../engine/values/json.ts";
import type { Case } from "../../local/conformance/case.ts";
import { type CaseReport, conform, type Level } from "../../local/conformance/conform.ts";
import { runExecution } from "../../local/conformance/run-case.ts";
import { parse } from "../arguments.ts";
import { type Command, UsageError, WorkFailed } from "../command.ts";

export const asl: Command = {
  help: `Usage: sluice asl run FILE [--input FILE] [--mocks FILE] [--clock virtual|real] [--history]
       sluice asl validate FILE
       sluice asl conform DIR [--level result|events|history] [--json] [--only GROUP]

run       runs a definition, by default on a virtual clock on which waits pass at once, and prints one JSON document:
          status, output, error, cause, and with --history every event. --mocks is JSON with the fields tasks, lambdas, activities, s3 and state_machines of a
          conformance case; name, roleArn, type, executionName, clock and stop are taken as well.
validate  prints what is wrong with a definition, one line each.
conform   runs a folder of conformance cases and prints a line per group and a total.
`,
  async run([action, ...rest]) {
    if (action === "run") return run(rest);
    if (action === "validate") return validate(rest);
    if (action === "conform") return conformFolder(rest);
    throw new UsageError(
      action === undefined
        ? 'Expected "run FILE", "validate FILE" or "conform DIR"'
        : `There is no "asl ${action}"; there are run, validate and conform`,
    );
  },
};

function readJson(path: string): Json {
  const text = readText(path);
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new WorkFailed(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new UsageError(`Cannot read ${path}`);
  }
}

async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parse(
    argv,
    {
      input: { type: "string" },
      mocks: { type: "string" },
      clock: { type: "string", default: "virtual" },
      history: { type: "boolean", default: false },
    },
    true,
  );
  const [file] = positionals;
  if (!file) throw new UsageError("Which definition? Give a FILE");
  if (values.clock !== "virtual" && values.clock !== "real") {
    throw new UsageError(`There is no clock "${values.clock}"; there are virtual and real`);
  }
  const text = readText(file);
  const problems = validateDefinition(text).filter(({ severity }) => severity === "ERROR");
  if (problems.length > 0) {
    throw new WorkFailed(
      problems.map(({ code, message, location }) => `${file}${location ?? ""}: ${code}: ${message}`).join("\n"),
    );
  }
  const mocks = (values.mocks === undefined ? {} : readJson(values.mocks)) as unknown as Partial<Case>;
  const outcome = await runExecution(
    {
      ...mocks,
      definition: JSON.parse(text) as JsonObject,
      ...(values.input === undefined ? {} : { input: readJson(values.input) }),
    },
    values.clock === "real" ? realDrivenClock : undefined,
  );
  const { status, output, error, cause, history } = outcome;
  process.stdout.write(
    `${JSON.stringify(
      {
        status,
        ...(output === undefined ? {} : { output }),
        ...(error === undefined ? {} : { error }),
        ...(cause === undefined ? {} : { cause }),
        ...(values.history && history
          ? { history: history.map((event) => ({ ...event, timestamp: new Date(event.timestamp).toISOString() })) }
          : {}),
      },
      null,
      2,
    )}\n`,
  );
  return status === "SUCCEEDED" ? 0 : 1;
}

function validate(argv: string[]): number {
  const { positionals } = parse(argv, {}, true);
  const [file] = positionals;
  if (!file) throw new UsageError("Which definition? Give a FILE");
  const found = validateDefinition(readText(file));
  for (const { severity, code, message, location } of found) {
    process.stdout.write(`${file}${location ?? ""}: ${severity} ${code}: ${message}\n`);
  }
  if (found.length === 0) process.stderr.write(`${file}: nothing is wrong\n`);
  return found.some(({ severity }) => severity === "ERROR") ? 1 : 0;
}

const LEVELS: readonly string[] = ["result", "events", "history"];

async function conformFolder(argv: string[]): Promise<number> {
  const { values, positionals } = parse(
    argv,
    {
      level: { type: "string", default: "history" },
      json: { type: "boolean", default: false },
      only: { type: "string" },
    },
    true,
  );
  const [directory] = positionals;
  if (!directory || !statSync(directory, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError("Which folder of cases? Give a DIR");
  if (!LEVELS.includes(values.level))
    throw new UsageError(`There is no level "${values.level}"; there are ${LEVELS.join(", ")}`);
  const reports = await conform(directory, { level: values.level as Level, only: values.only });
  const passed = reports.filter((report) => report.passed).length;
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ level: values.level, passed, failed: reports.length - passed, cases: reports }, null, 2)}\n`,
    );
  } else {
    for (const [group, members] of Map.groupBy(reports, (report) => report.group))
      process.stdout.write(groupLines(group, members));
    process.stdout.write(`${passed} passed, ${reports.length - passed} failed\n`);
  }
  return passed === reports.length ? 0 : 1;
}

function groupLines(group: string, members: CaseReport[]): string {
  const failed = members.filter((report) => !report.passed);
  const lines = [`${group}: ${members.length - failed.length} passed, ${failed.length} failed`];
  for (const report of failed)
    lines.push(`  ${report.id.split("::").at(-1)!}: ${report.difference!.split("\n").slice(0, 3).join(" ")}`);
  return `${lines.join("\n")}\n`;
}
