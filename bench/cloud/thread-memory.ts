/**
 * What can be said of a worker thread's memory: V8's heap, what V8 counts as external to it (buffers, WebAssembly
 * memories, zlib), and what it took with malloc. Code and stacks of the thread are not in it; the process has those.
 */
import type { Worker } from "node:worker_threads";

export const peakThreadBytes = new Map<string, number>();

const watched = new Map<Worker, string>();
const asked = new Set<Worker>();

export function watchThread(functionName: string, worker: Worker): void {
  watched.set(worker, functionName);
  worker.once("exit", () => watched.delete(worker));
}

/** Asks each thread; it answers also in the middle of a long calculation. */
export function lookAtThreads(): void {
  for (const [worker, functionName] of watched) {
    if (asked.has(worker)) continue;
    asked.add(worker);
    worker
      .getHeapStatistics()
      .then(
        (heap) => {
          const bytes = heap.total_physical_size + heap.external_memory + heap.malloced_memory;
          peakThreadBytes.set(functionName, Math.max(peakThreadBytes.get(functionName) ?? 0, bytes));
        },
        // It has ended meanwhile.
        () => {},
      )
      .finally(() => asked.delete(worker));
  }
}
