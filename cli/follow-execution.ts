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
      const state = await currentState(target, executionArn);
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

/** The name of the state that an execution entered last; undefined before the first. */
export async function currentState(target: Target, executionArn: string): Promise<string | undefined> {
  const { events = [] } = await target.stepFunctions.send(
    new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 30, includeExecutionData: false }),
  );
  return events.find((event) => event.stateEnteredEventDetails)?.stateEnteredEventDetails?.name;
}

/**
 * Why an execution did not succeed, in one line. The cause is JSON when a task failed, with the task's own message in it,
 * and when a nested execution did, with that one's error and cause; what happened first is the innermost.
 */
export function failureOf(execution: {
  error?: string | undefined;
  cause?: string | undefined;
  status?: string | undefined;
}): string {
  const { error, cause = "", status } = execution;
  let inner: unknown;
  try {
    inner = JSON.parse(cause);
  } catch {
    // A cause that is not JSON is already a sentence.
  }
  if (typeof inner === "object" && inner !== null) {
    if ("errorMessage" in inner) return [error, inner.errorMessage].filter(Boolean).join(": ");
    if ("ExecutionArn" in inner && "Error" in inner)
      return failureOf({ error: String(inner.Error), cause: "Cause" in inner ? String(inner.Cause) : "" });
  }
  return [error ?? status, cause].filter(Boolean).join(": ");
}
