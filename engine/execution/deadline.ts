/** The time at which an execution has to have ended. */
import type { CompiledMachine } from "../definition/machine.ts";
import type { ExecutionRecord } from "../records/execution-record.ts";

const EXPRESS_LIMIT_MS = 5 * 60 * 1000;

/** @returns Milliseconds since the epoch; undefined when the execution has no limit. */
export function deadlineMs(record: ExecutionRecord, { timeoutSeconds }: CompiledMachine): number | undefined {
  const limitMs = Math.min(
    // The children of a distributed Map are not bound by the machine's own limit.
    record.group === "" && timeoutSeconds !== undefined ? timeoutSeconds * 1000 : Infinity,
    record.type === "EXPRESS" ? EXPRESS_LIMIT_MS : Infinity,
  );
  return limitMs === Infinity ? undefined : (record.redriveMs ?? record.startMs) + limitMs;
}
