/** The executions of the lake's state machines. */
import {
  type ExecutionListItem,
  type ExecutionStatus,
  ListExecutionsCommand,
  ListStateMachinesCommand,
} from "@aws-sdk/client-sfn";
import { UsageError } from "./command.ts";
import type { Target } from "./target.ts";

const LIST_PAGE = 100;

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

export interface ExecutionSummary {
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
 * @throws {UsageError} When `machine` is not one of them.
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
