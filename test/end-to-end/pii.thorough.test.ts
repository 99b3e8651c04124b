/**
 * Personal data in a deployed lake: objects with canaries in every place go through the real handlers, and every file that
 * the cloud keeps is searched: the lake, quarantine, the ledger, logs and the history of executions. Raw objects have all of
 * it, and staging has the raw text for a day.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Manifest, ManifestResource } from "../../local/deploy/manifest.ts";
import { Canaries } from "../lake/pii/canaries.ts";
import { plantedLog } from "../lake/pii/planted-logs.ts";
import { aLake, arrival, type Ended, type Lake } from "./a-lake.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:test-PiiSecret-AbCdEf";

const canaries = new Canaries();
const cloudfront = plantedLog("cloudfront", canaries);
const json = plantedLog("json", canaries);

/** The project with sources of our own; its sources bear the names of two that are deployed. */
function aProject(hasPolicy: boolean): string {
  const project = mkdtempSync(join(tmpdir(), "sluice-project-"));
  for (const folder of ["aws", "functions", "lake", "reports", "queries"])
    cpSync(join(root, folder), join(project, folder), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
  const source = ({ format, formatOptions, policy }: typeof json, prefix: string) =>
    JSON.stringify({ format, ...(formatOptions && { formatOptions }), prefix, ...(hasPolicy && { pii: policy }) });
  writeFileSync(
    join(project, "sluice.config.ts"),
    `import { defineLake } from "./lake/sources/config.ts";
export default defineLake({
  sources: { cloudfront: ${source(cloudfront, "cloudfront/")}, alb: ${source(json, "alb/")} },
  alertRecipients: ["on-call@example.com"],
});
`,
  );
  return project;
}

/** Only what ingest takes, and a secret as `stacks/secrets.ts` makes it. */
function withSecret(manifest: Manifest): Manifest {
  const tasks =
    /-(ClaimBatch|DetectFormat|Decompress|Quarantine|PlanChunks|Parse|CheckQuality|RefuseBatch|WriteParquet|Record|RegisterPartitions|StartCrawler|PollCrawler)$/;
  const resources = manifest.resources
    .filter(({ type }) => !type.startsWith("aws:secretsmanager/"))
    .filter(({ type, attributes }) => type !== "aws:lambda/function:Function" || tasks.test(attributes.name))
    .map((resource): ManifestResource => {
      if (!(resource.type === "aws:lambda/function:Function" && resource.attributes.name.endsWith("-Parse")))
        return resource;
      const variables = { ...resource.inputs.environment.variables, PII_SECRET_ARN: SECRET_ARN };
      return { ...resource, inputs: { ...resource.inputs, environment: { variables } } };
    });
  const made = (type: string, inputs: object, attributes: object): ManifestResource => ({
    ...{ urn: `urn:pulumi:local::sluice::${type}::Pii`, type, name: "Pii", inputs, attributes },
  });
  return {
    ...manifest,
    resources: [
      ...resources,
      made("aws:secretsmanager/secret:Secret", { name: "test-PiiSecret" }, { name: "test-PiiSecret", arn: SECRET_ARN }),
      made("aws:secretsmanager/secretVersion:SecretVersion", { secretId: SECRET_ARN, secretString: "placeholder" }, {}),
    ],
  };
}

const word = (name: string) => canaries.word(name);
/** Enough text that it is not all in the first block of the archive. */
const filler = Array.from({ length: 3000 }, (_, i) => (i * 2654435761).toString(36)).join("\n");
const damaged = (text: string) => {
  const archive = gzipSync(text);
  archive[archive.length - 6]! ^= 0xff;
  return archive;
};

const objects: Readonly<Record<string, Readonly<Record<string, Uint8Array | string>>>> = {
  cloudfront: {
    "cloudfront/good.gz": gzipSync(cloudfront.text),
    "cloudfront/unknown.txt": `${word("unknown format")} is here\n${word("unknown format")}@mail.example`,
    "cloudfront/utf-16.txt": Buffer.from(word("wide text").padEnd(100), "utf16le"),
    "cloudfront/no-header.txt": `2026-01-17\t${word("record without a header")}\n`,
    "cloudfront/another-format.txt": `{"user":"${word("another format")}","x":1}\n`,
    "cloudfront/damaged.gz": damaged(`${cloudfront.text}${filler}\n2026-01-17\tnoon\t${word("damaged archive")}\n`),
    "cloudfront/cut.gz": gzipSync(`${cloudfront.text}2026-01-17\tnoon\t${word("cut archive")}\n${filler}`).subarray(
      0,
      -2000,
    ),
  },
  json: { "alb/good.json": json.text },
};

async function ingestAll(lake: Lake): Promise<Ended[]> {
  const ended: Ended[] = [];
  for (const keys of Object.values(objects)) {
    const events = await Promise.all(Object.entries(keys).map(([key, body]) => arrival(lake, key, body)));
    ended.push(await lake.run("Ingest", events));
  }
  return ended;
}

interface Place {
  name: string;
  bytes: Uint8Array | string;
}

/** What the cloud keeps of it all: its files, and what they hold as a reader would see it. */
async function* places(lake: Lake): AsyncGenerator<Place> {
  for (const entry of readdirSync(lake.dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(lake.dir, path);
    if (entry.isFile()) yield { name, bytes: readFileSync(path) };
  }
  for (const bucket of ["lake", "quarantine"])
    for (const key of (await lake.list(bucket)).filter((key) => key.endsWith(".parquet")))
      yield { name: `rows of ${bucket}/${key}`, bytes: text(await lake.parquet(bucket, key)) };
  // The table's files are compressed.
  yield { name: "ledger", bytes: text(await lake.items("")) };
  const { logGroups } = (await lake.cloud.call("logs", "DescribeLogGroups", {})) as {
    logGroups: { logGroupName: string }[];
  };
  for (const { logGroupName } of logGroups)
    yield {
      name: `logs of ${logGroupName}`,
      bytes: text(await lake.cloud.call("logs", "FilterLogEvents", { logGroupName })),
    };
}

const text = (value: unknown) =>
  JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? String(inner) : inner));
const isRaw = ({ name }: Place) => /^s3\/[^/]*-(raw|staging)-/.test(name);

async function placesWith(lake: Lake, isThere: (bytes: Uint8Array | string) => boolean): Promise<string[]> {
  const found: string[] = [];
  for await (const place of places(lake))
    if (isThere(place.bytes)) found.push(`${isRaw(place) ? "raw: " : ""}${place.name}`);
  return found;
}

const secret = async (lake: Lake): Promise<string> =>
  ((await lake.cloud.call("secretsmanager", "GetSecretValue", { SecretId: SECRET_ARN })) as { SecretString: string })
    .SecretString;
const putSecret = (lake: Lake, SecretString: string) =>
  lake.cloud.call("secretsmanager", "PutSecretValue", { SecretId: SECRET_ARN, SecretString });

describe.each([true, false])("a lake whose sources have a policy for personal data: %s", (hasPolicy) => {
  const project = aProject(hasPolicy);
  let lake: Lake;
  beforeAll(async () => {
    lake = await aLake({ project, change: withSecret });
  }, 120_000);
  afterAll(async () => {
    await lake?.stop();
    rmSync(project, { recursive: true, force: true });
  });

  if (!hasPolicy) {
    it("shows canaries in all kinds of places, so that the search is known to look there", async () => {
      await ingestAll(lake);
      const found = await placesWith(lake, (bytes) => canaries.foundIn(bytes).length > 0);
      for (const place of [
        /^rows of lake\/cloudfront/,
        /^rows of lake\/alb/,
        /^rows of quarantine\//,
        /^s3\/.*quarantine.*unknown\.txt/,
        /^ledger$/,
        /^logs of .*DetectFormat/,
        /^engine\.db/,
        /^cloud\.db/,
        /^raw: .*raw/,
        /^raw: .*staging/,
      ])
        expect(found, String(place)).toContainEqual(expect.stringMatching(place));
    }, 240_000);
    return;
  }

  it("fails by name, and writes nothing, while the secret could be guessed", async () => {
    const generated = await secret(lake);
    await putSecret(lake, "too short");
    const event = await arrival(lake, "alb/early.json", json.text);
    const { status, error, cause } = await lake.run("Ingest", [event]);
    expect({ status, error }).toEqual({ status: "FAILED", error: "PiiKeyUnusable" });
    expect(cause).toContain("9 bytes, expected at least 32");
    expect(await lake.list("lake")).toEqual([]);
    await putSecret(lake, generated);
  }, 120_000);

  it("has none of the canaries in anything that it keeps beside raw objects and their copy in staging", async () => {
    const ended = await ingestAll(lake);
    expect(ended.map(({ status, output }) => [status, output?.status])).toEqual(
      ended.map(() => ["SUCCEEDED", "RECORDED"]),
    );
    const found: string[] = [];
    for await (const place of places(lake))
      if (!isRaw(place)) for (const canary of canaries.foundIn(place.bytes)) found.push(`${place.name}: ${canary}`);
    expect(found).toEqual([]);
    expect(await lake.rows("cloudfront")).not.toHaveLength(0);
    expect(await lake.rows("alb")).not.toHaveLength(0);
  }, 240_000);

  it("says why an object was quarantined and where it is, and keeps no copy", async () => {
    const quarantined = await lake.list("quarantine", "cloudfront/");
    expect(quarantined.filter((key) => !/\/reason\.json$|\/lines\/.*\.parquet$/.test(key))).toEqual([]);
    const reasons = await Promise.all(
      quarantined
        .filter((key) => key.endsWith("reason.json"))
        .map(async (key) => JSON.parse(Buffer.from(await lake.read("quarantine", key)).toString())),
    );
    const facts = reasons.map(({ object, reason }) => `${reason} ${object.bucket} ${object.key}`);
    expect(facts).toEqual(
      expect.arrayContaining([
        `UnknownFormat ${lake.raw} cloudfront/unknown.txt`,
        `UnknownFormat ${lake.raw} cloudfront/utf-16.txt`,
        `UnknownFormat ${lake.raw} cloudfront/another-format.txt`,
        `CorruptArchive ${lake.raw} cloudfront/damaged.gz`,
      ]),
    );
    expect(await lake.objectItem("cloudfront/unknown.txt")).toMatchObject({
      status: "quarantined",
      detail: expect.stringMatching(
        /^Cannot name the log format of s3:\/\/.*\/cloudfront\/unknown\.txt\. Fetch it and /,
      ),
    });
  });

  it("keeps position and reason of rejected lines, and where in the raw object they are", async () => {
    const keys = (await lake.list("quarantine", "alb/")).filter((key) => key.endsWith(".parquet"));
    const rejected = (await Promise.all(keys.map((key) => lake.parquet("quarantine", key)))).flat();
    expect(rejected.length).toBeGreaterThan(2);
    for (const { text, reason, line, byte_offset, source_file } of rejected) {
      expect(text).toBeNull();
      expect(reason).toMatch(/^[A-Z_0-9]+$/);
      expect(source_file).toContain("/alb/");
      const before = Buffer.from(json.text).subarray(0, Number(byte_offset)).toString();
      expect(before.split("\n")).toHaveLength(Number(line));
    }
  });

  it("gives the same bytes again, as the key is that of the event's day", async () => {
    const batch = (await lake.objectItem("alb/good.json")).batchId;
    const before = await lake.fingerprint("lake");
    const again = await lake.run("Ingest", { batchId: batch, force: true });
    expect(again.output).toMatchObject({ status: "RECORDED", batchId: batch });
    expect(await lake.fingerprint("lake")).toEqual(before);
  }, 60_000);

  it("keeps the secret to itself", async () => {
    const value = await secret(lake);
    expect(value.length).toBeGreaterThanOrEqual(32);
    const found = await placesWith(lake, (bytes) => Buffer.from(bytes as Uint8Array).includes(value));
    expect(found.filter((place) => !/^cloud\.db/.test(place))).toEqual([]);
  });
});
