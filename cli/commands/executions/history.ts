/** The events of one execution. */
import { ExecutionDoesNotExist, GetExecutionHistoryCommand, type HistoryEvent } from "@aws-sdk/client-sfn";
import { WorkFailed } from "../../command.ts";
import type { Target } from "../../target.ts";

const LONGEST_DETAIL = 300;

/** Prints every event, one line each. */
export async function printHistory(target: Target, executionArn: string, json: boolean): Promise<void> {
  const events = await allEvents(target, executionArn);
  if (json) {
    process.stdout.write(`${JSON.stringify(events, null, 2)}\n`);
    return;
  }
  const startMs = events[0]?.timestamp?.getTime() ?? 0;
  for (const { id, timestamp, type, previousEventId, ...details } of events) {
    const [, detail] =
      Object.entries(details).find(([, value]) => value !== undefined && typeof value === "object") ?? [];
    const text = detail === undefined ? "" : JSON.stringify(detail);
    process.stdout.write(
      `${String(id).padStart(5)}  ${`+${timestamp!.getTime() - startMs} ms`.padStart(11)}  ${type!.padEnd(26)}  ${text.length > LONGEST_DETAIL ? `${text.slice(0, LONGEST_DETAIL - 1)}\u2026` : text}\n`,
    );
  }
}

/** @throws {WorkFailed} When there is no such execution. */
export async function allEvents(target: Target, executionArn: string): Promise<HistoryEvent[]> {
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
