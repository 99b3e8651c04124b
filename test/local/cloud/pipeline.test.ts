import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCloud, arn, scratchFolder, type TestCloud, until } from "./a-cloud.ts";

const scratch = scratchFolder();
let cloud: TestCloud;
beforeAll(async () => {
  cloud = await aCloud({ dir: scratch.dir });
});
afterAll(async () => {
  await cloud.stop();
  scratch.remove();
});

describe("an object that lands in a bucket", () => {
  it("starts the state machine behind notification, queue and pipe, whose function reads and writes over the wire", async () => {
    const s3 = new S3Client(cloud.client);
    const sfn = new SFNClient(cloud.client);
    const stateMachineArn = arn("states", "stateMachine:Count");
    await s3.send(new PutObjectCommand({ Bucket: "raw", Key: "logs/a b+ü.txt", Body: "one\ntwo\nthree\n" }));

    const ended = await until("an execution that counted three lines", async () => {
      const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: "SUCCEEDED" }));
      for (const { executionArn } of executions ?? []) {
        const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (execution.output === '{"lines":3}') return execution;
      }
      return undefined;
    });

    expect(JSON.parse(ended.input!).at(-1)).toMatchObject({
      eventSource: "aws:sqs",
      eventSourceARN: arn("sqs", "Intake"),
      awsRegion: "eu-central-1",
    });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "lake", Key: "logs/a b+ü.txt.count" }));
    expect(await Body!.transformToString()).toBe("3");
    const dynamodb = new DynamoDBClient(cloud.client);
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName: "Ledger", Key: { pk: { S: "logs/a b+ü.txt" } } }),
    );
    expect(Item).toEqual({ pk: { S: "logs/a b+ü.txt" }, lines: { N: "3" } });
    expect(cloud.log).toEqual([]);
  });
});
