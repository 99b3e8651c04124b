import { describe, expect, it } from "vitest";
import type { TaskAnswer, TaskCall } from "../../../local/engine/index.ts";
import { runMachine } from "./run-machine.ts";

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
});
