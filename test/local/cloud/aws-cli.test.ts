import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, aCloud, arn, scratchFolder, type TestCloud, until } from "./a-cloud.ts";

const isInstalled = spawnSync("aws", ["--version"]).status === 0;
if (!isInstalled)
  process.stderr.write("The AWS CLI is not installed (apt-get install awscli): its tests are skipped.\n");

describe.skipIf(!isInstalled)("the AWS CLI", () => {
  const scratch = scratchFolder();
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await aCloud({ dir: join(scratch.dir, "cloud") });
  });
  afterAll(async () => {
    await cloud.stop();
    scratch.remove();
  });

  async function aws(...args: string[]): Promise<string> {
    const env = {
      ...process.env,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_DEFAULT_REGION: "eu-central-1",
      AWS_CONFIG_FILE: join(scratch.dir, "none"),
      AWS_SHARED_CREDENTIALS_FILE: join(scratch.dir, "none"),
    };
    const all = ["--endpoint-url", cloud.endpoint, "--output", "json", ...args];
    return (await promisify(execFile)("aws", all, { env })).stdout;
  }
  const json = async (...args: string[]) => JSON.parse(await aws(...args));

  it("copies a log in, which is counted, and copies files of many parts both ways", async () => {
    const folder = join(scratch.dir, "files");
    mkdirSync(folder);
    const log = join(folder, "a.log");
    writeFileSync(log, "one\ntwo\n");
    await aws("s3", "cp", log, "s3://raw/logs/a.log");
    const count = await until("the count", () =>
      aws("s3", "cp", "s3://lake/logs/a.log.count", "-").catch(() => undefined),
    );
    expect(count).toBe("2");

    const large = join(scratch.dir, "large");
    writeFileSync(large, Buffer.alloc(20 * 1024 * 1024, "0123456789"));
    await aws("s3", "cp", large, "s3://lake/large");
    await aws("s3", "mv", "s3://lake/large", "s3://lake/moved");
    await aws("s3", "cp", "s3://lake/moved", `${large}.back`);
    expect(readFileSync(`${large}.back`).equals(readFileSync(large))).toBe(true);
    expect(await aws("s3", "ls", "s3://lake/")).toMatch(/20971520 moved/);
    await aws("s3", "sync", folder, "s3://lake/sync/");
    await aws("s3", "rm", "--recursive", "s3://lake/sync/");
    expect((await json("s3api", "list-objects-v2", "--bucket", "lake", "--prefix", "sync/")).Contents).toBeUndefined();
  });

  it("starts, describes and lists executions", async () => {
    const machine = arn("states", "stateMachine:Count");
    const started = await json("stepfunctions", "start-execution", "--state-machine-arn", machine, "--input", "[]");
    const ended = await until("the execution to end", async () => {
      const found = await json("stepfunctions", "describe-execution", "--execution-arn", started.executionArn);
      return found.status !== "RUNNING" && found;
    });
    expect(ended.status).toBe("SUCCEEDED");
    const history = await json("stepfunctions", "get-execution-history", "--execution-arn", started.executionArn);
    expect(history.events[0].type).toBe("ExecutionStarted");
  });

  it.each([
    [["sts", "get-caller-identity"], (answer: { Account: string }) => answer.Account, ACCOUNT],
    [["sqs", "list-queues"], (answer: { QueueUrls: string[] }) => answer.QueueUrls.length, 2],
    [["sns", "list-topics"], (answer: { Topics: object[] }) => answer.Topics, [{ TopicArn: arn("sns", "Reports") }]],
    [["dynamodb", "list-tables"], (answer: { TableNames: string[] }) => answer.TableNames, ["Ledger"]],
    [["cloudwatch", "describe-alarms"], (answer: { MetricAlarms: object[] }) => answer.MetricAlarms, []],
    [["lambda", "list-functions"], (answer: { Functions: object[] }) => answer.Functions.length, 2],
    [["scheduler", "list-schedules"], (answer: { Schedules: object[] }) => answer.Schedules, []],
    [["events", "list-rules"], (answer: { Rules: object[] }) => answer.Rules, []],
    [["glue", "get-databases"], (answer: { DatabaseList: object[] }) => answer.DatabaseList, []],
    [
      ["athena", "list-work-groups"],
      (answer: { WorkGroups: { Name: string }[] }) => answer.WorkGroups[0]!.Name,
      "primary",
    ],
    [["logs", "describe-log-groups"], (answer: { logGroups: object[] }) => Array.isArray(answer.logGroups), true],
  ])("understands `aws %s`", async (command, look, expected) => {
    expect(look(await json(...command))).toEqual(expected);
  });

  it("is told by name what is wrong", async () => {
    await expect(aws("sqs", "get-queue-url", "--queue-name", "absent")).rejects.toThrow(/NonExistentQueue/);
    await expect(aws("sns", "publish", "--topic-arn", arn("sns", "absent"), "--message", "x")).rejects.toThrow(
      /NotFound/,
    );
    await expect(aws("lambda", "get-function", "--function-name", "absent")).rejects.toThrow(
      /ResourceNotFoundException/,
    );
    await expect(aws("s3", "ls", "s3://absent")).rejects.toThrow(/NoSuchBucket/);
  });
});
