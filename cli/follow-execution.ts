/** Waits for one execution to end, and says meanwhile which state it is in. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
} from "@aws-sdk/client-sfn";
import { WorkFailed } from "./command.ts";
import type { Target } from "./target.ts";

/**
 * @param onState - Told the name of the state that was entered last.
 * @returns The execution as it ended, however it ended.
 * @throws {WorkFailed} When it still runs after `timeoutMs`; it then goes on by itself.
 */
export async function followExecution(
  target: Target,
  executionArn: string,
  { timeoutMs, onState }: { timeoutMs: number; onState?: (state: string) => void },
): Promise<DescribeExecutionCommandOutput> {
  const deadlineMs = Date.now() + timeoutMs;
  while (true) {
    const execution = await target.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== "RUNNING") return execution;
    if (onState) {
      const { events = [] } = await target.stepFunctions.send(
        new GetExecutionHistoryCommand({
          executionArn,
          reverseOrder: true,
          maxResults: 30,
          includeExecutionData: false,
        }),
      );
      const state = events.find((event) => event.stateEnteredEventDetails)?.stateEnteredEventDetails?.name;
      if (state) onState(state);
    }
    if (Date.now() > deadlineMs)
      throw new WorkFailed(
        `Execution ${executionArn} still runs after ${Math.round(timeoutMs / 1000)} s. It goes on by itself: ` +
          `look at it with "sluice executions show ${executionArn}".`,
      );
    await sleep(target.pollMs);
  }
}

/** Why an execution did not succeed, in one line; a task's own message is inside the cause as JSON. */
export function failureOf(execution: {
  error?: string | undefined;
  cause?: string | undefined;
  status?: string | undefined;
}): string {
  const { error, cause, status } = execution;
  let message = cause ?? "";
  try {
    const parsed = JSON.parse(message) as { errorMessage?: string };
    if (typeof parsed.errorMessage === "string") message = parsed.errorMessage;
  } catch {
    // A cause that is no JSON is already a sentence.
  }
  return [error ?? status, message].filter(Boolean).join(": ");
}
