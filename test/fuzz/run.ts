import type { Finding, Progress } from "./finding.ts";

/** What a target is asked to try. */
export interface Run {
  /** At least so many. */
  readonly cases: number;
  readonly seed: string;
  /** Records to begin with; of scanners only. */
  readonly corpus: readonly Uint8Array[];
  /** Fewer are for tests that have seconds. */
  readonly recordsOfBatch?: number;
  readonly splitsOfParse?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** What came of it. */
export interface RunResult {
  readonly cases: number;
  /** Bytes of text, or of archives, that were read. */
  readonly bytes: number;
  /** What is worth saying about the run. */
  readonly remark: string;
  /** Records that took the scanner to places where others did not. */
  readonly corpus: readonly Uint8Array[];
  readonly finding?: Finding;
}
