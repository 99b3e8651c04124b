import { DescribeExecutionCommand } from "@aws-sdk/client-sfn";
import { expect, it } from "vitest";
import { followObjects } from "../../cli/follow-objects.ts";
import type { Target } from "../../cli/target.ts";
import type { ObjectItem } from "../../lake/batch/ledger.ts";

const object = { bucket: "raw", key: "alb/a.gz", etag: "e", sizeBytes: 1 };
const SINCE_MS = Date.UTC(2026, 0, 17, 10);

/** A stage whose ledger holds one object that a failed execution claimed, or nothing. */
function stage(item: Partial<ObjectItem> | undefined, stoppedAtMs = 0): Target {
  const { bucket, key, etag } = object;
  const send = async (command: unknown) =>
    command instanceof DescribeExecutionCommand
      ? { status: "FAILED", error: "QualityTooLow", cause: "why", stopDate: new Date(stoppedAtMs) }
      : { executions: [], Responses: { ledger: item ? [{ bucket, key, etag, ...item }] : [] } };
  const target = { names: { ledgerTable: "ledger" }, pollMs: 1, stateMachineArn: () => "arn", ledger: { send } };
  return { ...target, stepFunctions: { send } } as unknown as Target;
}

const follow = async (target: Target, sizeBytes = 1) => {
  const options = { sinceMs: SINCE_MS, timeoutMs: 20, onProgress: () => {} };
  return (await followObjects(target, [{ ...object, sizeBytes }], options))[0];
};

it("ends with the failure of the execution that claimed the object", async () => {
  const failed = stage({ status: "claimed", execution: "arn" }, SINCE_MS + 1);
  expect(await follow(failed)).toMatchObject({ status: "failed", reason: expect.stringMatching(/QualityTooLow/) });
});

it("waits for another execution when that one had failed before the object was put again", async () => {
  const failed = stage({ status: "claimed", execution: "arn" }, SINCE_MS - 1);
  expect(await follow(failed)).toMatchObject({ status: "pending", reason: null });
});

it("expects no word about a new object without bytes, but about one that had some", async () => {
  expect(await follow(stage(undefined), 0)).toMatchObject({ status: "passed-over", reason: "EmptyObject" });
  expect(await follow(stage({ status: "recorded", etag: "former" }), 0)).toMatchObject({ status: "pending" });
});
