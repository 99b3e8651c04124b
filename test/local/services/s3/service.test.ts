import { randomBytes } from "node:crypto";
import { request } from "node:http";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCloud, quietManifest, scratchFolder, type TestCloud } from "../../cloud/a-cloud.ts";

const Bucket = "lake";
const scratch = scratchFolder();
let cloud: TestCloud;
let s3: S3Client;
beforeAll(async () => {
  cloud = await aCloud({ dir: scratch.dir, manifest: quietManifest() });
  s3 = new S3Client(cloud.client);
});
afterAll(async () => {
  await cloud.stop();
  scratch.remove();
});

const put = (Key: string, Body: string | Uint8Array = "x", more: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const text = async (Key: string, more: object = {}) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body!.transformToString();

describe("objects", () => {
  it("come back with their bytes, their headers and the MD5 as their ETag", async () => {
    await put("kept/a.txt", "hello", {
      ContentType: "text/plain",
      ContentEncoding: "gzip",
      CacheControl: "no-store",
      Metadata: { origin: "test" },
    });
    const found = await s3.send(new GetObjectCommand({ Bucket, Key: "kept/a.txt" }));
    expect(found).toMatchObject({
      ContentLength: 5,
      ContentType: "text/plain",
      ContentEncoding: "gzip",
      CacheControl: "no-store",
      Metadata: { origin: "test" },
      ETag: '"5d41402abc4b2a76b9719d911017c592"',
    });
    expect(await found.Body!.transformToString()).toBe("hello");
  });

  it.each([
    "plain",
    "with space+plus",
    "a/../b",
    "a//b/./c/",
    "../../../etc/passwd",
    "ünï/ç∅dé/😀",
    "100%/%2F?&#=;,'\"<>\\|*",
    "tab\tand\nnewline",
    "k".repeat(1024),
    `deep/${"d/".repeat(100)}end`,
  ])("take any key: %j", async (key) => {
    await put(key, key);
    expect(await text(key)).toBe(key);
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: key }));
    expect(Contents!.map(({ Key }) => Key)).toContain(key);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: key }));
    await expect(text(key)).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  it("give ranges, and refuse one that begins behind the end", async () => {
    await put("range", "0123456789");
    expect(await text("range", { Range: "bytes=2-4" })).toBe("234");
    expect(await text("range", { Range: "bytes=-3" })).toBe("789");
    expect(await text("range", { Range: "bytes=7-100" })).toBe("789");
    const { ContentRange } = await s3.send(new GetObjectCommand({ Bucket, Key: "range", Range: "bytes=0-0" }));
    expect(ContentRange).toBe("bytes 0-0/10");
    await expect(text("range", { Range: "bytes=10-" })).rejects.toMatchObject({ name: "InvalidRange" });
  });

  it("are read and written on conditions", async () => {
    const { ETag } = await put("conditional", "one");
    await expect(put("conditional", "two", { IfNoneMatch: "*" })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(put("conditional", "two", { IfMatch: '"0"' })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(text("conditional", { IfMatch: '"0"' })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(text("conditional", { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await put("conditional", "two", { IfMatch: ETag });
    expect(await text("conditional")).toBe("two");
  });

  it("let one of many win that all want to be first", async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => put("first", `writer ${n}`, { IfNoneMatch: "*" })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
    "are checked by %s on the way in and out",
    async (algorithm) => {
      const sent = await put(`sum-${algorithm}`, "checked", { ChecksumAlgorithm: algorithm });
      const found = await s3.send(new GetObjectCommand({ Bucket, Key: `sum-${algorithm}`, ChecksumMode: "ENABLED" }));
      expect(found[`Checksum${algorithm}`]).toBe(sent[`Checksum${algorithm}`]);
      expect(found[`Checksum${algorithm}`]).toBeTruthy();
      expect(await found.Body!.transformToString()).toBe("checked");
    },
  );

  it("are refused when their checksum or MD5 says something else", async () => {
    await expect(put("bad", "bytes", { ChecksumCRC32: "AAAAAA==" })).rejects.toMatchObject({ name: "BadDigest" });
    await expect(put("bad", "bytes", { ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" })).rejects.toMatchObject({
      name: "BadDigest",
    });
    await expect(text("bad")).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  it("are copied with their headers, or with others", async () => {
    await put("source ü", "copied", { ContentType: "text/css", Tagging: "team=lake" });
    const CopySource = `${Bucket}/${encodeURIComponent("source ü")}`;
    await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource }));
    await s3.send(
      new CopyObjectCommand({
        Bucket,
        Key: "recast",
        CopySource,
        MetadataDirective: "REPLACE",
        ContentType: "text/html",
      }),
    );
    expect(await text("copy")).toBe("copied");
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "copy" }))).toMatchObject({ ContentType: "text/css" });
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "recast" }))).toMatchObject({ ContentType: "text/html" });
    const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "copy" }));
    expect(TagSet).toEqual([{ Key: "team", Value: "lake" }]);
  });
});

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe("listings", () => {
  it("are in UTF-8 order, page by page, with common prefixes rolled up", async () => {
    const keys = ["list/a", "list/b/1", "list/b/2", "list/c", "list/z/é", "list/\u{1F600}", "list/\uFF5E"];
    await Promise.all(keys.map((key) => put(key)));
    const seen: string[] = [];
    const pages = paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket, Prefix: "list/", Delimiter: "/" });
    for await (const { Contents = [], CommonPrefixes = [], KeyCount } of pages) {
      expect(KeyCount).toBeLessThanOrEqual(2);
      seen.push(...[...Contents.map(({ Key }) => Key!), ...CommonPrefixes.map(({ Prefix }) => Prefix!)].sort(byBytes));
    }
    // By code point, where JavaScript would compare code units and put the emoji first.
    expect(seen).toEqual(["list/a", "list/b/", "list/c", "list/z/", "list/\uFF5E", "list/\u{1F600}"]);
  });

  it("list, and delete, more than a page of a thousand", async () => {
    const Objects = Array.from({ length: 1005 }, (_, n) => ({ Key: `many/${String(n).padStart(5, "0")}` }));
    for (const { Key } of Objects) {
      await cloud.objects.put({ bucket: Bucket, key: Key, headers: {} }, (async function* () {})());
    }
    let count = 0;
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: "many/" })) {
      count += Contents.length;
    }
    expect(count).toBe(1005);
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: Objects.slice(0, 1000) } }));
    const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "many/" }));
    expect(KeyCount).toBe(5);
  });

  it("of a bucket that is not there fail by name", async () => {
    const listing = s3.send(new ListObjectsV2Command({ Bucket: "absent" }));
    await expect(listing).rejects.toMatchObject({ name: "NoSuchBucket" });
    await expect(s3.send(new HeadBucketCommand({ Bucket: "absent" }))).rejects.toMatchObject({ name: "NotFound" });
  });
});

describe("multipart uploads", () => {
  it("join parts of any order into one object with the ETag of parts", async () => {
    const body = randomBytes(11 * 1024 * 1024);
    await new Upload({ client: s3, params: { Bucket, Key: "parts", Body: body }, partSize: 5 * 1024 * 1024 }).done();
    const found = await s3.send(new GetObjectCommand({ Bucket, Key: "parts" }));
    expect(found.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
    expect(Buffer.from(await found.Body!.transformToByteArray()).equals(body)).toBe(true);
    const second = await s3.send(new GetObjectCommand({ Bucket, Key: "parts", PartNumber: 2 }));
    expect(second).toMatchObject({ PartsCount: 3, ContentLength: 5 * 1024 * 1024 });
    second.Body!.transformToByteArray();
  });

  it("refuse parts that are missing, too small or out of order", async () => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "refused" }));
    const part = async (PartNumber: number) => ({
      PartNumber,
      ETag: (await s3.send(new UploadPartCommand({ Bucket, Key: "refused", UploadId, PartNumber, Body: "small" })))
        .ETag,
    });
    const [one, two] = [await part(1), await part(2)];
    const complete = (Parts: object[]) =>
      s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "refused", UploadId, MultipartUpload: { Parts } }));
    await expect(complete([one, two])).rejects.toMatchObject({ name: "EntityTooSmall" });
    await expect(complete([two, one])).rejects.toMatchObject({ name: "InvalidPartOrder" });
    await expect(complete([{ ...one, ETag: '"0"' }])).rejects.toMatchObject({ name: "InvalidPart" });
    const { Parts } = await s3.send(new ListPartsCommand({ Bucket, Key: "refused", UploadId }));
    expect(Parts!.map(({ Size }) => Size)).toEqual([5, 5]);
    await complete([one]);
    expect(await text("refused")).toBe("small");
  });
});

describe("links", () => {
  it("open without credentials as long as they say, and can name the file", async () => {
    await put("linked", "for you");
    const command = new GetObjectCommand({
      Bucket,
      Key: "linked",
      ResponseContentDisposition: 'attachment; filename="r.pdf"',
    });
    const answer = await fetch(await getSignedUrl(s3, command, { expiresIn: 60 }));
    expect(await answer.text()).toBe("for you");
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="r.pdf"');

    const signingDate = new Date(Date.now() - 120_000);
    const old = await fetch(await getSignedUrl(s3, command, { expiresIn: 60, signingDate }));
    expect(old.status).toBe(403);
    expect(await old.text()).toContain("Request has expired");
    expect((await fetch(`${cloud.endpoint}/${Bucket}/linked`)).status).toBe(403);
  });
});

it("takes nothing from a page of another site", async () => {
  const answer = await fetch(`${cloud.endpoint}/${Bucket}?delete&X-Amz-Credential=a/b/c/s3/aws4_request`, {
    method: "POST",
    headers: { origin: "https://evil.example", "content-type": "text/plain" },
    body: "<Delete/>",
  });
  expect(answer.status).toBe(403);
});

it("answers nobody who reached the port under another name", async () => {
  const status = await new Promise((resolve, reject) => {
    request(`${cloud.endpoint}/`, { headers: { host: "evil.example" } }, (answer) =>
      resolve(answer.resume().statusCode),
    )
      .on("error", reject)
      .end();
  });
  expect(status).toBe(403);
});

it("takes a large body in and out without holding it", { timeout: 120_000 }, async () => {
  const size = 300 * 1024 * 1024;
  const block = randomBytes(1024 * 1024);
  async function* blocks() {
    for (let at = 0; at < size; at += block.length) yield block;
  }
  const before = process.memoryUsage().arrayBuffers;
  const stored = await cloud.objects.put({ bucket: Bucket, key: "large", headers: {} }, blocks());
  expect(stored.size).toBe(size);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "large" }));
  let read = 0;
  let peak = 0;
  for await (const chunk of Body as AsyncIterable<Uint8Array>) {
    read += chunk.length;
    peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
  }
  expect(read).toBe(size);
  expect(peak).toBeLessThan(size / 2);
});
