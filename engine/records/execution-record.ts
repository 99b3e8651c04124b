/** The record of an execution, open or ended: the source of DescribeExecution. */

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "PENDING_REDRIVE";
export type ExecutionType = "STANDARD" | "EXPRESS";

export interface ExecutionRecord {
  serial: number;
  arn: string;
  name: string;
  stateMachineArn: string;
  stateMachineName: string;
  /** The revision of the definition that this execution runs, for as long as it runs. */
  revisionId: string;
  /** The state group it runs: "" for the machine, an item processor's path for a child of a distributed Map. */
  group: string;
  versionArn?: string | undefined;
  aliasArn?: string | undefined;
  type: ExecutionType;
  roleArn: string;
  status: ExecutionStatus;
  startMs: number;
  stopMs?: number | undefined;
  /** Texts of JSON values. */
  input: string;
  output?: string | undefined;
  error?: string | undefined;
  cause?: string | undefined;
  traceHeader?: string | undefined;
  redriveCount: number;
  redriveMs?: number | undefined;
  /** For a child of a distributed Map. */
  mapRunArn?: string | undefined;
  parent?: { serial: number; frame: number; index: number; itemCount: number } | undefined;
  /** Id of the last event. Set once the execution has ended; a redrive goes on from it. */
  lastEventId?: number | undefined;
}
