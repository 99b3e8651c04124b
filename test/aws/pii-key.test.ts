import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { KeyedHash } from "../../lake/pii/keyed-hash.ts";
import { aCloud, quietManifest, scratchFolder, type TestCloud } from "../local/cloud/a-cloud.ts";

const scratch = scratchFolder();
let cloud: TestCloud;
let client: SecretsManagerClient;
let secretArn: string;
beforeAll(async () => {
  cloud = await aCloud({ dir: scratch.dir, manifest: quietManifest() });
  client = new SecretsManagerClient(cloud.client);
  vi.stubEnv("AWS_ENDPOINT_URL", cloud.endpoint);
  vi.stubEnv("AWS_REGION", cloud.client.region);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  secretArn = (await client.send(new CreateSecretCommand({ Name: "pii" }))).ARN!;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  client.destroy();
  await cloud.stop();
  scratch.remove();
});
beforeEach(() => {
  // As a container that starts anew.
  vi.resetModules();
  vi.stubEnv("PII_SECRET_ARN", secretArn);
});

const key = async () => (await import("../../aws/pii-key.ts")).piiKey();
const put = (SecretString: string) => client.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString }));

describe("piiKey", () => {
  const unusable = (message: RegExp) =>
    expect(key()).rejects.toThrow(
      expect.objectContaining({ name: "PiiKeyUnusable", message: expect.stringMatching(message) }),
    );

  it("is refused by name where there is no secret, no value, or one that could be guessed", async () => {
    await unusable(/pii-\w+ has no value/);
    await put("x".repeat(31));
    await unusable(/31 bytes, expected at least 32/);
    vi.stubEnv("PII_SECRET_ARN", "");
    await unusable(/deployed before a source hashed/);
    vi.stubEnv("PII_SECRET_ARN", `${secretArn}x`);
    await unusable(/has no value/);
  });

  it("is that of the secret, and is kept for a while", async () => {
    await put("a".repeat(32));
    const { piiKey } = await import("../../aws/pii-key.ts");
    const first = await piiKey();
    expect(first.hash("x", "2026-01-17")).toBe(new KeyedHash(Buffer.from("a".repeat(32))).hash("x", "2026-01-17"));
    await put("b".repeat(32));
    expect(await piiKey()).toBe(first);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 6 * 60_000 });
    try {
      const next = await piiKey();
      expect(next.hash("x", "2026-01-17")).toBe(new KeyedHash(Buffer.from("b".repeat(32))).hash("x", "2026-01-17"));
    } finally {
      vi.useRealTimers();
    }
  });
});
