/**
 * How fast the engine is with its journal on: `node bench/engine/run.ts`.
 *
 * Prints states and events per second of wall time for shapes that could go quadratic, and the memory that open
 * executions take. The journal is a SQLite file in a temporary folder; the clock is virtual, so only work counts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Engine, SqliteStore, seededChance, VirtualClock } from "../../engine/index.ts";

const arn = "arn:aws:states:us-east-1:000000000000:stateMachine:bench";
const roleArn = "arn:aws:iam::000000000000:role/bench";
const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
let files = 0;

function open(definition: object) {
  const clock = new VirtualClock();
  const engine = new Engine({
    clock,
    chance: seededChance(1),
    store: new SqliteStore(join(folder, `${files++}.db`)),
    host: { invoke: async (call) => ({ status: "succeeded", output: call.input }) },
  });
  engine.stateMachines.put(
    {
      arn,
      name: "bench",
      type: "STANDARD",
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
  let events = 0;
  let states = 0;
  engine.onEvent((_record, { type }) => {
    events++;
    if (type.endsWith("StateEntered")) states++;
  });
  return { clock, engine, counts: () => ({ events, states }) };
}

async function measure(name: string, definition: object, input: object = {}, executions = 1): Promise<void> {
  const { clock, engine, counts } = open(definition);
  const startMs = performance.now();
  const arns = Array.from(
    { length: executions },
    () => engine.startExecution({ stateMachineArn: arn, input: JSON.stringify(input) }).arn,
  );
  await clock.run(() => engine.openExecutions === 0);
  const seconds = (performance.now() - startMs) / 1000;
  const { events, states } = counts();
  const failed = arns.filter((one) => engine.describe(one)!.status !== "SUCCEEDED");
  if (failed.length > 0) throw new Error(`${name}: ${JSON.stringify(engine.describe(failed[0]!))}`);
  const perSecond = (count: number) =>
    Math.round(count / seconds)
      .toLocaleString("en-US")
      .padStart(9);
  console.log(
    `${name.padEnd(44)}${seconds.toFixed(2).padStart(7)} s${perSecond(states)} states/s${perSecond(events)} events/s`,
  );
  engine.close();
}

const task = {
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { n: "{% $states.input %}" },
  End: true,
};
const wait = { StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: 60, End: true } } };

try {
  await measure("8,000 JSONPath Pass states in a row", loop("JSONPath", 4_000), { left: 4_000 });
  await measure("8,000 JSONata Pass and Choice states in a row", loop("JSONata", 4_000), { left: 4_000 });
  await measure("inline Map of 3,400 tasks (23,800 events)", {
    QueryLanguage: "JSONata",
    StartAt: "Each",
    States: {
      Each: {
        Type: "Map",
        Items: "{% [1..3400] %}",
        ItemProcessor: { StartAt: "Call", States: { Call: task } },
        Output: 0,
        End: true,
      },
    },
  });
  await measure("distributed Map of 10,000 items", {
    QueryLanguage: "JSONata",
    StartAt: "Each",
    States: {
      Each: {
        Type: "Map",
        Items: "{% [1..10000] %}",
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
          StartAt: "Call",
          States: { Call: task },
        },
        Output: 0,
        End: true,
      },
    },
  });
  await measure(
    "1,000 executions of one task",
    { QueryLanguage: "JSONata", StartAt: "Call", States: { Call: task } },
    {},
    1_000,
  );
  await measure("1,000 waits at a time", wait, {}, 1_000);
  await memory();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Two states a round, `left` rounds. */
function loop(language: "JSONPath" | "JSONata", rounds: number): object {
  return language === "JSONata"
    ? {
        QueryLanguage: "JSONata",
        StartAt: "Count",
        States: {
          Count: { Type: "Pass", Output: { left: "{% $states.input.left - 1 %}" }, Next: "Is it over?" },
          "Is it over?": {
            Type: "Choice",
            Choices: [{ Condition: "{% $states.input.left > 0 %}", Next: "Count" }],
            Default: "Over",
          },
          Over: { Type: "Succeed" },
        },
        Comment: `${rounds} rounds`,
      }
    : {
        StartAt: "Count",
        States: {
          Count: { Type: "Pass", Parameters: { "left.$": "States.MathAdd($.left, -1)" }, Next: "Is it over?" },
          "Is it over?": {
            Type: "Choice",
            Choices: [{ Variable: "$.left", NumericGreaterThan: 0, Next: "Count" }],
            Default: "Over",
          },
          Over: { Type: "Succeed" },
        },
        Comment: `${rounds} rounds`,
      };
}

async function memory(): Promise<void> {
  const { clock, engine } = open(wait);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 1_000; i++) engine.startExecution({ stateMachineArn: arn, input: JSON.stringify({ i }) });
  await clock.run(() => false, clock.now() + 1_000);
  globalThis.gc?.();
  const kib = (process.memoryUsage().heapUsed - before) / 1024;
  console.log(
    `${"memory of 1,000 open executions".padEnd(44)}${(kib / 1024).toFixed(1).padStart(7)} MiB${globalThis.gc ? "" : " (run with --expose-gc for the exact figure)"}`,
  );
  engine.close();
}
