import { randomBytes } from "node:crypto";
import { CreateBucketCommand, ListMultipartUploadsCommand, type S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aLake, type Lake } from "../end-to-end/a-lake.ts";

const PART_BYTES = 5 << 20;
const content = randomBytes(2 * PART_BYTES + 1234);

let lake: Lake;
let s3: S3Client;
let copyInParts: typeof import("../../aws/copy-in-parts.ts").copyInParts;
let source: { copySource: string; sizeBytes: number; etag: string };

beforeAll(async () => {
  lake = await aLake();
  // Clients take the endpoint from the environment when they are made, as in a function.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: lake.cloud.endpoint,
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  });
  ({ copyInParts } = await import("../../aws/copy-in-parts.ts"));
  ({ s3 } = await import("../../aws/clients.ts"));
  await s3.send(new CreateBucketCommand({ Bucket: "copies" }));
  await lake.put("other/a large one.bin", content);
  const { etag } = lake.cloud.objects.get(lake.raw, "other/a large one.bin");
  source = { copySource: `${lake.raw}/other/a%20large%20one.bin`, sizeBytes: content.length, etag };
});
afterAll(() => lake.stop());

describe("copyInParts", () => {
  it("makes one object of the parts, in their order", async () => {
    await copyInParts(source, { bucket: "copies", key: "copy.bin" }, PART_BYTES);
    const { size, partSizes } = lake.cloud.objects.get("copies", "copy.bin");
    expect(size).toBe(content.length);
    expect(partSizes).toEqual([PART_BYTES, PART_BYTES, 1234]);
    const { file } = await lake.cloud.objects.open("copies", "copy.bin");
    expect((await file.readFile()).equals(content)).toBe(true);
    await file.close();
  });

  it("copies no other version, and leaves nothing behind", async () => {
    const other = { ...source, etag: "0".repeat(32) };
    await expect(copyInParts(other, { bucket: "copies", key: "none.bin" }, PART_BYTES)).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
    expect(lake.cloud.objects.find("copies", "none.bin")).toBeUndefined();
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: "copies" }));
    expect(Uploads).toEqual([]);
  });
});
