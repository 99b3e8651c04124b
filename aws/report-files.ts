/** The files that reports read and write: small, whole. */
import { CopyObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { ObjectRef } from "../lake/object-ref.ts";

const s3 = new S3Client({});

/** The whole object as UTF-8. */
export async function readReportText({ bucket, key }: ObjectRef): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Body!.transformToString("utf-8");
}

export async function writeReportFile(
  { bucket, key }: ObjectRef,
  bytes: Uint8Array,
  contentType: string,
): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentType: contentType }));
}

/** Keeps the content type. */
export async function copyReportFile(from: ObjectRef, to: ObjectRef): Promise<void> {
  const source = `${from.bucket}/${from.key.split("/").map(encodeURIComponent).join("/")}`;
  await s3.send(new CopyObjectCommand({ Bucket: to.bucket, Key: to.key, CopySource: source }));
}
