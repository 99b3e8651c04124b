/** `sluice executions`: what the state machines did. */
import type { ExecutionStatus } from "@aws-sdk/client-sfn";
import { parse, targetHelp, targetOptions, wholeNumber } from "../../arguments.ts";
import { type Command, say, UsageError, WorkFailed } from "../../command.ts";
import { type ExecutionSummary, listExecutions } from "../../list-executions.ts";
import { type Target, withTarget } from "../../target.ts";
import { duration } from "./duration.ts";
import { printHistory } from "./history.ts";
import { show } from "./show.ts";

const STATUSES = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"] as const;

export const executions: Command = {
  help: `Usage: sluice executions [list] [OPTIONS]
       sluice executions show EXECUTION [OPTIONS]
       sluice executions history EXECUTION [OPTIONS]

"list" shows the latest executions, newest first. "show" tells how one went, state by state. "history" prints every event.
EXECUTION is an ARN, or the beginning of a name that "list" shows.

  --machine NAME   only of one state machine, such as ingest (list)
  --status S       only with this status, such as FAILED (list)
  --limit N        at most N executions (list; default 20)
${targetHelp}
`,
  async run(argv) {
    const { values, positionals } = parse(
      argv,
      {
        ...targetOptions,
        machine: { type: "string" },
        status: { type: "string" },
        limit: { type: "string", default: "20" },
      },
      true,
    );
    const [action = "list", id, ...rest] = positionals;
    if (!["list", "show", "history"].includes(action) || rest.length > 0 || (action === "list") !== (id === undefined))
      throw new UsageError('Expected "list", "show EXECUTION" or "history EXECUTION"');
    const limit = wholeNumber("limit", values.limit, 1);
    const status = values.status?.toUpperCase();
    if (status !== undefined && !(STATUSES as readonly string[]).includes(status))
      throw new UsageError(`--status is "${values.status}", expected ${STATUSES.join(", ")}`);

    return withTarget(values, async (target) => {
      if (action === "list") {
        const found = await listExecutions(target, { ...values, status: status as ExecutionStatus | undefined, limit });
        if (values.json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
        else printList(found);
        return 0;
      }
      const executionArn = await resolveExecution(target, id!);
      if (action === "show") await show(target, executionArn, values.json);
      else await printHistory(target, executionArn, values.json);
      return 0;
    });
  },
};

function printList(found: readonly ExecutionSummary[]): void {
  if (found.length === 0) say("No executions yet.");
  const width = Math.max(7, ...found.map(({ machine }) => machine.length));
  for (const { machine, name, status, startedAt, stoppedAt } of found)
    process.stdout.write(
      `${status.padEnd(9)}  ${machine.padEnd(width)}  ${startedAt.replace("T", " ").slice(0, 19)}  ${duration(startedAt, stoppedAt).padStart(8)}  ${name}\n`,
    );
}

/**
 * The ARN of an execution that a person named in short.
 *
 * @throws {WorkFailed} When none or several begin with it.
 */
async function resolveExecution(target: Target, id: string): Promise<string> {
  if (id.startsWith("arn:")) return id;
  const found = (await listExecutions(target, { limit: 1000 })).filter(({ name }) => name.startsWith(id));
  if (found.length === 1) return found[0]!.executionArn;
  // An execution that others were started by may give them its own name with a number after it.
  const first = found.find(({ name }) => name === id || found.every((other) => other.name.startsWith(name)));
  if (first) return first.executionArn;
  throw new WorkFailed(
    found.length === 0
      ? `No execution's name begins with "${id}". See "sluice executions list".`
      : `${found.length} executions' names begin with "${id}"; give more of it:\n${found.map(({ machine, name }) => `  ${machine}  ${name}`).join("\n")}`,
  );
}
