import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { has } from "../../tiers/inputs.ts";
import { ACCOUNT, aCloud, arn, scratchFolder, type TestCloud, until } from "./a-cloud.ts";
import { aws, awsJson } from "./aws-cli.ts";

describe.skipIf(!has("AWS CLI"))("the AWS CLI", () => {
  const scratch = scratchFolder();
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await aCloud({ dir: join(scratch.dir, "cloud") });
  });
  afterAll(async () => {
    await cloud.stop();
    scratch.remove();
  });

  it("starts, describes and lists executions", async () => {
    const machine = arn("states", "stateMachine:Count");
    const started = await awsJson(
      cloud,
      "stepfunctions",
      "start-execution",
      "--state-machine-arn",
      machine,
      "--input",
      "[]",
    );
    const ended = await until("the execution to end", async () => {
      const found = await awsJson(
        cloud,
        "stepfunctions",
        "describe-execution",
        "--execution-arn",
        started.executionArn,
      );
      return found.status !== "RUNNING" && found;
    });
    expect(ended.status).toBe("SUCCEEDED");
    const history = await awsJson(
      cloud,
      "stepfunctions",
      "get-execution-history",
      "--execution-arn",
      started.executionArn,
    );
    expect(history.events[0].type).toBe("ExecutionStarted");
  });

  // A process each, most of whose time is its start.
  it.concurrent.each([
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
    expect(look(await awsJson(cloud, ...command))).toEqual(expected);
  });

  it("is told by name what is wrong", async () => {
    await expect(aws(cloud, "sqs", "get-queue-url", "--queue-name", "absent")).rejects.toThrow(/NonExistentQueue/);
    await expect(aws(cloud, "sns", "publish", "--topic-arn", arn("sns", "absent"), "--message", "x")).rejects.toThrow(
      /NotFound/,
    );
    await expect(aws(cloud, "lambda", "get-function", "--function-name", "absent")).rejects.toThrow(
      /ResourceNotFoundException/,
    );
  });
});
