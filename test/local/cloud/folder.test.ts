import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { findRunningCloud } from "../../../local/running-cloud.ts";
import { aCloud, quietManifest } from "./a-cloud.ts";
import { folderOf, gone, spawnCloud } from "./killable-cloud.ts";

describe("a cloud", () => {
  it("keeps everything over a stop and a start, and builds nothing again", async (test) => {
    const dir = folderOf(test);
    const first = await aCloud({ dir, manifest: quietManifest() });
    const s3 = new S3Client(first.client);
    await s3.send(new PutObjectCommand({ Bucket: "lake", Key: "kept", Body: "still here" }));
    await Promise.all([first.stop(), first.stop()]);
    const built = () =>
      readdirSync(join(dir, "bundles")).map((name) => [name, statSync(join(dir, "bundles", name)).ino]);
    const before = built();

    const second = await aCloud({ dir, manifest: quietManifest() });
    test.onTestFinished(() => second.stop());
    // On another port, which the functions' environment tells.
    expect(second.endpoint).not.toBe(first.endpoint);
    expect(built()).toEqual(before);
    const { Body } = await new S3Client(second.client).send(new GetObjectCommand({ Bucket: "lake", Key: "kept" }));
    expect(await Body!.transformToString()).toBe("still here");
  });

  it("has its folder for itself, and is found by others while it runs", async (test) => {
    const dir = folderOf(test);
    expect(findRunningCloud(dir)).toBeUndefined();
    const cloud = await aCloud({ dir, manifest: quietManifest() });
    expect(findRunningCloud(dir)).toEqual({ pid: process.pid, endpoint: cloud.endpoint });
    await expect(aCloud({ dir, manifest: quietManifest() })).rejects.toThrow(/already runs on .* at http/);
    await cloud.stop();
    expect(findRunningCloud(dir)).toBeUndefined();
  });

  it("ends on SIGINT within two seconds, without a trace in its folder", async (test) => {
    const dir = folderOf(test);
    const { child } = await spawnCloud(test, dir);
    const startedMs = Date.now();
    child.kill("SIGINT");
    await gone(child);
    expect(child.exitCode).toBe(0);
    expect(Date.now() - startedMs).toBeLessThan(2000);
    expect(existsSync(join(dir, "cloud.json"))).toBe(false);
  });
});
