import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Engine, SqliteStore, type TaskAnswer, type TaskCall, VirtualClock } from "../../engine/index.ts";
import { addMachine, machineArn, runMachine } from "./run-machine.ts";

const echo = async (call: TaskCall): Promise<TaskAnswer> => ({ status: "succeeded", output: { Payload: call.input } });

describe("an execution", () => {
  it("runs states in order and keeps variables", async () => {
    const { record } = await runMachine(
      {
        QueryLanguage: "JSONata",
        StartAt: "Remember",
        States: {
          Remember: { Type: "Pass", Assign: { x: "{% $states.input.n + 1 %}" }, Next: "Wait" },
          Wait: { Type: "Wait", Seconds: 3600, Next: "Tell" },
          Tell: { Type: "Pass", Output: { x: "{% $x %}" }, End: true },
        },
      },
      { n: 1 },
    );
    expect(record.status).toBe("SUCCEEDED");
    expect(JSON.parse(record.output!)).toEqual({ x: 2 });
    expect(record.stopMs! - record.startMs).toBe(3_600_000);
  });

  it("retries with back-off, then catches", async () => {
    const calledAtMs: number[] = [];
    const { record } = await runMachine(
      {
        QueryLanguage: "JSONata",
        StartAt: "Try",
        States: {
          Try: {
            Type: "Task",
            Resource: "arn:aws:states:::lambda:invoke",
            Arguments: { FunctionName: "f" },
            Retry: [{ ErrorEquals: ["Busy"], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 2 }],
            Catch: [{ ErrorEquals: ["Busy"], Output: "{% $states.errorOutput.Cause %}", Next: "Caught" }],
            End: true,
          },
          Caught: { Type: "Succeed" },
        },
      },
      {},
      {
        invoke: async (_call, clock) => {
          calledAtMs.push(clock.now());
          return { status: "failed", error: "Busy", cause: "later" };
        },
      },
    );
    expect(JSON.parse(record.output!)).toBe("later");
    expect(calledAtMs.map((ms) => (ms - calledAtMs[0]!) / 1000)).toEqual([0, 2, 8]);
  });

  it("runs a Map's iterations within its concurrency and keeps their order", async () => {
    let running = 0;
    let most = 0;
    const { record } = await runMachine(
      {
        QueryLanguage: "JSONata",
        StartAt: "Each",
        States: {
          Each: {
            Type: "Map",
            Items: "{% [1..20] %}",
            MaxConcurrency: 3,
            ItemProcessor: {
              StartAt: "Call",
              States: {
                Call: {
                  Type: "Task",
                  Resource: "arn:aws:states:::lambda:invoke",
                  Arguments: { n: "{% $states.input %}" },
                  Output: "{% $states.result.Payload.n %}",
                  End: true,
                },
              },
            },
            End: true,
          },
        },
      },
      {},
      {
        invoke: async (call, clock) => {
          most = Math.max(most, ++running);
          await new Promise<void>((resolve) => void clock.at(clock.now() + 1000, resolve));
          running--;
          return echo(call);
        },
      },
    );
    expect(JSON.parse(record.output!)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(most).toBe(3);
  });

  it("waits for a child execution and takes over its output", async () => {
    const { record } = await runMachine(
      {
        QueryLanguage: "JSONata",
        StartAt: "Child",
        States: {
          Child: {
            Type: "Task",
            Resource: "arn:aws:states:::states:startExecution.sync:2",
            Arguments: { StateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:child", Input: { a: 1 } },
            Output: "{% $states.result.Output %}",
            End: true,
          },
        },
      },
      {},
      { others: { child: { StartAt: "Rest", States: { Rest: { Type: "Wait", Seconds: 60, End: true } } } } },
    );
    expect(JSON.parse(record.output!)).toEqual({ a: 1 });
  });

  it("goes on from the state that failed when it is redriven, with its variables", async () => {
    let broken = true;
    const { record, engine, clock } = await runMachine(
      {
        QueryLanguage: "JSONata",
        StartAt: "Once",
        States: {
          Once: { Type: "Pass", Assign: { x: 7 }, Next: "Breaks" },
          Breaks: {
            Type: "Task",
            Resource: "arn:aws:states:::lambda:invoke",
            Arguments: { x: "{% $x %}" },
            Output: "{% $states.result.Payload.x %}",
            End: true,
          },
        },
      },
      {},
      { invoke: async (call) => (broken ? { status: "failed", error: "Broken" } : echo(call)) },
    );
    expect(record.status).toBe("FAILED");
    broken = false;
    engine.redrive(record.arn);
    await clock.run(() => engine.openExecutions === 0);
    const again = engine.describe(record.arn)!;
    expect(again).toMatchObject({ status: "SUCCEEDED", output: "7", redriveCount: 1 });
    const types = engine.history(record.arn).map(({ type }) => type);
    expect(types.filter((type) => type === "PassStateEntered")).toHaveLength(1);
    expect(types.slice(types.indexOf("ExecutionRedriven"))).toEqual([
      "ExecutionRedriven",
      "TaskScheduled",
      "TaskStarted",
      "TaskSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
    expect(() => engine.redrive(record.arn)).toThrow(/cannot be redriven/);
  });

  it("stays open when the engine is closed in the middle of a step, and goes on in the next one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-close-"));
    const definition = {
      QueryLanguage: "JSONata",
      StartAt: "One",
      States: {
        One: {
          Type: "Task",
          Resource: "arn:aws:states:::lambda:invoke",
          Arguments: {},
          Output: { done: true },
          Next: "Two",
        },
        Two: { Type: "Wait", Seconds: 5, End: true },
      },
    };
    try {
      const open = () => {
        const clock = new VirtualClock();
        const store = new SqliteStore(join(folder, "engine.db"));
        const engine = new Engine({ clock, store, host: { invoke: async (call) => echo(call) } });
        return { clock, engine };
      };
      const first = open();
      addMachine(first.engine, "test", definition);
      const { arn } = first.engine.startExecution({ stateMachineArn: machineArn("test") });
      await Promise.resolve();
      first.engine.close();
      await new Promise((resolve) => setImmediate(resolve));

      const second = open();
      expect(second.engine.resume().map((record) => record.arn)).toEqual([arn]);
      await second.clock.run(() => second.engine.openExecutions === 0);
      expect(second.engine.describe(arn)).toMatchObject({ status: "SUCCEEDED", output: '{"done":true}' });
      second.engine.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("ends with event 25,000 when its history is full", async () => {
    const { record, history } = await runMachine(
      {
        StartAt: "Again",
        States: { Again: { Type: "Pass", Next: "Round" }, Round: { Type: "Pass", Next: "Again" } },
      },
      {},
    );
    expect(record).toMatchObject({ status: "FAILED", error: "States.Runtime" });
    expect(history.at(-1)).toMatchObject({ id: 25_000, type: "ExecutionFailed" });
  });

  it("fails on a payload of more than 256 KiB and never journals it", async () => {
    const { record } = await runMachine(
      {
        QueryLanguage: "JSONata",
        StartAt: "Grow",
        States: { Grow: { Type: "Pass", Output: "{% $pad('x', 262143) %}", End: true } },
      },
      {},
    );
    expect(record).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
  });

  it("stops a runaway expression", async () => {
    const { record } = await runMachine(
      {
        QueryLanguage: "JSONata",
        StartAt: "Spin",
        States: { Spin: { Type: "Pass", Output: "{% ($f := function($n) { $f($n + 1) + 1 }; $f(0)) %}", End: true } },
      },
      {},
    );
    expect(record).toMatchObject({ status: "FAILED", error: "States.QueryEvaluationError" });
  });

  it("ends a machine that outlives its TimeoutSeconds", async () => {
    const { record } = await runMachine(
      { TimeoutSeconds: 10, StartAt: "Long", States: { Long: { Type: "Wait", Seconds: 60, End: true } } },
      {},
    );
    expect(record.status).toBe("TIMED_OUT");
    expect(record.stopMs! - record.startMs).toBe(10_000);
  });
});

describe("a task with a token", () => {
  const ask = (more: object = {}) => ({
    QueryLanguage: "JSONata",
    StartAt: "Ask",
    States: {
      Ask: {
        Type: "Task",
        Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        Arguments: { MessageBody: "{% $states.context.Task.Token %}" },
        Catch: [{ ErrorEquals: ["States.HeartbeatTimeout"], Output: "no heartbeat", Next: "End" }],
        Next: "End",
        ...more,
      },
      End: { Type: "Succeed" },
    },
  });

  it("takes the word of a holder that is faster than the call itself", async () => {
    const held: { engine?: Engine } = {};
    const { record, history } = await runMachine(
      ask(),
      {},
      {
        onEngine: (engine) => {
          held.engine = engine;
        },
        invoke: async (call) => {
          held.engine!.sendTaskSuccess(call.taskToken, '"quick"');
          return { status: "submitted", output: {} };
        },
      },
    );
    expect(record.output).toBe('"quick"');
    const types = history.map(({ type }) => type);
    expect(types.indexOf("TaskSubmitted")).toBeLessThan(types.indexOf("TaskSucceeded"));
  });

  it("times out when the heartbeats stop", async () => {
    const held: { engine?: Engine } = {};
    const { record } = await runMachine(
      ask({ HeartbeatSeconds: 10 }),
      {},
      {
        onEngine: (engine) => {
          held.engine = engine;
        },
        invoke: async (call, clock) => {
          for (const second of [8, 16, 24])
            clock.at(clock.now() + second * 1000, () => held.engine!.sendTaskHeartbeat(call.taskToken));
          return { status: "submitted", output: {} };
        },
      },
    );
    expect(record.output).toBe('"no heartbeat"');
    expect(record.stopMs! - record.startMs).toBe(34_000);
  });
});

describe("a distributed Map", () => {
  const distributed = (more: object) => ({
    QueryLanguage: "JSONata",
    StartAt: "Each",
    States: {
      Each: {
        Type: "Map",
        Items: "{% [1..10] %}",
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
          StartAt: "Work",
          States: {
            Work: {
              Type: "Task",
              Resource: "arn:aws:states:::lambda:invoke",
              Arguments: "{% $states.input %}",
              Output: "{% $states.result.Payload %}",
              End: true,
            },
          },
        },
        End: true,
        ...more,
      },
    },
  });
  const oddsFail = async (call: TaskCall): Promise<TaskAnswer> =>
    typeof call.input === "number" && call.input % 2 === 1 ? { status: "failed", error: "Odd" } : echo(call);

  it("gives batches to children of their own", async () => {
    const { record, engine } = await runMachine(
      distributed({ ItemBatcher: { MaxItemsPerBatch: 4, BatchInput: { k: "{% 1 + 1 %}" } } }),
      {},
      { invoke: echo },
    );
    const output = JSON.parse(record.output!) as { BatchInput: unknown; Items: number[] }[];
    expect(output.map(({ Items }) => Items.length)).toEqual([4, 4, 2]);
    expect(output[0]!.BatchInput).toEqual({ k: 2 });
    const [run] = engine.mapRuns.list(record.arn);
    expect(run).toMatchObject({
      status: "SUCCEEDED",
      items: { total: 10, succeeded: 10 },
      executions: { total: 3, succeeded: 3 },
    });
  });

  it("lets as many items fail as it tolerates, and no more", async () => {
    const tolerant = await runMachine(distributed({ ToleratedFailurePercentage: 50 }), {}, { invoke: oddsFail });
    expect(JSON.parse(tolerant.record.output!)).toEqual([2, 4, 6, 8, 10]);
    const strict = await runMachine(distributed({ ToleratedFailureCount: 4 }), {}, { invoke: oddsFail });
    expect(strict.record).toMatchObject({ status: "FAILED", error: "States.ExceedToleratedFailureThreshold" });
    expect(strict.engine.mapRuns.list(strict.record.arn)[0]).toMatchObject({ status: "FAILED" });
  });

  it("stops its children when it is stopped", async () => {
    const held: { engine?: Engine; arn?: string } = {};
    const { record, engine } = await runMachine(
      distributed({ MaxConcurrency: 2 }),
      {},
      {
        onEngine: (made) => {
          held.engine = made;
        },
        invoke: (_call, clock) => {
          const parent = [...held.engine!.openRecords()].find(({ mapRunArn }) => mapRunArn === undefined)!;
          clock.at(clock.now() + 1000, () => void held.engine!.stopExecution(parent.arn));
          return new Promise(() => undefined);
        },
      },
    );
    expect(record.status).toBe("ABORTED");
    const [run] = engine.mapRuns.list(record.arn);
    expect(run!.status).toBe("ABORTED");
    const { records } = engine.listExecutions(run!.arn, { limit: 100 });
    expect(records.map(({ status }) => status)).toEqual(["ABORTED", "ABORTED"]);
  });

  it("redrives only the children that did not succeed", async () => {
    let broken = true;
    const calls: unknown[] = [];
    const { record, engine, clock } = await runMachine(
      distributed({ MaxConcurrency: 3 }),
      {},
      {
        invoke: async (call) => {
          calls.push(call.input);
          return broken && call.input === 6 ? { status: "failed", error: "Six" } : echo(call);
        },
      },
    );
    expect(record.status).toBe("FAILED");
    broken = false;
    calls.length = 0;
    engine.redrive(record.arn);
    await clock.run(() => engine.openExecutions === 0);
    expect(engine.describe(record.arn)).toMatchObject({ status: "SUCCEEDED", output: "[1,2,3,4,5,6,7,8,9,10]" });
    expect(calls).toContain(6);
    expect(calls).not.toContain(1);
    expect(engine.mapRuns.list(record.arn)).toMatchObject([
      { status: "SUCCEEDED", redriveCount: 1, items: { succeeded: 10 } },
    ]);
  });

  it("reads CSV, JSON Lines and listings from S3, and writes results there", async () => {
    const objects: Record<string, string> = {
      "in/rows.csv": 'id;name\n1;"a;b"\n2;c\n\n3;d\n',
      "in/rows.jsonl": '{"id":1}\n{"id":2}\n',
    };
    const host = {
      invoke: echo,
      readObject: async (_bucket: string, key: string) =>
        objects[key] === undefined ? null : Buffer.from(objects[key]),
      async *listObjects() {
        yield { Key: "one" };
        yield { Key: "two" };
      },
      writeObject: async (_bucket: string, key: string, body: string) => {
        objects[key] = body;
      },
    };
    const read = async (reader: object, more: object = {}) =>
      JSON.parse(
        (await runMachine(distributed({ Items: undefined, ItemReader: reader, ...more }), {}, { host })).record.output!,
      );
    const getObject = "arn:aws:states:::s3:getObject";
    const csv = { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW", CSVDelimiter: "SEMICOLON", MaxItems: 2 };
    expect(
      await read({ Resource: getObject, ReaderConfig: csv, Arguments: { Bucket: "b", Key: "in/rows.csv" } }),
    ).toEqual([
      { id: "1", name: "a;b" },
      { id: "2", name: "c" },
    ]);
    const jsonl = {
      Resource: getObject,
      ReaderConfig: { InputType: "JSONL" },
      Arguments: { Bucket: "b", Key: "in/rows.jsonl" },
    };
    expect(await read(jsonl)).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await read({ Resource: "arn:aws:states:::s3:listObjectsV2", Arguments: { Bucket: "b" } })).toEqual([
      { Key: "one" },
      { Key: "two" },
    ]);

    const { ResultWriterDetails } = await read(jsonl, {
      ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Arguments: { Bucket: "b", Prefix: "out" } },
    });
    const manifest = JSON.parse(objects[ResultWriterDetails.Key]!) as {
      ResultFiles: { SUCCEEDED: { Key: string }[]; FAILED: [] };
    };
    const written = JSON.parse(objects[manifest.ResultFiles.SUCCEEDED[0]!.Key]!) as { Output: string }[];
    expect(written.map(({ Output }) => JSON.parse(Output))).toEqual([{ id: 1 }, { id: 2 }]);
    expect(manifest.ResultFiles.FAILED).toEqual([]);
  });
});
