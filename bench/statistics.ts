/** What is said about several runs of the same. */
import type { Measured } from "./measured.ts";

export interface Summary {
  readonly runs: number;
  readonly msMedian: number;
  /** Least and most. */
  readonly msSpread: readonly [number, number];
  readonly cpuMsMedian: number;
  readonly peakRssMib: number;
}

export function summary(runs: readonly Measured[]): Summary {
  const ms = runs.map((run) => run.ms).toSorted((a, b) => a - b);
  return {
    runs: runs.length,
    msMedian: median(ms),
    msSpread: [ms[0]!, ms.at(-1)!],
    cpuMsMedian: median(runs.map(({ cpuMs }) => cpuMs)),
    peakRssMib: Math.max(...runs.map(({ peakRssMib }) => peakRssMib)),
  };
}

/** The mean of the two in the middle when the number is even. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : Math.round((sorted[half - 1]! + sorted[half]!) / 2);
}
