/** Objects in S3, in our own words. No function holds more of an object than its name says. */
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { refusalOf } from "../lake/batch/failure.ts";
import { ObjectUnreadable, ObjectVanished, ServiceUnavailable } from "../lake/errors.ts";
import { type ObjectRef, s3Uri } from "../lake/object-ref.ts";
import type { RangeReader } from "../lake/unpack/parquet/object.ts";
import { s3 } from "./clients.ts";
import { copyInParts } from "./copy-in-parts.ts";

/** Size of a part, for uploads of unknown length. Each concurrent part is held in memory. */
const PART_BYTES = 8 << 20;
const CONCURRENT_PARTS = 2;
/** CopyObject takes no larger object. */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

/** One version of an object: what was claimed is what is read. */
interface ObjectVersion extends ObjectRef {
  /** Without its quotes. */
  etag: string;
}

interface ObjectHead {
  etag: string;
  sizeBytes: number;
}

/** @returns Undefined when there is no such object. */
export async function headObject({ bucket, key }: ObjectRef): Promise<ObjectHead | undefined> {
  try {
    const { ETag, ContentLength } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return { etag: unquoted(ETag!), sizeBytes: ContentLength! };
  } catch (error) {
    const refusal = refusalOf(error, { bucket, key });
    if (refusal instanceof ObjectVanished) return undefined;
    // Whoever may not read an object may still list it: reading it later says what is wrong, for this object alone.
    if (refusal instanceof ObjectUnreadable) return listedHead({ bucket, key });
    throw error;
  }
}

/** The same from the bucket's listing, which does not ask whether we may read the object. */
async function listedHead({ bucket, key }: ObjectRef): Promise<ObjectHead | undefined> {
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }));
  // Of all keys that begin with a key, the key itself comes first.
  const found = Contents?.[0];
  return found?.Key === key ? { etag: unquoted(found.ETag!), sizeBytes: found.Size! } : undefined;
}

/**
 * The first `byteCount` bytes, or all of a smaller object.
 *
 * @throws {ObjectVanished} When this version is gone.
 * @throws {ObjectUnreadable} When S3 refuses it.
 */
export async function readHead(object: ObjectVersion, byteCount: number): Promise<Uint8Array> {
  const { Body } = await getVersion(object, { Range: `bytes=0-${byteCount - 1}` });
  return Body!.transformToByteArray();
}

/**
 * The bytes of one version as they come; whoever takes them sets the pace.
 *
 * @throws {ObjectVanished} When this version is gone.
 * @throws {ObjectUnreadable} When S3 refuses it.
 */
export async function streamVersion(object: ObjectVersion): Promise<AsyncIterable<Uint8Array>> {
  const { Body, ContentLength } = await getVersion(object);
  return whole(Body as Readable, ContentLength!, object);
}

/**
 * Reads parts of one version.
 *
 * @throws {ObjectVanished} From `read`, when this version is not there any more.
 */
export function rangesOf(object: ObjectVersion & { sizeBytes: number }): RangeReader {
  return {
    byteLength: object.sizeBytes,
    async read(startByte, endByte) {
      const { Body } = await getVersion(object, { Range: `bytes=${startByte}-${endByte - 1}` });
      return Body!.transformToByteArray();
    },
  };
}

/**
 * Passes all bytes of an object on.
 *
 * @throws {ServiceUnavailable} When the connection ended early. The object itself is not truncated.
 */
async function* whole(bytes: AsyncIterable<Uint8Array>, byteLength: number, object: ObjectRef) {
  let seenBytes = 0;
  for await (const block of bytes) {
    seenBytes += block.length;
    yield block;
  }
  if (seenBytes !== byteLength)
    throw new ServiceUnavailable(`${s3Uri(object)} ended after ${seenBytes} of its ${byteLength} bytes on the way`);
}

/** The bytes of an object of our own as they come. */
export async function streamObject(object: ObjectRef): Promise<AsyncIterable<Uint8Array>> {
  return (await get(object)).Body as Readable;
}

export async function readBytes(object: ObjectRef): Promise<Uint8Array> {
  return (await get(object)).Body!.transformToByteArray();
}

export async function readText(object: ObjectRef): Promise<string> {
  return (await get(object)).Body!.transformToString();
}

/** The text of an object of our own; undefined when it is not there. */
export async function findText(object: ObjectRef): Promise<string | undefined> {
  try {
    return await readText(object);
  } catch (error) {
    if (refusalOf(error, object) instanceof ObjectVanished) return undefined;
    throw error;
  }
}

/** Reads JSON that one of our own tasks wrote; its shape is that task's promise. */
export async function readJson<Value>(object: ObjectRef): Promise<Value> {
  return JSON.parse(await readText(object)) as Value;
}

/** Puts an object whole: it is there with all its bytes or not at all. */
export async function writeObject(
  { bucket, key }: ObjectRef,
  body: Uint8Array | string,
  { contentType }: { contentType?: string } = {},
): Promise<void> {
  await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...(contentType && { ContentType: contentType }) }),
  );
}

export async function writeJson(object: ObjectRef, value: unknown): Promise<void> {
  await writeObject(object, JSON.stringify(value), { contentType: "application/json" });
}

/** Writes an object from bytes as they come, in parts when they are many. A failure leaves nothing behind. */
export async function writeStream({ bucket, key }: ObjectRef, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const upload = new Upload({
    client: s3,
    params: { Bucket: bucket, Key: key, Body: Readable.from(bytes, { objectMode: true, highWaterMark: 1 }) },
    partSize: PART_BYTES,
    queueSize: CONCURRENT_PARTS,
  });
  await upload.done();
}

/**
 * Copies an object within S3.
 *
 * @param source - With an etag, only that version is copied. With its size, it may have more than 5 GiB.
 * @throws {ObjectVanished} When that version is gone.
 * @throws {ObjectUnreadable} When S3 refuses to copy that version.
 */
export async function copyObject(
  source: ObjectRef & { etag?: string; sizeBytes?: number },
  target: ObjectRef,
): Promise<void> {
  const { etag, sizeBytes = 0 } = source;
  const copySource = `${source.bucket}/${source.key.split("/").map(encodeURIComponent).join("/")}`;
  try {
    if (sizeBytes > MAX_COPY_BYTES) return await copyInParts({ copySource, sizeBytes, etag }, target);
    await s3.send(
      new CopyObjectCommand({
        Bucket: target.bucket,
        Key: target.key,
        CopySource: copySource,
        ...(etag && { CopySourceIfMatch: `"${etag}"` }),
        // Tags stay behind: copying them asks for rights on tags, at either end, that nothing else here needs.
        TaggingDirective: "REPLACE",
      }),
    );
  } catch (error) {
    throw etag === undefined ? error : refusalOf(error, source);
  }
}

/** Deletes objects, whether they are there or not. */
export async function deleteObject({ bucket, key }: ObjectRef): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
}

export async function* listKeys(bucket: string, prefix: string): AsyncGenerator<string> {
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...(token && { ContinuationToken: token }) }),
    );
    for (const { Key } of page.Contents ?? []) yield Key!;
    token = page.NextContinuationToken;
  } while (token);
}

async function getVersion(object: ObjectVersion, options: Partial<GetObjectCommandInput> = {}) {
  try {
    return await get(object, { IfMatch: `"${object.etag}"`, ...options });
  } catch (error) {
    throw refusalOf(error, object);
  }
}

function get({ bucket, key }: ObjectRef, options: Partial<GetObjectCommandInput> = {}) {
  return s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...options }));
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', "");
}
