/**
 * Lifecycle rules of buckets: they take away objects and abandoned uploads past their days. Moves to cheaper storage
 * mean nothing on a laptop.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
import type { Buckets } from "./buckets.ts";
import type { Objects } from "./objects.ts";
import type { Uploads } from "./uploads.ts";

const DAY_MS = 86_400_000;
const PAGE = 1000;

interface Rule {
  status?: string;
  prefix?: string;
  filter?: { prefix?: string; and?: { prefix?: string }; tag?: object };
  expiration?: { days?: number };
  abortIncompleteMultipartUpload?: { daysAfterInitiation?: number };
}

/** @returns How many objects were removed. */
export function applyLifecycle(
  { buckets, objects, uploads }: { buckets: Buckets; objects: Objects; uploads: Uploads },
  nowMs: number,
): number {
  let removed = 0;
  for (const { name } of buckets.list()) {
    for (const rule of (buckets.configuration(name).lifecycle ?? []) as Rule[]) {
      // A rule for tagged objects must not take all of them.
      if (rule.status !== "Enabled" || rule.filter?.tag) continue;
      const prefix = rule.filter?.and?.prefix ?? rule.filter?.prefix ?? rule.prefix ?? "";
      removed += expire(objects, name, prefix, rule.expiration?.days, nowMs);
      const abortDays = rule.abortIncompleteMultipartUpload?.daysAfterInitiation;
      if (abortDays === undefined) continue;
      for (const upload of uploads.list(name)) {
        if (upload.key.startsWith(prefix) && isPast(upload.startedMs, abortDays, nowMs)) uploads.abort(upload);
      }
    }
  }
  return removed;
}

function expire(objects: Objects, bucket: string, prefix: string, days: number | undefined, nowMs: number): number {
  if (days === undefined) return 0;
  let removed = 0;
  let after = "";
  for (;;) {
    const page = objects.scan(bucket, prefix, after, PAGE);
    for (const { key, modifiedMs } of page) {
      if (!isPast(modifiedMs, days, nowMs)) continue;
      objects.delete(bucket, key, "LifecycleExpiration:Delete");
      removed += 1;
    }
    if (page.length < PAGE) return removed;
    after = page.at(-1)!.key;
  }
}

/** S3 counts whole days and acts at the midnight that follows, UTC. */
const isPast = (fromMs: number, days: number, nowMs: number) =>
  nowMs >= Math.ceil((fromMs + days * DAY_MS) / DAY_MS) * DAY_MS;
