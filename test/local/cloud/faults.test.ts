import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { ACCOUNT, aCloud, quietManifest, until } from "./a-cloud.ts";
import { counted, folderOf } from "./killable-cloud.ts";

describe("a fault plan", () => {
  it("duplicates and reorders deliveries, which changes no result", async (test) => {
    const dir = folderOf(test);
    const rules = [
      { fault: "duplicate" as const, at: "sqs:*" },
      { fault: "reorder" as const, at: "sqs:*" },
      { fault: "throttle" as const, at: "lambda:*", limit: 2 },
    ];
    const cloud = await aCloud({ dir, faults: { seed: 7, rules } });
    test.onTestFinished(() => cloud.stop());
    const s3 = new S3Client(cloud.client);
    await Promise.all(
      [1, 2, 3].map((n) =>
        s3.send(new PutObjectCommand({ Bucket: "raw", Key: `logs/${n}`, Body: "line\n".repeat(n) })),
      ),
    );
    const result = await until("three counts", async () => {
      const found = await counted(s3);
      return Object.keys(found).length === 3 && found;
    });
    expect(result).toEqual({ "logs/1.count": "1", "logs/2.count": "2", "logs/3.count": "3" });
  });

  it("throttles by AWS's name", async (test) => {
    const faults = { seed: 1, rules: [{ fault: "throttle" as const, at: "sqs:SendMessage", limit: 1 }] };
    const cloud = await aCloud({ dir: folderOf(test), manifest: quietManifest(), faults });
    test.onTestFinished(() => cloud.stop());
    const client = new SQSClient({ ...cloud.client, maxAttempts: 1 });
    const send = () =>
      client.send(new SendMessageCommand({ QueueUrl: `${cloud.endpoint}/${ACCOUNT}/Intake`, MessageBody: "x" }));
    await expect(send()).rejects.toMatchObject({ name: "ThrottlingException" });
    await expect(send()).resolves.toMatchObject({ MessageId: expect.any(String) });
  });
});
