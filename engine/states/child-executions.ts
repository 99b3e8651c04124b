/** Child executions of map runs, as a distributed Map asks for them. */
import type { ExecutionRecord } from "../records/execution-record.ts";
import type { MapRunRecord } from "../records/map-run-record.ts";

/** One item, or one batch of items, that is to become an execution. */
export interface NewChild {
  /** Path of the state group that the child runs. */
  group: string;
  index: number;
  itemCount: number;
  /** Text of a JSON value. */
  input: string;
}

export interface ChildExecutions {
  start(parent: { record: ExecutionRecord; frameId: number }, run: MapRunRecord, child: NewChild): ExecutionRecord;
  /** Runs a child that failed again, as the same execution. */
  redrive(arn: string): void;
  describe(arn: string): ExecutionRecord;
  /** Children of a map run that have not ended. */
  open(run: MapRunRecord): ExecutionRecord[];
  /** Stops all children of a map run and waits for their ends. */
  stop(run: MapRunRecord): Promise<void>;
}
