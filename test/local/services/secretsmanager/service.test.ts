import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCloud, arn, quietManifest, resource, scratchFolder, type TestCloud } from "../../cloud/a-cloud.ts";

const SecretId = arn("secretsmanager", "secret:Pii-AbCdEf");
const PLACEHOLDER = "generated-by-secrets-manager";
function deployed() {
  const manifest = quietManifest();
  const resources = [
    resource("aws:secretsmanager/secret:Secret", "Pii", { name: "Pii" }, { name: "Pii", arn: SecretId }),
    resource("aws:secretsmanager/secretVersion:SecretVersion", "PiiValue", {
      secretId: SecretId,
      secretString: PLACEHOLDER,
    }),
  ];
  return { ...manifest, resources: [...manifest.resources, ...resources] };
}

const scratch = scratchFolder();
let cloud: TestCloud;
let client: SecretsManagerClient;
async function start() {
  cloud = await aCloud({ dir: scratch.dir, manifest: deployed() });
  client = new SecretsManagerClient(cloud.client);
}
beforeAll(start);
afterAll(async () => {
  await cloud.stop();
  scratch.remove();
});

const value = async (SecretId: string, VersionStage?: string) =>
  (await client.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;

describe("secrets", () => {
  it("have a value of this cloud's own, which is not in the manifest and outlives a restart", async () => {
    const first = await value(SecretId);
    expect(Buffer.byteLength(first!)).toBeGreaterThanOrEqual(32);
    expect(first).not.toContain(PLACEHOLDER);
    expect(await value("Pii")).toBe(first);
    await cloud.stop();
    await start();
    expect(await value(SecretId)).toBe(first);
  });

  it("take a new value and remember the one before", async () => {
    const former = await value(SecretId);
    const put = await client.send(new PutSecretValueCommand({ SecretId, SecretString: "new value" }));
    expect(put).toMatchObject({ ARN: SecretId, Name: "Pii", VersionStages: ["AWSCURRENT"] });
    expect([await value(SecretId), await value(SecretId, "AWSPREVIOUS")]).toEqual(["new value", former]);
    const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: "Pii" }));
    expect(Object.values(VersionIdsToStages!).flat().sort()).toEqual(["AWSCURRENT", "AWSPREVIOUS"]);
    const one = await client.send(new GetSecretValueCommand({ SecretId, VersionId: put.VersionId }));
    expect(one).toMatchObject({ SecretString: "new value", CreatedDate: expect.any(Date) });
  });

  it("can be made, hold bytes, and are missed by name", async () => {
    const { ARN } = await client.send(new CreateSecretCommand({ Name: "app/own" }));
    await expect(value(ARN!)).rejects.toThrow(ResourceNotFoundException);
    await expect(value(ARN!)).rejects.toThrow("AWSCURRENT");
    const SecretBinary = new Uint8Array([0, 255, 7]);
    const token = "a".repeat(32);
    const put = { SecretId: ARN, SecretBinary, ClientRequestToken: token };
    expect((await client.send(new PutSecretValueCommand(put))).VersionId).toBe(token);
    expect((await client.send(new PutSecretValueCommand(put))).VersionId).toBe(token);
    expect((await client.send(new GetSecretValueCommand({ SecretId: ARN }))).SecretBinary).toEqual(SecretBinary);
    const other = client.send(new PutSecretValueCommand({ ...put, SecretBinary: new Uint8Array([1]) }));
    await expect(other).rejects.toThrow(expect.objectContaining({ name: "ResourceExistsException" }));
    await expect(client.send(new CreateSecretCommand({ Name: "app/own" }))).rejects.toThrow("already exists");
    await expect(value("nobody")).rejects.toThrow(ResourceNotFoundException);
    const { SecretList } = await client.send(new ListSecretsCommand({}));
    expect(SecretList!.map(({ Name }) => Name)).toEqual(["Pii", "app/own"]);
  });
});
