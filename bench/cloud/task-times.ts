/** How long the tasks of an execution took, from its history. */
import { GetExecutionHistoryCommand, type GetExecutionHistoryCommandOutput, type SFNClient } from "@aws-sdk/client-sfn";

export interface TaskTimes {
  readonly state: string;
  readonly count: number;
  /** Of all added up; those of a Map run beside each other. */
  readonly totalMs: number;
  readonly longestMs: number;
}

/** @returns In the order in which the states were first entered. */
export async function taskTimes(stepFunctions: SFNClient, executionArn: string): Promise<TaskTimes[]> {
  const entered = new Map<number, { state: string; atMs: number }>();
  const previous = new Map<number, number>();
  const times = new Map<string, number[]>();
  let nextToken: string | undefined;
  do {
    const page: GetExecutionHistoryCommandOutput = await stepFunctions.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }),
    );
    for (const event of page.events!) {
      previous.set(event.id!, event.previousEventId!);
      if (event.type === "TaskStateEntered") {
        const state = event.stateEnteredEventDetails!.name!;
        entered.set(event.id!, { state, atMs: event.timestamp!.getTime() });
        if (!times.has(state)) times.set(state, []);
      } else if (event.type === "TaskStateExited") {
        // Each event names the one before it on its own branch; the first entry found so is its own.
        let id = event.previousEventId!;
        while (!entered.has(id)) id = previous.get(id)!;
        const { state, atMs } = entered.get(id)!;
        times.get(state)!.push(event.timestamp!.getTime() - atMs);
      }
    }
    nextToken = page.nextToken;
  } while (nextToken);
  return [...times].map(([state, each]) => ({
    state,
    count: each.length,
    totalMs: each.reduce((sum, ms) => sum + ms, 0),
    longestMs: Math.max(0, ...each),
  }));
}
