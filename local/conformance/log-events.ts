import type { HistoryEvent, JsonObject } from "../../engine/index.ts";
/** The entry that Step Functions writes to CloudWatch Logs for a history event, at each level. */

export interface LoggingOptions {
  level: "ALL" | "ERROR" | "FATAL" | "OFF";
  includeExecutionData?: boolean;
}

const FATAL = new Set(["ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"]);
const DATA = new Set([
  "input",
  "inputDetails",
  "output",
  "outputDetails",
  "parameters",
  "assignedVariables",
  "assignedVariablesDetails",
]);

function isLogged(event: HistoryEvent, level: LoggingOptions["level"]): boolean {
  if (level === "ALL") return true;
  if (FATAL.has(event.type)) return level === "ERROR" || level === "FATAL";
  return (
    level === "ERROR" &&
    (/Failed$|TimedOut$|Aborted$|ScheduleFailed$|StartFailed$/.test(event.type) || event.type === "FailStateEntered")
  );
}

/** @returns The log entry without its times, or undefined when the level leaves the event out. */
export function logEntry(
  event: HistoryEvent,
  { level, includeExecutionData }: LoggingOptions,
  record: { arn: string; redriveCount: number },
): JsonObject | undefined {
  if (!isLogged(event, level)) return undefined;
  const detailsKey = Object.keys(event).find((key) => key.endsWith("EventDetails"));
  const details = (detailsKey ? event[detailsKey] : {}) as JsonObject;
  return {
    id: String(event.id),
    type: event.type,
    details: includeExecutionData
      ? details
      : Object.fromEntries(Object.entries(details).filter(([name]) => !DATA.has(name))),
    previous_event_id: String(event.previousEventId),
    execution_arn: record.arn,
    redrive_count: String(record.redriveCount),
  };
}
