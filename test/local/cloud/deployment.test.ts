import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findRunningCloud } from "../../../local/running-cloud.ts";
import { ACCOUNT, aCloud, arn, manifest, quietManifest, resource } from "./a-cloud.ts";
import { folderOf } from "./killable-cloud.ts";

describe("a cloud", () => {
  it("shares what is built with the other clouds of its project, and keeps what one of them runs", async (test) => {
    const bundleFolder = folderOf(test);
    const builds = () => readdirSync(bundleFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const [first, second] = await Promise.all(
      [folderOf(test), folderOf(test)].map((dir) => aCloud({ dir, bundleFolder, manifest: quietManifest() })),
    );
    test.onTestFinished(async () => void (await Promise.all([first!.stop(), second!.stop()])));
    expect(builds()).toHaveLength(1);
    const buildAnother = async (install: string) => {
      const changed = quietManifest();
      changed.functions.CountLines!.install = [install];
      await (await aCloud({ dir: folderOf(test), bundleFolder, manifest: changed })).stop();
    };
    for (const install of ["a", "b", "c", "d"]) await buildAnother(install);
    // This process still runs all of them.
    expect(builds()).toHaveLength(5);
    for (const { name } of builds()) rmSync(join(bundleFolder, name, "used-by", String(process.pid)));
    await buildAnother("e");
    expect(builds()).toHaveLength(3);
  });

  it("names a resource type that it cannot bring up, and leaves the folder free", async (test) => {
    const dir = folderOf(test);
    const base = manifest();
    const strange = { ...base, resources: [...base.resources, resource("aws:ec2/vpc:Vpc", "Net", {})] };
    await expect(aCloud({ dir, manifest: strange })).rejects.toThrow("aws:ec2/vpc:Vpc");
    expect(findRunningCloud(dir)).toBeUndefined();
    await (await aCloud({ dir, manifest: quietManifest() })).stop();
  });

  it("stops what a new manifest has dropped", async (test) => {
    const dir = folderOf(test);
    const schedule = resource(
      "aws:scheduler/schedule:Schedule",
      "Daily",
      {
        scheduleExpression: "cron(0 6 * * ? *)",
        scheduleExpressionTimezone: "Europe/Berlin",
        flexibleTimeWindow: { mode: "OFF" },
        target: { arn: arn("states", "stateMachine:Count"), roleArn: `arn:aws:iam::${ACCOUNT}:role/r`, input: "[]" },
      },
      { name: "Daily" },
    );
    const cloud = await aCloud({ dir, manifest: manifest([schedule]) });
    test.onTestFinished(() => cloud.stop());
    expect((await cloud.call("scheduler", "ListSchedules", {})).Schedules).toHaveLength(1);
    await cloud.redeploy(manifest());
    expect((await cloud.call("scheduler", "ListSchedules", {})).Schedules).toHaveLength(0);
  });
});
