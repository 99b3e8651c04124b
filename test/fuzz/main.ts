/**
 * Fuzzes scanners, splits and archives.
 *
 *     npm run fuzz -- [--target all] [--cases 1000000] [--seed S] [--out DIR] [--save-corpus]
 *
 * Prints a line for each target and, of a failure, the smallest text that shows it. Texts of failures are written to
 * `--out` as well. `--save-corpus` keeps records that were new to the scanners in `test/fuzz/corpus`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { readCorpus, writeCorpus } from "./corpus.ts";
import { targetsNamed } from "./targets.ts";
import type { Done, Work } from "./worker.ts";

/** No batch takes nearly so long. */
const HANG_MS = 60_000;
const MAX_RSS_MIB = 1500;
const MAX_HEAP_MIB = 700;
const TEXT_BYTES = 32 << 20;
const STATUS_MS = 60_000;

const { values: options } = parseArgs({
  options: {
    target: { type: "string", default: "all" },
    cases: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_007) },
    out: { type: "string", default: join(tmpdir(), "sluice-fuzz") },
    "save-corpus": { type: "boolean", default: false },
  },
});
const cases = Number(options.cases.replaceAll("_", ""));
mkdirSync(options.out, { recursive: true });

interface Watched {
  readonly done?: Done;
  /** Why there is no result. */
  readonly failure?: string;
  readonly maxRssMib: number;
  readonly text: Uint8Array;
}

function runTarget(target: string): Promise<Watched> {
  const progress = new Int32Array(new SharedArrayBuffer(12));
  const text = new Uint8Array(new SharedArrayBuffer(TEXT_BYTES));
  const workerData: Work = { target, cases, seed: options.seed, corpus: readCorpus(target), progress, text };
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  return new Promise((resolve) => {
    let maxRssMib = 0;
    let [lastBatch, lastChange, lastStatus] = [-1, Date.now(), Date.now()];
    const end = (outcome: { done?: Done; failure?: string }) => {
      clearInterval(timer);
      resolve({ ...outcome, maxRssMib, text: text.slice(0, Atomics.load(progress, 2)) });
      worker.terminate();
    };
    const timer = setInterval(() => {
      maxRssMib = Math.max(maxRssMib, Math.round(process.memoryUsage().rss / 2 ** 20));
      const batch = Atomics.load(progress, 0);
      if (batch !== lastBatch) [lastBatch, lastChange] = [batch, Date.now()];
      else if (Date.now() - lastChange > HANG_MS) end({ failure: `hangs in batch ${batch - 1}` });
      if (Date.now() - lastStatus > STATUS_MS) {
        lastStatus = Date.now();
        console.log(`  ${target}: ${Atomics.load(progress, 1)} cases so far`);
      }
      if (maxRssMib > MAX_RSS_MIB) end({ failure: `holds ${maxRssMib} MiB in batch ${batch - 1}` });
    }, 500);
    worker.on("message", (done: Done) => end({ done }));
    worker.on("error", (error) => end({ failure: `crashed: ${error.stack ?? error.message}` }));
    // A promise that never settles ends a thread without a word.
    worker.on("exit", () => end({ failure: `ended without a result in batch ${Atomics.load(progress, 0) - 1}` }));
  });
}

let findings = 0;
let total = 0;
console.log(`seed ${options.seed}`);
for (const { name } of targetsNamed(options.target)) {
  const startMs = performance.now();
  const { done, failure, maxRssMib, text } = await runTarget(name);
  const seconds = (performance.now() - startMs) / 1000;
  if (done) {
    total += done.cases;
    const rate = Math.round(done.cases / seconds);
    const mb = (done.bytes / 1e6).toFixed(0);
    console.log(
      `${name}: ${done.cases} cases in ${seconds.toFixed(1)} s (${rate}/s), ${mb} MB, peak ${maxRssMib} MiB${done.remark && `; ${done.remark}`}`,
    );
    if (options["save-corpus"]) writeCorpus(name, done.corpus);
  }
  const description = failure ? `${name}, seed ${options.seed}: ${failure}` : done?.finding?.description;
  if (description) {
    findings++;
    const path = join(options.out, `${name.replace(":", "-")}-${options.seed}.bin`);
    writeFileSync(path, done?.finding?.text ?? text);
    console.log(`FOUND ${description}\nThe text: ${path}`);
  }
}
console.log(`${total} cases, ${findings} findings`);
process.exitCode = findings > 0 ? 1 : 0;
