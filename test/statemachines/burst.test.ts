import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../engine/index.ts";
import { onVirtualClock } from "./play.ts";

const TASK_SECONDS = 3;

/** Answers that let each execution ingest one object. */
const answers: Record<string, JsonObject> = {
  "Claim batch": {
    status: "claimed",
    batch: { source: "alb", batchId: "0123456789abcdef", objectCount: 1, claimedAtMs: 1 },
    resubmit: [],
    passedOver: {},
  },
  "Detect format": { format: "alb" },
  Decompress: { pieceCount: 1 },
  "Plan chunks": { chunkCount: 1 },
  Parse: { rows: 9, rejected: 1 },
  "Check quality": { fileCount: 1, writeCount: 1, rows: 9, rejected: 1, quality: "0.9000" },
  "Write Parquet": { fileCount: 1, rows: 9 },
  Record: { counts: {}, newDates: [], newRejectedDates: [] },
};

/** Starts `count` executions at the same time in an account where `room` functions can run at a time. */
async function burst(count: number, room: number) {
  let running = 0;
  let throttles = 0;
  const { clock, engine, start } = await onVirtualClock("ingest", async (call, clock) => {
    if (call.service !== "lambda") return { status: "succeeded", output: {} };
    if (running === room) {
      throttles++;
      return { status: "failed", error: "Lambda.TooManyRequestsException", cause: "Rate Exceeded." };
    }
    running++;
    await new Promise<void>((done) => clock.at(clock.now() + TASK_SECONDS * 1000, done));
    running--;
    return { status: "succeeded", output: { StatusCode: 200, Payload: answers[call.stateName]! } };
  });
  const beganMs = clock.now();
  const arns = [];
  for (let i = 0; i < count; i++) arns.push(await start([{ messageId: String(i), body: "{}" }]));
  await clock.run(() => engine.openExecutions === 0);
  const failed = arns.filter((arn) => engine.describe(arn)!.status !== "SUCCEEDED").length;
  return { failed, throttles, minutes: (clock.now() - beganMs) / 60_000 };
}

describe("a burst of ingest executions", () => {
  it("works itself off in a new account, where ten functions run at a time", async () => {
    const { failed, throttles, minutes } = await burst(100, 10);
    expect(failed).toBe(0);
    expect(throttles).toBeGreaterThan(500);
    // 100 executions of 8 tasks need at least four minutes in ten lanes.
    expect(minutes).toBeLessThan(30);
  });
});
