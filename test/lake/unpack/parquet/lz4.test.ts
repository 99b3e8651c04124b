import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unpackLz4Block, unpackLz4Frames } from "../../../../lake/unpack/parquet/lz4.ts";

/** A block of sequences: literals, then a match that refers back. */
interface Sequence {
  readonly literals: string;
  readonly offset: number;
  readonly match: number;
}

const longLength = (length: number): number[] => {
  if (length < 15) return [];
  const rest = length - 15;
  return [...Array.from({ length: Math.floor(rest / 255) }, () => 255), rest % 255];
};

/** Packs, and says what the text is, by the specification. */
function blockOf(sequences: readonly Sequence[], last: string): { block: Buffer; text: string } {
  const bytes: number[] = [];
  let text = "";
  for (const { literals, offset, match } of sequences) {
    bytes.push((Math.min(15, literals.length) << 4) | Math.min(15, match - 4), ...longLength(literals.length));
    bytes.push(...Buffer.from(literals, "latin1"));
    text += literals;
    const back = 1 + (offset % text.length);
    bytes.push(back & 255, back >> 8, ...longLength(match - 4));
    for (let i = 0; i < match; i++) text += text.at(-back)!;
  }
  bytes.push(Math.min(15, last.length) << 4, ...longLength(last.length), ...Buffer.from(last, "latin1"));
  return { block: Buffer.from(bytes), text: text + last };
}

const sequence = fc.record({
  literals: fc.string({ minLength: 1, maxLength: 600, unit: "grapheme-ascii" }),
  offset: fc.nat(65_000),
  match: fc.integer({ min: 4, max: 900 }),
});
const blocks = fc
  .tuple(fc.array(sequence, { maxLength: 6 }), fc.string({ minLength: 1, maxLength: 20, unit: "grapheme-ascii" }))
  .map(([sequences, last]) => blockOf(sequences, last));

const framed = (parts: readonly { block: Buffer; text: string }[]) =>
  Buffer.concat(
    parts.map(({ block, text }) => {
      const header = Buffer.alloc(8);
      header.writeUInt32BE(text.length, 0);
      header.writeUInt32BE(block.length, 4);
      return Buffer.concat([header, block]);
    }),
  );

describe("LZ4 of Parquet", () => {
  it("gives the text of bare blocks, and of blocks in Hadoop's frames", () => {
    fc.assert(
      fc.property(fc.array(blocks, { minLength: 1, maxLength: 3 }), (parts) => {
        const [{ block, text }] = parts as [{ block: Buffer; text: string }];
        expect(Buffer.from(unpackLz4Block(block, text.length)).toString("latin1")).toBe(text);
        expect(Buffer.from(unpackLz4Frames(block, text.length)).toString("latin1")).toBe(text);
        const whole = parts.map((part) => part.text).join("");
        expect(Buffer.from(unpackLz4Frames(framed(parts), whole.length)).toString("latin1")).toBe(whole);
      }),
    );
  });

  it("ends with an error on any damage that changes a length, and never beyond its text", () => {
    fc.assert(
      fc.property(blocks, fc.nat(), fc.nat(255), ({ block, text }, place, byte) => {
        const damaged = Buffer.from(block);
        damaged[place % block.length] = byte;
        for (const unpack of [unpackLz4Block, unpackLz4Frames]) {
          try {
            expect(unpack(damaged, text.length)).toHaveLength(text.length);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        }
      }),
    );
    expect(() => unpackLz4Block(Buffer.from([0x10]), 1)).toThrow(RangeError);
    expect(() => unpackLz4Block(Buffer.from([0x14, 0x61, 0, 0]), 9)).toThrow(/does not have/);
  });
});
