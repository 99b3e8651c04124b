/** The context object (`$$`, `$states.context`), and everything else that a state's expressions can see. */
import type { DataScope } from "../data/state-data.ts";
import type { CompiledState } from "../definition/machine.ts";
import type { ExecutionRecord } from "../records/execution-record.ts";
import type { Frame } from "../records/frame.ts";
import type { Json, JsonObject } from "../values/json.ts";
import type { RunningExecution } from "./running-execution.ts";
import { behaviourOf } from "./state-behaviours.ts";

/** States that a Retry can stand in; only they are told how often they were retried. */
const RETRYABLE: ReadonlySet<string> = new Set(["Task", "Parallel", "Map"]);

/** `Execution` in the context object: the same for all states of an execution. */
export function executionContext(record: ExecutionRecord, input: Json): JsonObject {
  return {
    Id: record.arn,
    Input: input,
    StartTime: new Date(record.startMs).toISOString(),
    Name: record.name,
    RoleArn: record.roleArn,
    // Express executions cannot be redriven.
    ...(record.type === "STANDARD" ? { RedriveCount: record.redriveCount } : {}),
    ...(record.redriveMs === undefined ? {} : { RedriveTime: new Date(record.redriveMs).toISOString() }),
  };
}

/** @param ofExecution - What `executionContext` gave. */
export function stateScope(
  execution: RunningExecution,
  ofExecution: JsonObject,
  frame: Frame,
  state: CompiledState,
  more: { item?: { index: number; value: Json }; taskToken?: string },
): DataScope {
  const { record, home } = execution;
  const nowMs = home.clock.now();
  const item = more.item ?? innermostItem(execution, frame);
  return {
    stateName: state.name,
    enteredEventId: frame.enteredEventId,
    input: frame.input,
    context: {
      Execution: ofExecution,
      StateMachine: { Id: record.stateMachineArn, Name: record.stateMachineName },
      State: {
        Name: state.name,
        EnteredTime: new Date(frame.enteredMs).toISOString(),
        ...(RETRYABLE.has(state.type) ? { RetryCount: frame.retryCount } : {}),
      },
      ...(item ? { Map: { Item: { Index: item.index, Value: item.value } } } : {}),
      ...(more.taskToken === undefined ? {} : { Task: { Token: more.taskToken } }),
    },
    variables: frame.variables,
    chance: home.chance,
    nowMs,
  };
}

/** The item of the innermost Map around a frame. */
function innermostItem(execution: RunningExecution, frame: Frame): { index: number; value: Json } | undefined {
  for (let child = frame; child.parent !== null; ) {
    const parent = execution.frames.get(child.parent)!;
    const item = behaviourOf(execution.stateOf(parent)).itemOf?.(execution, parent, child.index);
    if (item !== undefined) return { index: child.index, value: item.value };
    child = parent;
  }
  return undefined;
}
