import { readFileSync } from "node:fs";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, describe, expect, it } from "vitest";
import { findRunningCloud } from "../../../local/running-cloud.ts";
import { arn, scratchFolder, until } from "./a-cloud.ts";
import { clientOf, counted, gone, killedCloud, spawnCloud, taken, upload } from "./killable-cloud.ts";

const scratch = scratchFolder();
afterAll(scratch.remove);

/** One cloud's folder, and one process after the other on it: each finds the work that the one before was killed in. */
describe("after kill -9", () => {
  it("at any moment, the note that it left counts for nothing", async (test) => {
    const { child, endpoint } = await spawnCloud(test, scratch.dir);
    const s3 = new S3Client(clientOf(endpoint));
    for (let n = 1; n <= 12; n += 1) await upload(s3, `first-${n}`, n);
    await until("the first count", async () => Object.keys(await counted(s3)).length > 0);
    child.kill("SIGKILL");
    await gone(child);
    expect(readFileSync(join(scratch.dir, "cloud.json"), "utf8")).toContain(endpoint);
    expect(findRunningCloud(scratch.dir)).toBeUndefined();
  });

  it.for([
    ["while an object is stored", { fault: "kill", at: "s3:PUT::lake/*", from: 3 }],
    ["while an item is written", { fault: "kill", at: "dynamodb:PutItem", from: 2 }],
    ["while a function is called", { fault: "kill", at: "lambda:CountLines", from: 2 }],
    ["while an execution is started", { fault: "kill", at: "states:StartExecution", from: 1 }],
  ] as const)("%s, there is work left", async ([moment, rule], test) => {
    const child = await killedCloud(test, scratch.dir, { seed: 1, rules: [rule] }, async (s3) => {
      for (let n = 1; n <= 4; n += 1) await upload(s3, `${moment}-${n}`, n);
    });
    expect(child.signalCode).toBe("SIGKILL");
  });

  it("work goes on where it was: nothing is lost, and the result is the same", async (test) => {
    const { endpoint } = await spawnCloud(test, scratch.dir);
    const s3 = new S3Client(clientOf(endpoint));
    const expected = await taken(s3);
    expect(Object.keys(expected).length).toBeGreaterThan(12);
    const result = await until("a count for each object that was taken", async () => {
      const found = await counted(s3);
      return Object.keys(found).length === Object.keys(expected).length && found;
    });
    expect(result).toEqual(expected);
    const sfn = new SFNClient(clientOf(endpoint));
    await until("all executions to end well", async () => {
      const list = new ListExecutionsCommand({ stateMachineArn: arn("states", "stateMachine:Count") });
      return (await sfn.send(list)).executions!.every(({ status }) => status === "SUCCEEDED");
    });
  });
});
