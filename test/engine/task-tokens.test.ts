import { describe, expect, it } from "vitest";
import type { Engine } from "../../engine/index.ts";
import { runMachine } from "./run-machine.ts";

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
