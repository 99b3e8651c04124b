/** Counts the lines of the objects in one queue message, and notes them in a table and in an object. */
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

const s3 = new S3Client();
const dynamodb = new DynamoDBClient();

interface Notification {
  Records?: { s3: { bucket: { name: string }; object: { key: string } } }[];
}

export async function handler({ body }: { body: string }): Promise<{ lines: number }> {
  let lines = 0;
  for (const record of (JSON.parse(body) as Notification).Records ?? []) {
    const Bucket = record.s3.bucket.name;
    const Key = decodeURIComponent(record.s3.object.key.replaceAll("+", " "));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const count = (await Body!.transformToString()).split("\n").length - 1;
    await s3.send(new PutObjectCommand({ Bucket: process.env.LAKE_BUCKET, Key: `${Key}.count`, Body: String(count) }));
    const Item = { pk: { S: Key }, lines: { N: String(count) } };
    await dynamodb.send(new PutItemCommand({ TableName: process.env.LEDGER_TABLE, Item }));
    lines += count;
  }
  console.log(`counted ${lines} lines`);
  return { lines };
}
