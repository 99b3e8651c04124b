/**
 * The embedded cloud in a process of its own, which tells about memory. Started by `start.ts`.
 *
 *     node bench/cloud/cloud.ts FOLDER thread|process
 */
import { readFileSync } from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { fileURLToPath } from "node:url";
import type { Worker, WorkerOptions } from "node:worker_threads";
import {
  lookAtProcesses,
  ProcessWorker,
  peakRssBytes as peaksOfProcesses,
  startedProcesses,
} from "./process-worker.ts";
import { lookAtThreads, peakThreadBytes, watchThread } from "./thread-memory.ts";

export type Isolation = "thread" | "process";

export interface CloudMemory {
  /** The most that any sandbox of a function had, in bytes, by the function's name. */
  readonly functions: Readonly<Record<string, number>>;
  /** Sandboxes that were started, by the function's name. */
  readonly sandboxes: Readonly<Record<string, number>>;
  /** Resident memory of the cloud's process now, and at most since the last reset. */
  readonly rssBytes: number;
  readonly peakRssBytes: number;
}

const LOOK_EVERY_MS = 100;

const [dir, isolation] = process.argv.slice(2) as [string, Isolation];
const root = fileURLToPath(new URL("../../", import.meta.url));

const threads = createRequire(import.meta.url)("node:worker_threads") as { Worker: unknown };
const OriginalWorker = threads.Worker as typeof Worker;
const sandboxes = new Map<string, number>();
/** Sandboxes are told from other workers, such as a database's, by what they are handed. */
const functionNameOf = (options: WorkerOptions | undefined): string | undefined => options?.workerData?.functionName;
threads.Worker = class extends OriginalWorker {
  constructor(script: string | URL, options?: WorkerOptions) {
    super(script, options);
    const functionName = functionNameOf(options);
    if (functionName === undefined) return;
    sandboxes.set(functionName, (sandboxes.get(functionName) ?? 0) + 1);
    watchThread(functionName, this);
  }
};
if (isolation === "process") {
  threads.Worker = new Proxy(OriginalWorker, {
    construct: (_, [script, options]: [URL, WorkerOptions]) =>
      functionNameOf(options) === undefined ? new OriginalWorker(script, options) : new ProcessWorker(script, options),
  });
}
syncBuiltinESMExports();

// After the replacement: the cloud takes `Worker` when it is loaded.
const { startCloud } = await import("../../local/cloud.ts");
const manifest = JSON.parse(readFileSync(new URL("../../local/manifest.json", import.meta.url), "utf8"));
const cloud = await startCloud({ dir, port: 0, manifest, root, log: (line) => process.stderr.write(`${line}\n`) });

let peakRssBytes = 0;
const look = () => {
  peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
  if (isolation === "process") lookAtProcesses();
  else lookAtThreads();
};
setInterval(look, LOOK_EVERY_MS).unref();

process.on("message", async (request: "memory" | "stop") => {
  look();
  if (request === "memory") {
    const isProcess = isolation === "process";
    process.send!({
      functions: Object.fromEntries(isProcess ? peaksOfProcesses : peakThreadBytes),
      sandboxes: Object.fromEntries(isProcess ? startedProcesses : sandboxes),
      rssBytes: process.memoryUsage.rss(),
      peakRssBytes,
    } satisfies CloudMemory);
    return;
  }
  await cloud.stop();
  process.disconnect();
});
process.send!({ endpoint: cloud.endpoint });
