import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Engine, MemoryStore, SqliteStore, VirtualClock } from "../../engine/index.ts";
import { addMachine, echo, machineArn, runMachine } from "./run-machine.ts";

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

  it("records nothing more once the engine is closed in the middle of a step", async () => {
    const store = new MemoryStore();
    const clock = new VirtualClock();
    let answer = () => {};
    const engine = new Engine({
      clock,
      store,
      host: {
        invoke: (call) => echo(call),
        writeObject: () => new Promise((resolve) => (answer = resolve)),
      },
    });
    addMachine(engine, "test", {
      QueryLanguage: "JSONata",
      StartAt: "Each",
      States: {
        Each: {
          Type: "Map",
          Items: [1],
          ItemProcessor: {
            ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
            StartAt: "Work",
            States: { Work: { Type: "Pass", End: true } },
          },
          ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Arguments: { Bucket: "b" } },
          End: true,
        },
      },
    });
    const recorded: string[] = [];
    engine.onEvent((_record, { type }) => recorded.push(type));
    const { arn } = engine.startExecution({ stateMachineArn: machineArn("test"), name: "run" });
    while (recorded.at(-1) !== "ExecutionSucceeded") await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    engine.close();
    const before = recorded.length;
    answer();
    await new Promise((resolve) => setImmediate(resolve));
    answer();
    await new Promise((resolve) => setImmediate(resolve));
    expect(recorded.slice(before)).toEqual([]);
    expect(JSON.parse(store.get("executions", arn)!)).toMatchObject({ status: "RUNNING" });
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
