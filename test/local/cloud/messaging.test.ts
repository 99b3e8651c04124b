import { readFileSync } from "node:fs";
import { DynamoDBClient, PutItemCommand, QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCloud, arn, quietManifest, scratchFolder, type TestCloud } from "./a-cloud.ts";

const scratch = scratchFolder();
let cloud: TestCloud;
beforeAll(async () => {
  cloud = await aCloud({ dir: scratch.dir, manifest: quietManifest() });
});
afterAll(async () => {
  await cloud.stop();
  scratch.remove();
});

describe("queues", () => {
  const client = () => new sqs.SQSClient(cloud.client);
  const url = async (QueueName: string) => (await client().send(new sqs.GetQueueUrlCommand({ QueueName }))).QueueUrl!;

  it("hand a message to one receiver at a time, with what came along, until it is deleted", async () => {
    const { QueueUrl } = await client().send(new sqs.CreateQueueCommand({ QueueName: "Work" }));
    await client().send(
      new sqs.SendMessageCommand({
        QueueUrl,
        MessageBody: "grüße <&>",
        MessageAttributes: {
          kind: { DataType: "String", StringValue: "log" },
          raw: { DataType: "Binary", BinaryValue: Buffer.from([0, 255]) },
        },
      }),
    );
    const receive = () =>
      client().send(
        new sqs.ReceiveMessageCommand({
          QueueUrl,
          MessageAttributeNames: ["All"],
          MessageSystemAttributeNames: ["All"],
        }),
      );
    const { Messages } = await receive();
    expect(Messages).toHaveLength(1);
    expect(Messages![0]).toMatchObject({
      Body: "grüße <&>",
      MessageAttributes: { kind: { StringValue: "log" }, raw: { BinaryValue: new Uint8Array([0, 255]) } },
      Attributes: { ApproximateReceiveCount: "1" },
    });
    expect((await receive()).Messages).toBeUndefined();
    await client().send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages![0]!.ReceiptHandle }));
    const { Attributes } = await client().send(
      new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
    );
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: "0", ApproximateNumberOfMessagesNotVisible: "0" });
  });

  it("wait for a message as long as asked, and no longer", async () => {
    const { QueueUrl } = await client().send(new sqs.CreateQueueCommand({ QueueName: "Slow" }));
    const waiting = client().send(new sqs.ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
    setTimeout(() => void client().send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: "late" })), 300);
    const startedMs = Date.now();
    expect((await waiting).Messages![0]!.Body).toBe("late");
    expect(Date.now() - startedMs).toBeLessThan(5000);
    const none = await client().send(new sqs.ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    expect(none.Messages).toBeUndefined();
  });

  it("set a message aside that failed too often, and bring it back on request", async () => {
    const [QueueUrl, dlq] = [await url("Intake"), await url("IntakeDlq")];
    await client().send(new sqs.PurgeQueueCommand({ QueueUrl }));
    await client().send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: "poison" }));
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await client().send(new sqs.ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
    }
    const dead = await client().send(
      new sqs.ReceiveMessageCommand({ QueueUrl: dlq, VisibilityTimeout: 0, MessageSystemAttributeNames: ["All"] }),
    );
    expect(dead.Messages).toMatchObject([
      { Body: "poison", Attributes: { DeadLetterQueueSourceArn: arn("sqs", "Intake") } },
    ]);
    await client().send(new sqs.StartMessageMoveTaskCommand({ SourceArn: arn("sqs", "IntakeDlq") }));
    const back = await client().send(new sqs.ReceiveMessageCommand({ QueueUrl }));
    expect(back.Messages).toMatchObject([{ Body: "poison" }]);
  });

  it("refuse by AWS's names", async () => {
    await expect(url("Absent")).rejects.toMatchObject({ name: "QueueDoesNotExist" });
    const QueueUrl = await url("Intake");
    const entries = Array.from({ length: 11 }, (_, n) => ({ Id: String(n), MessageBody: "x" }));
    await expect(client().send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries: entries }))).rejects.toMatchObject({
      name: "TooManyEntriesInBatchRequest",
    });
    await expect(
      client().send(new sqs.ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: "none", VisibilityTimeout: 1 })),
    ).rejects.toMatchObject({ name: "ReceiptHandleIsInvalid" });
  });
});

describe("topics", () => {
  const sns = () => new SNSClient(cloud.client);
  const TopicArn = arn("sns", "Reports");
  const report = (StringValue: string) => ({ report: { DataType: "String", StringValue } });

  it("send e-mail to those whose filter matches, and keep it where a person can open it", async () => {
    await sns().send(
      new PublishCommand({
        TopicArn,
        Subject: "ALB 2026-01-17",
        Message: "all well",
        MessageAttributes: report("alb-daily"),
      }),
    );
    await sns().send(
      new PublishCommand({
        TopicArn,
        Subject: "other",
        Message: "not yours",
        MessageAttributes: report("cloudfront-daily"),
      }),
    );
    const mail = cloud.mail();
    expect(mail).toMatchObject([{ to: "reader@example.com", subject: "ALB 2026-01-17" }]);
    const file = readFileSync(mail[0]!.path, "utf8");
    expect(file).toContain("To: reader@example.com\r\nSubject: ALB 2026-01-17\r\n");
    expect(file).toContain("\r\n\r\nall well\r\n");
  });

  it.each([
    [
      "a subject that is not ASCII",
      { Subject: "Grüße", Message: "x" },
      "InvalidParameterException",
      "Invalid parameter: Subject",
    ],
    [
      "a subject of 100 characters",
      { Subject: "s".repeat(100), Message: "x" },
      "InvalidParameterException",
      "Invalid parameter: Subject",
    ],
    [
      "a subject with a line break",
      { Subject: "a\nb", Message: "x" },
      "InvalidParameterException",
      "Invalid parameter: Subject",
    ],
    ["an empty message", { Message: "" }, "InvalidParameterException", "Invalid parameter: Empty message"],
    [
      "a message over 256 KiB",
      { Message: "m".repeat(256 * 1024 + 1) },
      "InvalidParameterException",
      "Invalid parameter: Message too long",
    ],
  ])("refuse %s", async (_, input, name, message) => {
    await expect(sns().send(new PublishCommand({ TopicArn, ...input }))).rejects.toMatchObject({ name, message });
  });

  it("that are not there refuse as NotFound", async () => {
    const publishing = sns().send(new PublishCommand({ TopicArn: arn("sns", "Absent"), Message: "x" }));
    await expect(publishing).rejects.toMatchObject({ name: "NotFoundException" });
  });
});

describe("tables", () => {
  it("store, query and change items on conditions", async () => {
    const dynamodb = new DynamoDBClient(cloud.client);
    const TableName = "Ledger";
    const Item = { pk: { S: "object#a" }, bytes: { B: new Uint8Array([1, 2, 3]) }, parts: { L: [{ N: "1.5" }] } };
    const once = { TableName, Item, ConditionExpression: "attribute_not_exists(pk)" };
    await dynamodb.send(new PutItemCommand(once));
    await expect(dynamodb.send(new PutItemCommand(once))).rejects.toMatchObject({
      name: "ConditionalCheckFailedException",
    });
    await dynamodb.send(
      new UpdateItemCommand({
        TableName,
        Key: { pk: { S: "object#a" } },
        UpdateExpression: "SET #n = if_not_exists(#n, :zero) + :one",
        ExpressionAttributeNames: { "#n": "seen" },
        ExpressionAttributeValues: { ":zero": { N: "0" }, ":one": { N: "1" } },
      }),
    );
    const { Items } = await dynamodb.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: "object#a" } },
      }),
    );
    expect(Items).toEqual([{ ...Item, seen: { N: "1" } }]);
  });

  it("that are not there refuse by name", async () => {
    const dynamodb = new DynamoDBClient(cloud.client);
    const putting = dynamodb.send(new PutItemCommand({ TableName: "Absent", Item: { pk: { S: "x" } } }));
    await expect(putting).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});

it("says who calls", async () => {
  const { Account } = await new STSClient(cloud.client).send(new GetCallerIdentityCommand({}));
  expect(Account).toBe("111122223333");
});
