import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { has } from "../../tiers/inputs.ts";
import { aCloud, scratchFolder, type TestCloud, until } from "./a-cloud.ts";
import { aws, awsJson } from "./aws-cli.ts";

describe.skipIf(!has("AWS CLI"))("aws s3", () => {
  const scratch = scratchFolder();
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await aCloud({ dir: join(scratch.dir, "cloud") });
  });
  afterAll(async () => {
    await cloud.stop();
    scratch.remove();
  });

  it("copies a log in, which is counted", async () => {
    const log = join(scratch.dir, "a.log");
    writeFileSync(log, "one\ntwo\n");
    await aws(cloud, "s3", "cp", log, "s3://raw/logs/a.log");
    await until("the count", async () => cloud.objects.find("lake", "logs/a.log.count"));
    expect(await aws(cloud, "s3", "cp", "s3://lake/logs/a.log.count", "-")).toBe("2");
  });

  it("copies and moves files of many parts, both ways", async () => {
    const large = join(scratch.dir, "large");
    writeFileSync(large, Buffer.alloc(20 * 1024 * 1024, "0123456789"));
    await aws(cloud, "s3", "cp", large, "s3://lake/large");
    await aws(cloud, "s3", "mv", "s3://lake/large", "s3://lake/moved");
    await aws(cloud, "s3", "cp", "s3://lake/moved", `${large}.back`);
    expect(readFileSync(`${large}.back`).equals(readFileSync(large))).toBe(true);
    expect(await aws(cloud, "s3", "ls", "s3://lake/")).toMatch(/20971520 moved/);
  });

  it("brings a folder in, and takes it away again", async () => {
    const folder = join(scratch.dir, "files");
    mkdirSync(folder);
    for (const name of ["a", "b"]) writeFileSync(join(folder, name), name);
    await aws(cloud, "s3", "sync", folder, "s3://lake/sync/");
    expect(cloud.objects.find("lake", "sync/b")).toMatchObject({ size: 1 });
    await aws(cloud, "s3", "rm", "--recursive", "s3://lake/sync/");
    const listing = await awsJson(cloud, "s3api", "list-objects-v2", "--bucket", "lake", "--prefix", "sync/");
    expect(listing.Contents).toBeUndefined();
  });

  it("is told by name what is wrong", async () => {
    await expect(aws(cloud, "s3", "ls", "s3://absent")).rejects.toThrow(/NoSuchBucket/);
  });
});
