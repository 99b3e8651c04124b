import { constants, PerformanceObserver } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { discard } from "../../../lake/rows/young-garbage.ts";

const MIB = 1 << 20;

describe("discard", () => {
  it("keeps buffers that are done from piling up", () => {
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let i = 0; i < 200; i++) {
      discard(new Uint8Array(MIB).fill(i));
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    // Left alone it is 76 MiB. Sixteen wait to be collected, others for V8 to free them in a thread of its own.
    expect(most).toBeLessThan(48 * MIB);
  });

  it("collects nothing for memory that is used again", async () => {
    const forced = async (work: () => void) => {
      let count = 0;
      const observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { flags } = (entry as unknown as { detail: { flags: number } }).detail;
          if (flags === constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) count++;
        }
      });
      observer.observe({ entryTypes: ["gc"] });
      work();
      await setImmediate();
      await setImmediate();
      observer.disconnect();
      return count;
    };
    const block = new Uint8Array(MIB);
    for (const [from, times] of [
      [() => block, 0],
      [() => new Uint8Array(MIB), 10],
    ] as const)
      expect(
        await forced(() => {
          for (let i = 0; i < 160; i++) discard(from().subarray(i));
        }),
      ).toBe(times);
  });

  it("leaves nobody a way to collect garbage", () => {
    discard(new Uint8Array(16 * MIB));
    expect(globalThis).not.toHaveProperty("gc");
  });
});
