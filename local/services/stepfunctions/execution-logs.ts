/**
 * A state machine's log group: the history events that its level asks for, as Step Functions writes them.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/cloudwatch-log-level.html
 */
import type { Engine, HistoryEvent } from "../../../engine/index.ts";
import type { LogGroups } from "../logs/log-groups.ts";

export interface LoggingConfiguration {
  level?: "ALL" | "ERROR" | "FATAL" | "OFF";
  includeExecutionData?: boolean;
  destinations?: { cloudWatchLogsLogGroup?: { logGroupArn?: string } }[];
}

/** Parts of an event that are the execution's data rather than its course. */
const DATA = new Set(["input", "output", "parameters", "assignedVariables"]);

/**
 * @param configurationOf - The logging configuration of a state machine, by its ARN.
 * @returns A function that ends it.
 */
export function writeExecutionLogs(
  engine: Engine,
  logGroups: LogGroups,
  configurationOf: (stateMachineArn: string) => LoggingConfiguration | undefined,
): () => void {
  return engine.onEvent((record, event) => {
    const configuration = configurationOf(record.stateMachineArn.split("/")[0]!);
    const arn = configuration?.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn;
    if (!arn || !isWanted(configuration?.level ?? "OFF", event.type)) return;
    const { id, previousEventId, timestamp, type, ...rest } = event;
    const details = Object.values(rest).find((part) => part !== null && typeof part === "object") as object | undefined;
    const line = {
      id: String(id),
      type,
      details: configuration?.includeExecutionData ? details : withoutData(details),
      previous_event_id: String(previousEventId),
      event_timestamp: String(timestamp),
      execution_arn: record.arn,
    };
    const group = arn.replace(/^.*:log-group:/, "").replace(/:\*$/, "");
    const stream = `states/${record.stateMachineName.split("/")[0]}/${new Date(timestamp).toISOString().slice(0, 13)}`;
    logGroups.write(group, stream, timestamp, JSON.stringify(line));
  });
}

function isWanted(level: NonNullable<LoggingConfiguration["level"]>, type: HistoryEvent["type"]): boolean {
  const isBadEnd = /(Failed|TimedOut|Aborted)$/.test(type);
  if (level === "ALL") return true;
  return isBadEnd && (level === "ERROR" || (level === "FATAL" && type.startsWith("Execution")));
}

const withoutData = (details: object | undefined) =>
  details && Object.fromEntries(Object.entries(details).filter(([name]) => !DATA.has(name)));
