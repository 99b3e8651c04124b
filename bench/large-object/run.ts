/**
 * One large object through the embedded cloud: are its rows all there, and does any function take more memory for it?
 *
 *     npm run bench:large-object -- [--gigabytes 5] [--variant plain,gzip] [--isolation process|thread] [--dir /tmp]
 *
 * Needs free disk of about three times the text. `../README.md` says what is measured.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createGzip } from "node:zlib";
import { Upload } from "@aws-sdk/lib-storage";
import { followObjects } from "../../cli/follow-objects.ts";
import { openTarget } from "../../cli/target.ts";
import { unquoted } from "../../cli/upload.ts";
import type { Isolation } from "../cloud/cloud.ts";
import { taskLines } from "../cloud/measure.ts";
import { startMeasuredCloud } from "../cloud/start.ts";
import { taskTimes } from "../cloud/task-times.ts";
import { load } from "../machine.ts";
import { keepResult } from "../results.ts";
import { markdownTable } from "../table.ts";
import { totalsOf } from "./query.ts";
import { Counted, largeText } from "./text.ts";

const MIB = 1 << 20;
/** No function may take more, whatever the object's size. */
const MAX_WORKER_BYTES = 512 * MIB;
/** S3 takes up to 10,000 parts. */
const PART_BYTES = 16 * MIB;
const TIMEOUT_MS = 3 * 3_600_000;

const { values } = parseArgs({
  options: {
    gigabytes: { type: "string", default: "5" },
    variant: { type: "string", default: "plain,gzip" },
    isolation: { type: "string", default: "process" },
    dir: { type: "string", default: tmpdir() },
    /** Where results go, beside those of other measurements. */
    out: { type: "string", default: fileURLToPath(new URL("../results.json", import.meta.url)) },
  },
});
const isolation = values.isolation as Isolation;
const bytes = Number(values.gigabytes) * 1e9;
const say = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

let hasFailed = false;
for (const variant of values.variant.split(",")) {
  const folder = mkdtempSync(join(values.dir, "sluice-large-object-"));
  try {
    const result = await passThrough(variant as "plain" | "gzip", folder);
    hasFailed ||= result.problems.length > 0;
    keepResult(values.out, `large-object.${variant}.${isolation}`, { load: load(), ...result });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exitCode = hasFailed ? 1 : 0;

async function passThrough(variant: "plain" | "gzip", folder: string) {
  const cloud = await startMeasuredCloud(folder, isolation);
  const target = await openTarget({ dir: folder });
  try {
    const baseline = await cloud.memory();
    const counted = new Counted();
    const text = Readable.from(largeText(bytes, counted));
    const key = `cloudfront/large.log${variant === "gzip" ? ".gz" : ""}`;
    const bucket = target.names.rawBucket;
    let sinceMs = Date.now();
    const upload = new Upload({
      client: target.s3,
      // Level 1: whoever unpacks has the same to do.
      params: { Bucket: bucket, Key: key, Body: variant === "gzip" ? text.pipe(createGzip({ level: 1 })) : text },
      partSize: PART_BYTES,
      queueSize: 2,
    });
    const { ETag } = await upload.done();
    const uploadMs = Date.now() - sinceMs;
    say(`${variant}: ${megabytes(counted.textBytes)} of text uploaded in ${seconds(uploadMs)}`);
    sinceMs = Date.now();
    let lastState: string | undefined;
    const [outcome] = await followObjects(target, [{ bucket, key, etag: unquoted(ETag!) }], {
      sinceMs,
      timeoutMs: TIMEOUT_MS,
      onProgress(_, state) {
        if (state && state !== lastState) say(`${variant}: ${state}`);
        lastState = state ?? lastState;
      },
    });
    const ms = Date.now() - sinceMs;
    const memory = await cloud.memory();
    if (outcome!.status !== "recorded")
      throw new Error(`The object is ${outcome!.status}: ${outcome!.reason} ${outcome!.detail ?? ""}`);
    const totals = await totalsOf(target, "cloudfront", ["count(*)", "sum(sc_bytes)", "sum(_line)"]);
    const expected = [counted.rows, counted.sentBytes, counted.lineNumbers].map(String);
    const problems = [
      ...(totals.join() === expected.join() ? [] : [`SQL finds ${totals.join(", ")}, not ${expected.join(", ")}`]),
      ...(outcome!.lines === counted.lines && outcome!.rejected === 0
        ? []
        : [`The ledger has ${outcome!.lines} lines and ${outcome!.rejected} rejected of ${counted.lines}`]),
      ...Object.entries(memory.functions).flatMap(([name, most]) =>
        most < MAX_WORKER_BYTES ? [] : [`${name} took ${mebibytes(most)} MiB`],
      ),
    ];
    const times = await taskTimes(target.stepFunctions, outcome!.executionArn!);
    print(
      `${variant}, ${megabytes(counted.textBytes)} of text, ${counted.rows.toLocaleString("en")} rows, by ${isolation}`,
    );
    print(
      markdownTable(
        ["function", "sandboxes", isolation === "process" ? "peak RSS MiB" : "peak heap + external MiB"],
        Object.entries(memory.functions)
          .toSorted(([, a], [, b]) => b - a)
          .map(([name, most]) => [name, `${memory.sandboxes[name]}`, mebibytes(most)]),
      ).join("\n"),
    );
    print(taskLines(times).join("\n"));
    print(
      `The cloud itself: ${mebibytes(baseline.rssBytes)} MiB before, ${mebibytes(memory.peakRssBytes)} MiB at most. ` +
        `Upload ${seconds(uploadMs)}, ingest ${seconds(ms)}: ${Math.round(counted.rows / (ms / 1000)).toLocaleString("en")} rows/s.`,
    );
    print(problems.length === 0 ? "Rows and sums are right." : `WRONG: ${problems.join("; ")}`);
    return {
      textBytes: counted.textBytes,
      rows: counted.rows,
      uploadMs,
      ingestMs: ms,
      peakBytesByFunction: memory.functions,
      sandboxes: memory.sandboxes,
      cloudRssBytes: { before: baseline.rssBytes, peak: memory.peakRssBytes },
      tasks: times,
      problems,
    };
  } finally {
    await target.close();
    await cloud.stop();
  }
}

function print(text: string): void {
  console.log(`${text}\n`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function megabytes(count: number): string {
  return `${Math.round(count / 1e6).toLocaleString("en")} MB`;
}

function mebibytes(count: number): string {
  return (count / MIB).toFixed(0);
}
