import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { defineLake } from "../../lake/sources/config.ts";
import { aLake, type Lake } from "../end-to-end/a-lake.ts";

vi.mock("../../sluice.config.ts", () => ({
  default: defineLake({
    sources: { cloudfront: { format: "cloudfront", prefix: "cloudfront/", qualityThreshold: 0.9 } },
    alertRecipients: ["someone@example.com"],
  }),
}));

const batch = { source: "cloudfront", batchId: "0123456789abcdef", objectCount: 1, claimedAtMs: Date.UTC(2026, 0, 17) };
const object = { bucket: "raw", key: "cloudfront/a.gz", etag: "e", sizeBytes: 1 };
const executionArn = "arn:aws:states:eu-central-1:111122223333:execution:m:e";
const key = (n: number) => `cloudfront/date=2026-01-17/${batch.batchId}-${n}.parquet`;

describe("checkQuality", () => {
  let lake: Lake;
  beforeAll(async () => {
    lake = await aLake();
    vi.stubEnv("AWS_ENDPOINT_URL", lake.cloud.endpoint);
    vi.stubEnv("AWS_REGION", "eu-central-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
    for (const [name, bucket] of [
      ["STAGING", "staging"],
      ["QUARANTINE", "quarantine"],
    ] as const)
      vi.stubEnv(`${name}_BUCKET`, lake.raw.replace("-raw-", `-${bucket}-`));
    vi.stubEnv("LEDGER_TABLE", "sluice-local-Ledger");
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await lake.stop();
  });

  /** Puts the batch where Parse leaves it. */
  async function parsed(rows: number, rejected: number, execution = executionArn) {
    const { stageParsed, stagePrepared } = await import("../../aws/staging.ts");
    const { createBatch, updateOwnBatch, findBatch } = await import("../../aws/ledger.ts");
    const counts = { index: 0, lines: rows + rejected, comments: 0, rows, rejected };
    const rowGroup = { stagedKey: "g", date: "2026-01-17", rows, byteLength: 10 };
    await stagePrepared(batch, 0, { status: "prepared", object, format: "cloudfront", pieces: [] });
    await stageParsed(batch, 0, { pieces: [counts], rowGroups: [rowGroup], invalidFields: 0 });
    const item = {
      source: "cloudfront",
      status: "running",
      generation: 1,
      execution,
      claimedAtMs: 0,
      objectCount: 1,
      outputs: [key(7)],
    } as const;
    await createBatch(batch.batchId, { ...item, outputs: [...item.outputs] });
    const { execution: known } = (await findBatch(batch.batchId))!;
    await updateOwnBatch(batch.batchId, known, { execution, status: "running", outputs: [key(7)] });
  }

  it("lists the files of a good batch in the ledger beside those of earlier runs, before they are written", async () => {
    const { checkQuality } = await import("../../functions/check-quality.ts");
    await parsed(90, 10);
    expect(await checkQuality({ batch, executionArn, chunkCount: 1 })).toEqual({
      fileCount: 1,
      writeCount: 1,
      rows: 90,
      rejected: 10,
      quality: "0.9000",
    });
    expect((await lake.batchItem(batch.batchId)).outputs).toEqual([key(0), key(7)]);
  });

  it("refuses a batch below the source's threshold, which then keeps what it had in the lake", async () => {
    const { checkQuality } = await import("../../functions/check-quality.ts");
    const { refuseBatch } = await import("../../functions/refuse-batch.ts");
    await parsed(89, 11);
    const checked = checkQuality({ batch, executionArn, chunkCount: 1 });
    await expect(checked).rejects.toMatchObject({
      name: "QualityTooLow",
      message: expect.stringContaining("89 good and 11 rejected"),
    });
    const refused = await refuseBatch({
      batch,
      executionArn,
      chunkCount: 1,
      reason: "QualityTooLow",
      detail: "so many",
    });
    expect(refused).toEqual({ newRejectedDates: ["2026-01-17"] });
    expect(await lake.batchItem(batch.batchId)).toMatchObject({
      status: "refused",
      quality: "0.8900",
      outputs: [key(7)],
    });
    expect(await lake.items("object#raw/cloudfront/a.gz")).toMatchObject([
      { status: "quarantined", reason: "QualityTooLow" },
    ]);
  });

  it("stops when another execution has taken the batch over", async () => {
    const { checkQuality } = await import("../../functions/check-quality.ts");
    await parsed(90, 10, "arn:another");
    await expect(checkQuality({ batch, executionArn, chunkCount: 1 })).rejects.toMatchObject({
      name: "BatchTakenOver",
    });
  });
});
