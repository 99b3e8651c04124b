/** Tells the rest of the cloud of executions: events of their status, and metrics that alarms watch. */

import type { Engine, ExecutionRecord } from "../../../engine/index.ts";
import type { RequestContext } from "../../wire/service.ts";
import type { Metrics } from "../cloudwatch/metrics.ts";
import type { EventBus } from "../events/event-bus.ts";

const METRICS: Partial<Record<ExecutionRecord["status"], string>> = {
  RUNNING: "ExecutionsStarted",
  SUCCEEDED: "ExecutionsSucceeded",
  FAILED: "ExecutionsFailed",
  TIMED_OUT: "ExecutionsTimedOut",
  ABORTED: "ExecutionsAborted",
};
/** EventBridge leaves a larger input or output out. */
const LARGEST_DATA_BYTES = 248 * 1024;

/** @returns A function that ends it. */
export function watchExecutions(
  engine: Engine,
  { bus, metrics, context }: { bus: EventBus; metrics: Metrics; context: RequestContext },
): () => void {
  return engine.onStatusChange((record) => {
    const name = METRICS[record.status];
    const StateMachineArn = record.stateMachineArn;
    if (name) metrics.record({ namespace: "AWS/States", name, dimensions: { StateMachineArn } }, 1, context.now());
    bus.put(
      {
        source: "aws.states",
        detailType: "Step Functions Execution Status Change",
        resources: [record.arn],
        detail: detailOf(record),
      },
      context,
    );
  });
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
function detailOf(record: Readonly<ExecutionRecord>): object {
  const fits = (text: string | undefined) => text !== undefined && Buffer.byteLength(text) <= LARGEST_DATA_BYTES;
  return {
    executionArn: record.arn,
    stateMachineArn: record.stateMachineArn,
    name: record.name,
    status: record.status,
    startDate: record.startMs,
    stopDate: record.stopMs ?? null,
    input: fits(record.input) ? record.input : null,
    output: fits(record.output) ? record.output : null,
    inputDetails: { included: fits(record.input) },
    outputDetails: record.output === undefined ? null : { included: fits(record.output) },
    error: record.error ?? null,
    cause: record.cause ?? null,
    redriveCount: record.redriveCount,
    redriveDate: record.redriveMs ?? null,
  };
}
