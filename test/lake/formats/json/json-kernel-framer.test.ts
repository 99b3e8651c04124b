import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clickstreamText } from "../../../../bench/columns/generate.ts";
import { JsonFramer } from "../../../../lake/formats/json/json-framer.ts";
import { KernelJsonFramer } from "../../../../lake/formats/json/json-kernel-framer.ts";
import { runs } from "../../../tiers/depth.ts";

/** Of what decides, and of what fills the 64 bytes of a step. */
const piece = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...'{}[]",:\\\n\r\t a1') },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '{"a":"b,"}\n',
      '{"a":{"b":[1,{}]}}\n',
      '"\\\\"',
      '"\\""',
      '"\\"',
      "\\\\\\",
      "\n\n\n",
      "0123456789abcdef",
      "日本",
      '"0123456789abcdef{}\\u00e9"',
    ),
  },
);
const blocks = fc.array(
  fc.array(piece, { maxLength: 120 }).map((pieces) => Buffer.from(pieces.join(""))),
  {
    maxLength: 6,
  },
);

describe("the kernel's framer of JSON", () => {
  it("cuts where the reference does, whatever the text and its blocks", () => {
    fc.assert(
      fc.property(blocks, (texts) => {
        const kernel = new KernelJsonFramer();
        const reference = new JsonFramer(false);
        for (const text of texts) {
          const cut = reference.follow(text, false);
          expect(kernel.follow(text, false)).toBe(cut);
          expect(kernel.lineFeeds).toBe(text.subarray(0, cut).filter((byte) => byte === 0x0a).length);
        }
        expect(kernel.follow(Buffer.from("\n"), true)).toBe(reference.follow(Buffer.from("\n"), true));
      }),
      { numRuns: runs(500) },
    );
  });

  it("follows a text that is larger than what it takes at a time", () => {
    const text = Buffer.concat([...clickstreamText({ rows: 2000, seed: 4 })]);
    expect(text.length).toBeGreaterThan(1 << 20);
    for (const end of [text.length, 600_001, (256 << 10) + 1, 256 << 10]) {
      const part = text.subarray(0, end);
      const cut = new KernelJsonFramer().follow(part, false);
      expect(cut).toBe(part.lastIndexOf("\n") + 1);
      expect(cut).toBe(new JsonFramer(false).follow(part, false));
    }
  });

  it("is not made slow by a megabyte of line ends", () => {
    const text = Buffer.alloc(1 << 20, "\n");
    const startMs = performance.now();
    expect(new KernelJsonFramer().follow(text, false)).toBe(text.length);
    expect(performance.now() - startMs).toBeLessThan(2000);
  });
});
