/** The same files through the embedded cloud: from the upload to rows that SQL sees, and what each task took of it. */
import { createReadStream } from "node:fs";
import { basename, join } from "node:path";
import { Upload } from "@aws-sdk/lib-storage";
import { followObjects } from "../../cli/follow-objects.ts";
import { openTarget } from "../../cli/target.ts";
import { unquoted } from "../../cli/upload.ts";
import config from "../../sluice.config.ts";
import type { GeneratedKind } from "../columns/generate.ts";
import { type Input, input } from "../input.ts";
import { load } from "../machine.ts";
import { markdownTable } from "../table.ts";
import { startMeasuredCloud } from "./start.ts";
import { type TaskTimes, taskTimes } from "./task-times.ts";

const TIMEOUT_MS = 1_800_000;

export interface CloudResult {
  readonly kind: GeneratedKind;
  readonly rows: number;
  readonly textBytes: number;
  readonly uploadMs: number;
  /** From the end of the upload until its rows can be queried: with the time in which the pipe gathers messages. */
  readonly ingestMs: number;
  readonly rowsPerSecond: number;
  readonly load: number;
  readonly tasks: readonly TaskTimes[];
  /** Heap and external memory of the thread of a function that had most. */
  readonly peakBytesByFunction: Readonly<Record<string, number>>;
}

/** Kinds without a source in `sluice.config.ts` are left out. */
export async function throughCloud(options: {
  kinds: readonly GeneratedKind[];
  rows: number;
  inputs: string;
  folder: string;
  say(line: string): void;
}): Promise<{ results: CloudResult[]; lines: string[] }> {
  const dir = join(options.folder, "cloud");
  const cloud = await startMeasuredCloud(dir, "thread");
  const target = await openTarget({ dir });
  const results: CloudResult[] = [];
  const lines: string[] = [];
  try {
    for (const kind of options.kinds) {
      const source = Object.values(config.sources).find(({ format }) => format === kind);
      if (!source) {
        lines.push(`${kind}: no source of sluice.config.ts has this format`, "");
        continue;
      }
      const file = await input(kind, options.rows, options.inputs);
      const { uploadMs, ingestMs, executionArn } = await ingest(file, source.prefix);
      results.push({
        kind,
        rows: file.rows,
        textBytes: file.textBytes,
        uploadMs,
        ingestMs,
        rowsPerSecond: Math.round((file.rows / ingestMs) * 1000),
        load: load(),
        tasks: await taskTimes(target.stepFunctions, executionArn),
        peakBytesByFunction: (await cloud.memory()).functions,
      });
      lines.push(...linesOf(results.at(-1)!));
    }
    return { results, lines };
  } finally {
    await target.close();
    await cloud.stop();
  }

  async function ingest({ kind, path, rows }: Input, prefix: string) {
    const startedMs = Date.now();
    const bucket = target.names.rawBucket;
    const key = prefix + basename(path);
    options.say(`cloud, ${kind}: upload`);
    const upload = new Upload({
      client: target.s3,
      params: { Bucket: bucket, Key: key, Body: createReadStream(path) },
    });
    const { ETag } = await upload.done();
    const uploadedMs = Date.now();
    const [outcome] = await followObjects(target, [{ bucket, key, etag: unquoted(ETag!) }], {
      sinceMs: startedMs,
      timeoutMs: TIMEOUT_MS,
      onProgress: (_, state) => options.say(`cloud, ${kind}: ${state ?? ""}`),
    });
    const ingestMs = Date.now() - uploadedMs;
    if (outcome!.status !== "recorded" || outcome!.rows !== rows || outcome!.rejected !== 0)
      throw new Error(`Of ${rows} rows of ${kind}: ${JSON.stringify(outcome)}`);
    return { uploadMs: uploadedMs - startedMs, ingestMs, executionArn: outcome!.executionArn! };
  }
}

function linesOf({ kind, rows, textBytes, uploadMs, ingestMs, rowsPerSecond, tasks }: CloudResult): string[] {
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  return [
    `${kind} through the embedded cloud: ${rows.toLocaleString("en")} rows, ${(textBytes / 1e6).toFixed(0)} MB of text; ` +
      `upload ${seconds(uploadMs)} s, ingest ${seconds(ingestMs)} s: ${rowsPerSecond.toLocaleString("en")} rows/s`,
    ...taskLines(tasks),
    "",
  ];
}

export function taskLines(tasks: readonly TaskTimes[]): string[] {
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  return markdownTable(
    ["task", "times", "seconds in all", "longest"],
    tasks.map(({ state, count, totalMs, longestMs }) => [state, `${count}`, seconds(totalMs), seconds(longestMs)]),
  );
}
