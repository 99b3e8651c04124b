/** Runs a definition on a virtual clock, in memory, for tests. */
import {
  Engine,
  type ExecutionRecord,
  type HistoryEvent,
  type Json,
  type JsonObject,
  type Store,
  seededChance,
  type TaskAnswer,
  type TaskCall,
  type TaskHost,
  VirtualClock,
} from "../../engine/index.ts";

export interface RunOptions {
  invoke?: (call: TaskCall, clock: VirtualClock) => Promise<TaskAnswer>;
  onEngine?: (engine: Engine) => void;
  /** Instead of `invoke`. */
  host?: TaskHost;
  type?: "STANDARD" | "EXPRESS";
  store?: Store;
  /** Other state machines by name. */
  others?: Record<string, object>;
}

/** Answers each call with its own input, as a Lambda function would. */
export const echo = async (call: TaskCall): Promise<TaskAnswer> => ({
  status: "succeeded",
  output: { Payload: call.input },
});

export const machineArn = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;

export function addMachine(
  engine: Engine,
  name: string,
  definition: object,
  type: "STANDARD" | "EXPRESS" = "STANDARD",
): void {
  const roleArn = "arn:aws:iam::000000000000:role/test";
  engine.stateMachines.put(
    {
      arn: machineArn(name),
      name,
      type,
      revisionId: "",
      createdMs: 0,
      roleArn,
      tags: [],
      versions: [],
      nextVersion: 1,
      aliases: [],
    },
    { id: "", definition: JSON.stringify(definition), roleArn, createdMs: 0 },
  );
}

export async function runMachine(
  definition: object,
  input: Json,
  { invoke, host, onEngine, type, store, others = {} }: RunOptions = {},
): Promise<{ record: ExecutionRecord; history: HistoryEvent[]; engine: Engine; clock: VirtualClock }> {
  const clock = new VirtualClock();
  const engine = new Engine({
    clock,
    chance: seededChance(1),
    ...(store ? { store } : {}),
    host: host ?? {
      invoke: (call) =>
        invoke ? invoke(call, clock) : Promise.resolve({ status: "succeeded", output: call.input as JsonObject }),
    },
  });
  onEngine?.(engine);
  addMachine(engine, "test", definition, type);
  for (const [name, other] of Object.entries(others)) addMachine(engine, name, other);
  const { arn } = engine.startExecution({ stateMachineArn: machineArn("test"), input: JSON.stringify(input) });
  if (!(await clock.run(() => engine.openExecutions === 0))) throw new Error("The execution waits for ever");
  return { record: engine.describe(arn)!, history: engine.history(arn), engine, clock };
}
