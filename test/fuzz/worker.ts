/** Runs one target in a thread of its own, so that somebody is left to notice when it hangs. */
import { parentPort, workerData } from "node:worker_threads";
import { describeFinding } from "./finding.ts";
import { targetsNamed } from "./targets.ts";

/** What the thread is given. */
export interface Work {
  readonly target: string;
  readonly cases: number;
  readonly seed: string;
  readonly corpus: readonly Uint8Array[];
  /** Two numbers: batches begun and cases done; then the length of the text under way. */
  readonly progress: Int32Array;
  /** The text under way. */
  readonly text: Uint8Array;
}

/** What the thread says at its end. */
export interface Done {
  readonly cases: number;
  readonly bytes: number;
  readonly remark: string;
  readonly corpus: readonly Uint8Array[];
  readonly finding?: { readonly description: string; readonly text: Uint8Array };
}

const { target, cases, seed, corpus, progress, text } = workerData as Work;

const [chosen] = targetsNamed(target);
const result = await chosen!.run({
  cases,
  seed,
  corpus,
  onProgress(now) {
    const shown = now.text.subarray(0, text.length);
    text.set(shown);
    Atomics.store(progress, 1, now.cases);
    Atomics.store(progress, 2, shown.length);
    Atomics.add(progress, 0, 1);
  },
});
const { finding, ...others } = result;
const done: Done = {
  ...others,
  ...(finding && { finding: { description: describeFinding(finding), text: finding.text } }),
};
parentPort!.postMessage(done);
