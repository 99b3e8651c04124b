import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Buckets } from "../../../../local/services/s3/buckets.ts";
import { applyLifecycle } from "../../../../local/services/s3/lifecycle.ts";
import { ObjectFiles } from "../../../../local/services/s3/object-files.ts";
import { Objects } from "../../../../local/services/s3/objects.ts";
import { Uploads } from "../../../../local/services/s3/uploads.ts";
import { Store } from "../../../../local/store.ts";

const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), "sluice-s3-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function* bytes(text: string) {
  yield Buffer.from(text);
}

it("removes objects and abandoned uploads at the midnight after the days of their rule", async () => {
  const store = new Store(":memory:");
  const midnight = Date.parse("2026-01-18T00:00:00Z");
  const now = () => midnight - DAY_MS / 2;
  const files = new ObjectFiles(folder);
  const buckets = new Buckets({ store, now });
  const objects = new Objects({ store, buckets, files, now, onChange: () => {} });
  const uploads = new Uploads({ store, buckets, files, objects, now });
  const parts = { buckets, objects, uploads };
  buckets.create("lake");
  for (const key of ["scratch/old", "kept/old"]) await objects.put({ bucket: "lake", key, headers: {} }, bytes("x"));
  for (const key of ["scratch/abandoned", "kept/abandoned"])
    uploads.create({ bucket: "lake", key, headers: {}, tags: {}, algorithm: undefined, checksumType: undefined });
  buckets.configure("lake", "lifecycle", [
    {
      status: "Enabled",
      filter: { prefix: "scratch/" },
      expiration: { days: 1 },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
    },
    { status: "Disabled", filter: {}, expiration: { days: 1 } },
  ]);

  expect(applyLifecycle(parts, midnight)).toBe(0);
  expect(uploads.list("lake")).toHaveLength(2);
  expect(applyLifecycle(parts, midnight + DAY_MS)).toBe(1);
  expect(objects.find("lake", "scratch/old")).toBeUndefined();
  expect(objects.find("lake", "kept/old")).toMatchObject({ size: 1 });
  expect(uploads.list("lake").map(({ key }) => key)).toEqual(["kept/abandoned"]);
});
