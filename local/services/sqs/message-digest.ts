/** The digests by which SQS clients check what they sent and got. */
import { createHash } from "node:crypto";
import type { MessageAttributeValue } from "@aws-sdk/client-sqs";

export const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
export function attributesMd5(attributes: Record<string, MessageAttributeValue>): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash("md5");
  const add = (bytes: Uint8Array | string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(bytes));
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const { DataType, StringValue, BinaryValue } = attributes[name]!;
    add(name);
    add(DataType ?? "");
    const isBinary = DataType?.startsWith("Binary");
    hash.update(Buffer.from([isBinary ? 2 : 1]));
    add((isBinary ? BinaryValue : StringValue) ?? "");
  }
  return hash.digest("hex");
}
