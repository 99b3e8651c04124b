import { describe, expect, it } from "vitest";
import { discard } from "../../../lake/columns/young-garbage.ts";

const MIB = 1 << 20;

describe("discard", () => {
  it("keeps buffers that are done from piling up", () => {
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let i = 0; i < 200; i++) {
      discard(new Uint8Array(MIB).fill(i));
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    // Left alone it is 76 MiB. Eight wait to be collected, others for V8 to free them in a thread of its own.
    expect(most).toBeLessThan(48 * MIB);
  });

  it("leaves nobody a way to collect garbage", () => {
    discard(new Uint8Array(16 * MIB));
    expect(globalThis).not.toHaveProperty("gc");
  });
});
