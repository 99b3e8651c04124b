import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, it } from "vitest";
import { findRunningCloud } from "../../../local/running-cloud.ts";
import { ACCOUNT, aCloud, arn, manifest, quietManifest, resource, scratchFolder, until } from "./a-cloud.ts";

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

function folder(): string {
  const scratch = scratchFolder();
  cleanUp.push(scratch.remove);
  return scratch.dir;
}

/** A cloud in a process of its own, which can be killed. */
async function spawnCloud(dir: string, faults?: object): Promise<{ child: ChildProcess; endpoint: string }> {
  const child = spawn(process.execPath, ["--no-warnings", join(import.meta.dirname, "cloud-process.ts"), dir], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...(faults && { SLUICE_FAULTS: JSON.stringify(faults) }) },
  });
  cleanUp.push(() => void child.kill("SIGKILL"));
  const endpoint = await new Promise<string>((resolve, reject) => {
    child.stdout!.once("data", (data) => resolve(String(data).trim()));
    child.once("exit", (code) => reject(new Error(`The cloud ended with ${code}`)));
  });
  return { child, endpoint };
}

const gone = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise<void>((resolve) => void child.once("exit", () => resolve()));
const clientOf = (endpoint: string) => ({
  endpoint,
  region: "eu-central-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});

/** The sum of all counts in the lake, by key: the effect of the whole pipeline, whatever was repeated. */
async function counted(endpoint: string): Promise<Record<string, string>> {
  const s3 = new S3Client(clientOf(endpoint));
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "lake" }));
  const entries = Contents.map(async ({ Key }) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "lake", Key }));
    return [Key!, await Body!.transformToString()];
  });
  return Object.fromEntries(await Promise.all(entries));
}

describe("a cloud", () => {
  it("keeps everything over a stop and a start, and builds nothing again", async () => {
    const dir = folder();
    const first = await aCloud({ dir, manifest: quietManifest() });
    const s3 = new S3Client(first.client);
    await s3.send(new PutObjectCommand({ Bucket: "lake", Key: "kept", Body: "still here" }));
    await Promise.all([first.stop(), first.stop()]);
    const built = () =>
      readdirSync(join(dir, "bundles")).map((name) => [name, statSync(join(dir, "bundles", name)).ino]);
    const before = built();

    const second = await aCloud({ dir, manifest: quietManifest() });
    cleanUp.push(() => second.stop());
    // On another port, which the functions' environment tells.
    expect(second.endpoint).not.toBe(first.endpoint);
    expect(built()).toEqual(before);
    const { Body } = await new S3Client(second.client).send(new GetObjectCommand({ Bucket: "lake", Key: "kept" }));
    expect(await Body!.transformToString()).toBe("still here");
  });

  it("shares what is built with the other clouds of its project, and keeps what one of them runs", async () => {
    const bundleFolder = folder();
    const builds = () => readdirSync(bundleFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const [first, second] = await Promise.all(
      [folder(), folder()].map((dir) => aCloud({ dir, bundleFolder, manifest: quietManifest() })),
    );
    cleanUp.push(...[first!, second!].map((cloud) => () => cloud.stop()));
    expect(builds()).toHaveLength(1);
    const buildAnother = async (install: string) => {
      const changed = quietManifest();
      changed.functions.CountLines!.install = [install];
      await (await aCloud({ dir: folder(), bundleFolder, manifest: changed })).stop();
    };
    for (const install of ["a", "b", "c", "d"]) await buildAnother(install);
    // This process still runs all of them.
    expect(builds()).toHaveLength(5);
    for (const { name } of builds()) rmSync(join(bundleFolder, name, "used-by", String(process.pid)));
    await buildAnother("e");
    expect(builds()).toHaveLength(3);
  });

  it("has its folder for itself, and is found by others while it runs", async () => {
    const dir = folder();
    expect(findRunningCloud(dir)).toBeUndefined();
    const cloud = await aCloud({ dir, manifest: quietManifest() });
    expect(findRunningCloud(dir)).toEqual({ pid: process.pid, endpoint: cloud.endpoint });
    await expect(aCloud({ dir, manifest: quietManifest() })).rejects.toThrow(/already runs on .* at http/);
    await cloud.stop();
    expect(findRunningCloud(dir)).toBeUndefined();
  });

  it("names a resource type that it cannot bring up, and leaves the folder free", async () => {
    const dir = folder();
    const base = manifest();
    const strange = { ...base, resources: [...base.resources, resource("aws:ec2/vpc:Vpc", "Net", {})] };
    await expect(aCloud({ dir, manifest: strange })).rejects.toThrow("aws:ec2/vpc:Vpc");
    expect(findRunningCloud(dir)).toBeUndefined();
    await (await aCloud({ dir, manifest: quietManifest() })).stop();
  });

  it("stops what a new manifest has dropped", async () => {
    const dir = folder();
    const schedule = resource(
      "aws:scheduler/schedule:Schedule",
      "Daily",
      {
        scheduleExpression: "cron(0 6 * * ? *)",
        scheduleExpressionTimezone: "Europe/Berlin",
        flexibleTimeWindow: { mode: "OFF" },
        target: { arn: arn("states", "stateMachine:Count"), roleArn: `arn:aws:iam::${ACCOUNT}:role/r`, input: "[]" },
      },
      { name: "Daily" },
    );
    const cloud = await aCloud({ dir, manifest: manifest([schedule]) });
    cleanUp.push(() => cloud.stop());
    expect((await cloud.call("scheduler", "ListSchedules", {})).Schedules).toHaveLength(1);
    await cloud.redeploy(manifest());
    expect((await cloud.call("scheduler", "ListSchedules", {})).Schedules).toHaveLength(0);
  });

  it("ends on SIGINT within two seconds, without a trace in its folder", async () => {
    const dir = folder();
    const { child } = await spawnCloud(dir);
    const startedMs = Date.now();
    child.kill("SIGINT");
    await gone(child);
    expect(child.exitCode).toBe(0);
    expect(Date.now() - startedMs).toBeLessThan(2000);
    expect(existsSync(join(dir, "cloud.json"))).toBe(false);
  });
});

describe("after a stop in the middle of work", () => {
  it("it goes on, no execution has failed, and nobody was alarmed", async () => {
    const dir = folder();
    const first = await aCloud({ dir });
    const s3 = new S3Client(first.client);
    for (let n = 1; n <= 12; n += 1) {
      await s3.send(new PutObjectCommand({ Bucket: "raw", Key: `logs/${n}`, Body: "line\n".repeat(n) }));
    }
    await until("the first count", async () => Object.keys(await counted(first.endpoint)).length > 0);
    await first.stop();
    expect(first.log).toEqual([]);

    const second = await aCloud({ dir });
    cleanUp.push(() => second.stop());
    await until("all counts", async () => Object.keys(await counted(second.endpoint)).length === 12);
    const stateMachineArn = arn("states", "stateMachine:Count");
    await until("all executions to end well", async () => {
      const { executions } = (await second.call("states", "ListExecutions", { stateMachineArn })) as {
        executions: { status: string }[];
      };
      expect(executions.map(({ status }) => status)).not.toContain("FAILED");
      return executions.every(({ status }) => status === "SUCCEEDED");
    });
  });
});

describe("after kill -9", () => {
  it("work goes on where it was: nothing is lost, and the result is the same", async () => {
    const dir = folder();
    const first = await spawnCloud(dir);
    const s3 = new S3Client(clientOf(first.endpoint));
    const expected: Record<string, string> = {};
    for (let n = 0; n < 12; n += 1) {
      await s3.send(new PutObjectCommand({ Bucket: "raw", Key: `logs/${n}`, Body: "line\n".repeat(n + 1) }));
      expected[`logs/${n}.count`] = String(n + 1);
    }
    await until("the first count", async () => Object.keys(await counted(first.endpoint)).length > 0);
    first.child.kill("SIGKILL");
    await gone(first.child);
    expect(readFileSync(join(dir, "cloud.json"), "utf8")).toContain(first.endpoint);
    expect(findRunningCloud(dir)).toBeUndefined();

    const second = await spawnCloud(dir);
    const sfn = new SFNClient(clientOf(second.endpoint));
    const stateMachineArn = arn("states", "stateMachine:Count");
    const result = await until("all counts", async () => {
      const found = await counted(second.endpoint);
      return Object.keys(found).length === 12 && found;
    });
    expect(result).toEqual(expected);
    await until("all executions to end well", async () => {
      const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
      return executions!.every(({ status }) => status === "SUCCEEDED");
    });
  });

  it.each([
    ["while an object is stored", { fault: "kill", at: "s3:PUT::lake/*", from: 3 }],
    ["while an item is written", { fault: "kill", at: "dynamodb:PutItem", from: 2 }],
    ["while a function is called", { fault: "kill", at: "lambda:CountLines", from: 2 }],
    ["while an execution is started", { fault: "kill", at: "states:StartExecution", from: 1 }],
  ])("%s nothing is lost", async (_, rule) => {
    const dir = folder();
    const first = await spawnCloud(dir, { seed: 1, rules: [rule] });
    const s3 = new S3Client({ ...clientOf(first.endpoint), maxAttempts: 1 });
    for (let n = 0; n < 4; n += 1) {
      await s3
        .send(new PutObjectCommand({ Bucket: "raw", Key: `logs/${n}`, Body: "line\n".repeat(n + 1) }))
        .catch(() => {});
    }
    await gone(first.child);
    expect(first.child.signalCode).toBe("SIGKILL");

    const second = await spawnCloud(dir);
    const again = new S3Client(clientOf(second.endpoint));
    const { Contents = [] } = await again.send(new ListObjectsV2Command({ Bucket: "raw" }));
    const expected = Object.fromEntries(Contents.map(({ Key, Size }) => [`${Key}.count`, String(Size! / 5)]));
    await until("a count for each object that was taken", async () => {
      return JSON.stringify(await counted(second.endpoint)) === JSON.stringify(expected);
    });
  });
});

describe("a fault plan", () => {
  it("duplicates and reorders deliveries, which changes no result", async () => {
    const dir = folder();
    const rules = [
      { fault: "duplicate" as const, at: "sqs:*" },
      { fault: "reorder" as const, at: "sqs:*" },
      { fault: "throttle" as const, at: "lambda:*", limit: 2 },
    ];
    const cloud = await aCloud({ dir, faults: { seed: 7, rules } });
    cleanUp.push(() => cloud.stop());
    const s3 = new S3Client(cloud.client);
    await Promise.all(
      [1, 2, 3].map((n) =>
        s3.send(new PutObjectCommand({ Bucket: "raw", Key: `logs/${n}`, Body: "line\n".repeat(n) })),
      ),
    );
    const result = await until("three counts", async () => {
      const found = await counted(cloud.endpoint);
      return Object.keys(found).length === 3 && found;
    });
    expect(result).toEqual({ "logs/1.count": "1", "logs/2.count": "2", "logs/3.count": "3" });
  });

  it("throttles by AWS's name", async () => {
    const faults = { seed: 1, rules: [{ fault: "throttle" as const, at: "sqs:SendMessage", limit: 1 }] };
    const cloud = await aCloud({ dir: folder(), manifest: quietManifest(), faults });
    cleanUp.push(() => cloud.stop());
    const client = new SQSClient({ ...cloud.client, maxAttempts: 1 });
    const send = () =>
      client.send(new SendMessageCommand({ QueueUrl: `${cloud.endpoint}/${ACCOUNT}/Intake`, MessageBody: "x" }));
    await expect(send()).rejects.toMatchObject({ name: "ThrottlingException" });
    await expect(send()).resolves.toMatchObject({ MessageId: expect.any(String) });
  });
});
