/** `sluice executions`: what the state machines did. */
import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  type ExecutionListItem,
  type ExecutionStatus,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListStateMachinesCommand,
} from "@aws-sdk/client-sfn";
import { parse, targetHelp, targetOptions, wholeNumber } from "../../arguments.ts";
import { type Command, say, UsageError, WorkFailed } from "../../command.ts";
import { failureOf } from "../../follow-execution.ts";
import { type Target, withTarget } from "../../target.ts";

const STATUSES = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"] as const;
const LIST_PAGE = 100;
const LONGEST_VALUE = 500;

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
        if (values.json) printJson(found);
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

/** The lake's state machines by their names in `stacks/`, in lower case. */
async function machinesOf(target: Target): Promise<Map<string, string>> {
  const prefix = target.names.stateMachinePrefix;
  const machines = new Map<string, string>();
  let nextToken: string | undefined;
  do {
    const page = await target.stepFunctions.send(new ListStateMachinesCommand({ nextToken }));
    for (const { name, stateMachineArn } of page.stateMachines ?? [])
      if (name?.startsWith(prefix)) machines.set(name.slice(prefix.length).toLowerCase(), stateMachineArn!);
    nextToken = page.nextToken;
  } while (nextToken);
  return machines;
}

interface ExecutionSummary {
  machine: string;
  name: string;
  status: string;
  startedAt: string;
  stoppedAt: string | null;
  executionArn: string;
}

/**
 * The latest executions of all of the lake's state machines, newest first.
 *
 * @throws {UsageError} When `machine` is none of them.
 */
export async function listExecutions(
  target: Target,
  { machine, status, limit }: { machine?: string | undefined; status?: ExecutionStatus | undefined; limit: number },
): Promise<ExecutionSummary[]> {
  const machines = await machinesOf(target);
  if (machine !== undefined && !machines.has(machine))
    throw new UsageError(
      `There is no state machine "${machine}". There are: ${[...machines.keys()].sort().join(", ")}`,
    );
  const found = await Promise.all(
    [...machines]
      .filter(([name]) => machine === undefined || name === machine)
      .map(async ([name, stateMachineArn]) => {
        const items: ExecutionListItem[] = [];
        let nextToken: string | undefined;
        do {
          const page = await target.stepFunctions.send(
            new ListExecutionsCommand({
              stateMachineArn,
              maxResults: Math.min(limit, LIST_PAGE),
              nextToken,
              ...(status ? { statusFilter: status } : {}),
            }),
          );
          items.push(...(page.executions ?? []));
          nextToken = page.nextToken;
        } while (nextToken && items.length < limit);
        return items.map((item) => summaryOf(name, item));
      }),
  );
  return found
    .flat()
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt))
    .slice(0, limit);
}

function summaryOf(machine: string, item: ExecutionListItem): ExecutionSummary {
  return {
    machine,
    name: item.name!,
    status: item.status!,
    startedAt: item.startDate!.toISOString(),
    stoppedAt: item.stopDate?.toISOString() ?? null,
    executionArn: item.executionArn!,
  };
}

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

async function show(target: Target, executionArn: string, json: boolean): Promise<void> {
  const execution = await target.stepFunctions
    .send(new DescribeExecutionCommand({ executionArn }))
    .catch((error: unknown) => {
      throw error instanceof ExecutionDoesNotExist
        ? new WorkFailed(`There is no execution ${executionArn}. See "sluice executions list".`)
        : error;
    });
  const states = statesOf(await allEvents(target, executionArn));
  const { status, startDate, stopDate, input, output, error } = execution;
  if (json) {
    printJson({
      executionArn,
      status,
      startedAt: startDate,
      stoppedAt: stopDate ?? null,
      input: parsed(input),
      output: parsed(output),
      error: error ?? null,
      cause: execution.cause ?? null,
      states,
    });
    return;
  }
  const lines = [
    executionArn,
    `${status}, started ${startDate?.toISOString()}, ${duration(startDate!.toISOString(), stopDate?.toISOString() ?? null)}`,
    "",
    ...states.map(({ name, visits, failures, ms }) => {
      const notes = [visits > 1 ? `${visits} times` : "", failures > 0 ? `${failures} failed attempts` : ""].filter(
        Boolean,
      );
      return `  ${name.padEnd(28)} ${(ms === null ? "not ended" : `${ms} ms`).padStart(11)}${notes.length > 0 ? `  ${notes.join(", ")}` : ""}`;
    }),
    "",
    `input:  ${shortened(input)}`,
    status === "SUCCEEDED"
      ? `output: ${shortened(output)}`
      : status === "RUNNING"
        ? ""
        : `failed: ${failureOf(execution)}`,
  ];
  process.stdout.write(`${lines.join("\n").trimEnd()}\n`);
}

/** Inputs are events of up to 256 KiB; all of it is in the JSON. */
function shortened(text = ""): string {
  return text.length > LONGEST_VALUE
    ? `${text.slice(0, LONGEST_VALUE)}\u2026 (${text.length} characters; --json has all)`
    : text;
}

interface StateSummary {
  name: string;
  visits: number;
  /** Attempts that failed, whether retried, caught or fatal. */
  failures: number;
  /** Sum over all visits; null when one has not ended. */
  ms: number | null;
}

/** What happened in each state, in the order of first entry. Visits of a Map's branches add up. */
function statesOf(events: readonly HistoryEvent[]): StateSummary[] {
  const byId = new Map(events.map((event) => [event.id!, event]));
  const states = new Map<string, StateSummary & { open: number; total: number }>();
  /** The entry of the state that an event belongs to, found along the chain of causes. */
  const entryOf = (event: HistoryEvent): HistoryEvent | undefined => {
    let at: HistoryEvent | undefined = event;
    while (at && !at.stateEnteredEventDetails) at = byId.get(at.previousEventId ?? 0);
    return at;
  };
  const openEntries = new Map<string, number[]>();
  for (const event of events) {
    const entered = event.stateEnteredEventDetails?.name;
    if (entered !== undefined) {
      const state = states.get(entered) ?? { name: entered, visits: 0, failures: 0, ms: null, open: 0, total: 0 };
      state.visits++;
      state.open++;
      states.set(entered, state);
      openEntries.set(entered, [...(openEntries.get(entered) ?? []), event.timestamp!.getTime()]);
    }
    const exited = event.stateExitedEventDetails?.name;
    const leaving = exited === undefined ? undefined : states.get(exited);
    if (leaving) {
      leaving.open--;
      leaving.total += event.timestamp!.getTime() - (openEntries.get(exited!)?.shift() ?? event.timestamp!.getTime());
    }
    if (
      /^(Task|LambdaFunction|Activity)(Failed|TimedOut|StartFailed|SubmitFailed|ScheduleFailed)$/.test(event.type ?? "")
    ) {
      const name = entryOf(event)?.stateEnteredEventDetails?.name;
      const state = name === undefined ? undefined : states.get(name);
      if (state) state.failures++;
    }
  }
  return [...states.values()].map(({ name, visits, failures, open, total }) => ({
    name,
    visits,
    failures,
    ms: open > 0 ? null : total,
  }));
}

async function printHistory(target: Target, executionArn: string, json: boolean): Promise<void> {
  const events = await allEvents(target, executionArn);
  if (json) {
    printJson(events);
    return;
  }
  const startMs = events[0]?.timestamp?.getTime() ?? 0;
  for (const { id, timestamp, type, previousEventId, ...details } of events) {
    const [, detail] =
      Object.entries(details).find(([, value]) => value !== undefined && typeof value === "object") ?? [];
    const text = detail === undefined ? "" : JSON.stringify(detail);
    process.stdout.write(
      `${String(id).padStart(5)}  ${`+${timestamp!.getTime() - startMs} ms`.padStart(11)}  ${type!.padEnd(26)}  ${text.length > 300 ? `${text.slice(0, 299)}\u2026` : text}\n`,
    );
  }
}

async function allEvents(target: Target, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await target.stepFunctions
      .send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }))
      .catch((error: unknown) => {
        throw error instanceof ExecutionDoesNotExist
          ? new WorkFailed(`There is no execution ${executionArn}. See "sluice executions list".`)
          : error;
      });
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken);
  return events;
}

function duration(startedAt: string, stoppedAt: string | null): string {
  if (stoppedAt === null) return "running";
  return `${((Date.parse(stoppedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s`;
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? null : JSON.parse(text);
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
