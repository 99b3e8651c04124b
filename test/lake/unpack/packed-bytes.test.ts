import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TruncatedArchive } from "../../../lake/errors.ts";
import { PackedBytes } from "../../../lake/unpack/packed-bytes.ts";
import { runs } from "../../tiers/depth.ts";
import { blocksOf, object } from "./unpack-whole.ts";

const bytes = Buffer.from(Array.from({ length: 300 }, (_, i) => i % 256));

describe("packed bytes", () => {
  it("come once and in order, however they are looked at, taken and handed back", async () => {
    const steps = fc.array(
      fc.tuple(fc.constantFrom("peek", "take", "block", "unread"), fc.integer({ min: 1, max: 90 })),
    );
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 100 }), async (actions, size) => {
        const packed = new PackedBytes(blocksOf(bytes, size));
        let at = 0;
        for (const [action, count] of actions) {
          expect(packed.offset).toBe(at);
          if (action === "peek") {
            const seen = await packed.peek(count);
            expect(seen.length).toBeGreaterThanOrEqual(Math.min(count, bytes.length - at));
            expect(bytes.subarray(at, at + seen.length).equals(seen)).toBe(true);
          } else if (action === "take") {
            const taken = await packed.take(count);
            if (at + count > bytes.length) expect(taken).toBeUndefined();
            else {
              expect(bytes.subarray(at, at + count).equals(taken!)).toBe(true);
              at += count;
            }
          } else {
            for await (const block of packed.blocks(40, count)) {
              expect(bytes.subarray(at, at + block.length).equals(block)).toBe(true);
              const back = action === "unread" ? Math.floor(block.length / 2) : 0;
              packed.unread(block.subarray(block.length - back));
              at += block.length - back;
              if (back > 0) break;
            }
          }
        }
        const rest = Buffer.concat(await Array.fromAsync(packed.all()));
        expect(rest.equals(bytes.subarray(at))).toBe(true);
        expect(bytes.equals(packed.tail)).toBe(true);
      }),
      { numRuns: runs(150) },
    );
  });

  it("remember that what they come from is cut, and say so after the last of them", async () => {
    const cut = new TruncatedArchive(object, "it is");
    const packed = new PackedBytes(
      (async function* () {
        yield bytes;
        throw cut;
      })(),
    );
    expect(await packed.peek(1000)).toHaveLength(300);
    expect(packed.cut).toBe(cut);
    const all = packed.all();
    expect((await all.next()).value).toHaveLength(300);
    await expect(all.next()).rejects.toBe(cut);
  });

  it("keep the last of them", async () => {
    const many = Buffer.from(Array.from({ length: 50_000 }, (_, i) => i % 251));
    for (const size of [700, 16_384, 40_000]) {
      const packed = new PackedBytes(blocksOf(many, size));
      for await (const _ of packed.all());
      expect(many.subarray(-16_384).equals(packed.tail)).toBe(true);
    }
  });

  it("cannot be passed over unseen", () => {
    expect(() => new PackedBytes(blocksOf(bytes)).skip(1)).toThrow(RangeError);
  });
});
