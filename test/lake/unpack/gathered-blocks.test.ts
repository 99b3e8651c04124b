import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gatherBlocks } from "../../../lake/unpack/gathered-blocks.ts";
import { runs } from "../../tiers/depth.ts";

async function* blocks(lengths: readonly number[], error?: Error): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const length of lengths) {
    yield Uint8Array.from({ length }, (_, i) => (at + i) % 251);
    at += length;
  }
  if (error) throw error;
}

describe("gathered blocks", () => {
  it("have all bytes in order, and no small one before the last stands beside another", async () => {
    const lengths = fc.array(fc.oneof(fc.nat(3000), fc.nat(70_000)), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(lengths, async (sizes) => {
        const gathered = await Array.fromAsync(gatherBlocks(blocks(sizes)));
        const whole = Buffer.concat(await Array.fromAsync(blocks(sizes)));
        expect(Buffer.concat(gathered).equals(whole)).toBe(true);
        for (let i = 1; i < gathered.length; i++)
          expect(gathered[i - 1]!.length + gathered[i]!.length).toBeGreaterThan(8 << 10);
      }),
      { numRuns: runs(40) },
    );
  });

  it("come before an error", async () => {
    const got: number[] = [];
    await expect(async () => {
      for await (const bytes of gatherBlocks(blocks([3, 4], new TypeError("broken")))) got.push(bytes.length);
    }).rejects.toThrow("broken");
    expect(got).toEqual([7]);
  });
});
