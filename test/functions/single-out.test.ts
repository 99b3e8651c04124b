import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { PreparedObject } from "../../lake/batch/chunk-plan.ts";
import { planChunks } from "../../lake/batch/chunk-plan.ts";
import { aLake, type Lake } from "../end-to-end/a-lake.ts";
import { prepared } from "../lake/batch/prepared-objects.ts";

const batch = { source: "alb", batchId: "0123456789abcdef", objectCount: 3, claimedAtMs: Date.UTC(2026, 0, 17) };

describe("singleOut", () => {
  let lake: Lake;
  let staging: typeof import("../../aws/staging.ts");
  let singleOut: typeof import("../../functions/single-out.ts").singleOut;
  beforeAll(async () => {
    lake = await aLake();
    vi.stubEnv("AWS_ENDPOINT_URL", lake.cloud.endpoint);
    vi.stubEnv("AWS_REGION", "eu-central-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
    for (const name of ["staging", "quarantine"])
      vi.stubEnv(`${name.toUpperCase()}_BUCKET`, lake.raw.replace("-raw-", `-${name}-`));
    vi.resetModules();
    staging = await import("../../aws/staging.ts");
    ({ singleOut } = await import("../../functions/single-out.ts"));
  }, 60_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    vi.resetModules();
    await lake.stop();
  });

  it("gives objects chunks of their own, then quarantines the one that fails alone", async () => {
    const objects: PreparedObject[] = ["a", "b", "c"].map((key) => prepared(key, 1));
    for (const [index, object] of objects.entries()) await staging.stagePrepared(batch, index, object);
    const plan = async () => {
      const chunks = planChunks(await staging.preparedObjects(batch));
      for (const [n, chunk] of chunks.entries()) await staging.stageChunk(batch, n, chunk);
      return chunks.map(({ pieces }) => pieces.map(({ index }) => index));
    };
    const failed = (chunk: number) => ({ batch, failed: [{ chunk, detail: "Runtime.OutOfMemory: because" }] });
    expect(await plan()).toEqual([[0, 1, 2]]);
    expect(await singleOut(failed(0))).toEqual({ setAside: 0, alone: 3 });
    expect(await plan()).toEqual([[0], [1], [2]]);
    expect(await singleOut(failed(1))).toEqual({ setAside: 1, alone: 0 });
    expect(await plan()).toEqual([[0], [2]]);
    expect(await staging.preparedObject(batch, 1)).toMatchObject({ status: "quarantined", reason: "ReadFailed" });
    const [key] = await lake.list("quarantine", "alb/");
    expect(key).toMatch(/0123456789abcdef-1\/reason\.json$/);
    expect(JSON.parse(new TextDecoder().decode(await lake.read("quarantine", key!)))).toMatchObject({
      ...{ reason: "ReadFailed", detail: "Runtime.OutOfMemory: because", byReference: true },
    });
  });
});
