import { describe, expect, it } from "vitest";
import { batchIdOf } from "../../../lake/batch/batch.ts";
import { claimantsOf, judge, type Verdict } from "../../../lake/batch/claim.ts";
import type { ObjectItem } from "../../../lake/batch/ledger.ts";

const object = { bucket: "raw", key: "alb/a", etag: "v1", sizeBytes: 1 };
const item = (changes: Partial<ObjectItem>): ObjectItem => ({
  ...object,
  source: "alb",
  status: "claimed",
  execution: "other",
  ...changes,
});
const batchId = "0123456789abcdef";

describe("judge", () => {
  const cases: [string, Partial<ObjectItem> | undefined, boolean, Verdict][] = [
    ["a new object", undefined, false, { kind: "claim" }],
    ["the same version, recorded", { status: "recorded", batchId }, false, { kind: "duplicate" }],
    ["the same version, quarantined", { status: "quarantined", batchId }, false, { kind: "duplicate" }],
    ["the same version, passed over", { status: "passed-over", batchId }, false, { kind: "duplicate" }],
    ["another version, recorded", { status: "recorded", batchId, etag: "v0" }, false, { kind: "resubmit", batchId }],
    ["claimed by us", { execution: "me" }, false, { kind: "ours" }],
    ["claimed by us, in a batch", { execution: "me", batchId }, false, { kind: "ours", batchId }],
    ["the same version, being processed", { batchId }, true, { kind: "in-flight" }],
    ["the same version, being claimed", {}, true, { kind: "in-flight" }],
    ["another version, being processed", { batchId, etag: "v0" }, true, { kind: "resubmit", batchId }],
    ["another version, being claimed", { etag: "v0" }, true, { kind: "contended" }],
    ["left by an execution that ended before it formed a batch", {}, false, { kind: "claim", from: "other" }],
    ["left by an execution that ended before it recorded its batch", { batchId }, false, { kind: "resubmit", batchId }],
  ];
  it.each(cases)("%s", (_, seen, isRunning, verdict) => {
    const candidate = { object, seen: seen && item(seen) };
    expect(judge(candidate, "me", new Set(isRunning ? ["other"] : []))).toEqual(verdict);
  });
});

describe("claimantsOf", () => {
  it("asks once about each other execution that has claimed something", () => {
    const seen = [
      item({}),
      item({}),
      item({ execution: "me" }),
      item({ execution: "done", status: "recorded" }),
      undefined,
    ];
    expect(
      claimantsOf(
        seen.map((seen) => ({ object, seen })),
        "me",
      ),
    ).toEqual(["other"]);
  });
});

describe("batchIdOf", () => {
  const objects = [
    { bucket: "raw", key: "alb/b" },
    { bucket: "raw", key: "alb/a" },
  ];
  it("depends on the source and the objects' names, not on their order", () => {
    const id = batchIdOf("alb", objects);
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(batchIdOf("alb", [...objects].reverse())).toBe(id);
    expect(batchIdOf("nlb", objects)).not.toBe(id);
    expect(batchIdOf("alb", objects.slice(1))).not.toBe(id);
  });
});
