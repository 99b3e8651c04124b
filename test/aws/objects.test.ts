import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

/** What the server, which stands for S3, answers to a key. */
const refusals: Record<string, { status: number; code: string }> = {
  archived: { status: 403, code: "InvalidObjectState" },
  "kms-denied": { status: 403, code: "AccessDenied" },
  "kms-disabled": { status: 400, code: "KMS.DisabledException" },
  "customer-key": { status: 400, code: "InvalidRequest" },
  gone: { status: 404, code: "NoSuchKey" },
};

let server: Server;
let objects: typeof import("../../aws/objects.ts");
const copies: Record<string, unknown>[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url!, "http://s3");
    if (url.searchParams.get("list-type") === "2") {
      const key = url.searchParams.get("prefix");
      response.end(
        `<ListBucketResult><Contents><Key>${key}</Key><Size>7</Size><ETag>"listed"</ETag></Contents></ListBucketResult>`,
      );
      return;
    }
    if (request.headers["x-amz-copy-source"]) copies.push(request.headers);
    const key = String(request.headers["x-amz-copy-source"] ?? url.pathname)
      .split("/")
      .at(-1)!;
    const { status, code } = refusals[key]!;
    response.statusCode = status;
    response.end(
      request.method === "HEAD" ? undefined : `<Error><Code>${code}</Code><Message>${code}, it says</Message></Error>`,
    );
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  // Clients of another test have another endpoint.
  vi.resetModules();
  objects = await import("../../aws/objects.ts");
});
afterAll(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
  server.close();
});

describe("an object that S3 does not hand out", () => {
  const unreadable = Object.keys(refusals).filter((key) => key !== "gone");

  it.each(unreadable)("%s is ObjectUnreadable, read or copied", async (key) => {
    const object = { bucket: "raw", key, etag: "e", sizeBytes: 7 };
    const refusal = { name: "ObjectUnreadable", message: expect.stringContaining(`${refusals[key]!.code}, it says`) };
    await expect(objects.readHead(object, 10)).rejects.toMatchObject(refusal);
    await expect(objects.streamVersion(object)).rejects.toMatchObject(refusal);
    await expect(objects.rangesOf(object).read(0, 3)).rejects.toMatchObject(refusal);
    await expect(objects.copyObject(object, { bucket: "quarantine", key: "copy" })).rejects.toMatchObject(refusal);
  });

  it.each(unreadable)("%s can be claimed all the same: the listing knows its version", async (key) => {
    expect(await objects.headObject({ bucket: "raw", key })).toEqual({ etag: "listed", sizeBytes: 7 });
  });

  it("is told from one that is gone", async () => {
    expect(await objects.headObject({ bucket: "raw", key: "gone" })).toBeUndefined();
    await expect(objects.readHead({ bucket: "raw", key: "gone", etag: "e" }, 1)).rejects.toMatchObject({
      name: "ObjectVanished",
    });
  });
});

it("leaves tags behind in a copy, as they ask for rights of their own", () => {
  expect(copies.length).toBeGreaterThan(0);
  for (const headers of copies) expect(headers["x-amz-tagging-directive"]).toBe("REPLACE");
});
