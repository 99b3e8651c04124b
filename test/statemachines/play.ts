/** Runs one of our state machines on a virtual clock, with tasks that answer as a test says. */
import { readFileSync } from "node:fs";
import {
  Engine,
  type Json,
  type JsonObject,
  type TaskAnswer,
  type TaskCall,
  VirtualClock,
} from "../../engine/index.ts";
import { seededChance } from "../../engine/ports/chance.ts";
import { statesService } from "../../local/services/stepfunctions/service.ts";

/** The answer of a task. An error's `message` comes as Lambda wraps it. */
export type Answer = { result: Json } | { error: string; message: string };

interface Played {
  status: string;
  output: Json | undefined;
  error: string | undefined;
  cause: string | undefined;
  /** The states that were entered, in order. */
  path: string[];
  /** Inputs of the calls of a state. */
  calls(state: string): Json[];
  elapsedSeconds: number;
  /** Events in the execution's history, of which AWS keeps 25,000. */
  eventCount: number;
}

const ACCOUNT = "111122223333";

/** One of our state machines on a virtual clock; `invoke` answers its tasks. */
export async function onVirtualClock(
  machine: string,
  invoke: (call: TaskCall, clock: VirtualClock) => Promise<TaskAnswer>,
) {
  const clock = new VirtualClock();
  const engine = new Engine({
    clock,
    chance: seededChance(1),
    accountId: ACCOUNT,
    host: {
      intercepts: () => true,
      invoke: (call) => invoke(call, clock),
      follow: async (_call, submitted) => ({ status: "succeeded", output: submitted }),
    },
  });
  const { operations } = statesService(engine);
  const context = { region: engine.region, accountId: ACCOUNT, now: () => clock.now() };
  const text = readFileSync(new URL(`../../statemachines/${machine}.asl.json`, import.meta.url), "utf8");
  const definition = text.replaceAll(
    /\$\{([\w-]+)\}/g,
    (_, name) =>
      `arn:aws:${["ingest", "catalog", "query", "report"].includes(name) ? `states:${engine.region}:${ACCOUNT}:stateMachine:` : `lambda:${engine.region}:${ACCOUNT}:function:`}${name}`,
  );
  const role = `arn:aws:iam::${ACCOUNT}:role/role`;
  const created = await operations["CreateStateMachine"]!({ name: machine, definition, roleArn: role }, context);
  return {
    clock,
    engine,
    async start(input: Json): Promise<string> {
      const { executionArn } = (await operations["StartExecution"]!(
        { stateMachineArn: (created as JsonObject)["stateMachineArn"], input: JSON.stringify(input) },
        context,
      )) as { executionArn: string };
      return executionArn;
    },
  };
}

/**
 * @param answers - By state: what each call answers in turn; the last one answers all that follow. A state without an entry fails the test.
 */
export async function play(machine: string, input: Json, answers: Record<string, Answer | Answer[]>): Promise<Played> {
  const made: { state: string; input: Json }[] = [];
  const answer = (call: TaskCall) => {
    const given = answers[call.stateName];
    if (!given) throw new Error(`No answer was given for "${call.stateName}"`);
    const before = made.filter(({ state }) => state === call.stateName).length;
    made.push({ state: call.stateName, input: (call.input as JsonObject)["Payload"] ?? call.input });
    return Array.isArray(given) ? given[Math.min(before, given.length - 1)]! : given;
  };
  const { clock, engine, start } = await onVirtualClock(machine, async (call) => {
    const said = answer(call);
    if ("error" in said) {
      const cause = JSON.stringify({ errorType: said.error, errorMessage: said.message, trace: [] });
      return { status: "failed", error: said.error, cause };
    }
    if (call.service !== "lambda")
      return { status: call.pattern === "sync" ? "submitted" : "succeeded", output: said.result };
    return { status: "succeeded", output: { StatusCode: 200, Payload: said.result } };
  });
  const beganMs = clock.now();
  const executionArn = await start(input);
  await clock.run(() => engine.describe(executionArn)!.status !== "RUNNING");
  const { status, output, error, cause } = engine.describe(executionArn)!;
  const history = engine.history(executionArn);
  return {
    status,
    output: output === undefined ? undefined : (JSON.parse(output) as Json),
    error,
    cause,
    path: history.flatMap((event) => (event["stateEnteredEventDetails"] as { name: string } | undefined)?.name ?? []),
    calls: (state) => made.filter((call) => call.state === state).map((call) => call.input),
    elapsedSeconds: (clock.now() - beganMs) / 1000,
    eventCount: history.length,
  };
}
