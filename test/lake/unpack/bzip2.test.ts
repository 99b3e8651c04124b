import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { has } from "../../tiers/inputs.ts";
import { someLines, unpackWhole } from "./unpack-whole.ts";

/** Made by Python's bz2 (libbzip2 1.0.8). */
const fixture = (name: string) => readFileSync(new URL(`fixtures/bzip2/${name}.bz2`, import.meta.url));
const twoBlocks = Buffer.from(Array.from({ length: 9000 }, (_, i) => `line ${i} ${(i * 7919) % 10}\n`).join(""));

function pack(bytes: Uint8Array, level = "-1"): Buffer {
  return execFileSync("bzip2", [level], { input: bytes, maxBuffer: 1e8, stdio: ["pipe", "pipe", "ignore"] });
}

describe("bzip2", () => {
  it("is read block by block, archive by archive, however its bytes come", async () => {
    expect(await unpackWhole(fixture("nothing"))).toEqual({ text: Buffer.alloc(0), error: undefined, warnings: [] });
    for (const size of [1, 333, 1 << 20]) {
      const packed = Buffer.concat([fixture("two-blocks"), fixture("nothing"), fixture("two-blocks")]);
      const { text, error, warnings } = await unpackWhole(packed, { size });
      expect({ error, warnings }).toEqual({ error: undefined, warnings: [] });
      expect(text.equals(Buffer.concat([twoBlocks, twoBlocks]))).toBe(true);
    }
    const runs = (await unpackWhole(fixture("runs"))).text.toString();
    expect(runs).toMatch(/^a{300000}line 0[\s\S]*b{1000}aaaab\n$/);
  });

  it("keeps the whole blocks of an archive that is cut", async () => {
    const { text, error } = await unpackWhole(fixture("two-blocks").subarray(0, -30));
    expect(error?.name).toBe("TruncatedArchive");
    expect(text.length).toBeGreaterThan(90_000);
    expect(twoBlocks.subarray(0, text.length).equals(text)).toBe(true);
    const footer = await unpackWhole(fixture("two-blocks").subarray(0, -1));
    expect(footer.error?.name).toBe("TruncatedArchive");
    expect(footer.text.equals(twoBlocks)).toBe(true);
  });

  it("refuses damaged blocks, wrong checksums, and randomised blocks", async () => {
    const damaged = (at: number, bits: number) => {
      const packed = Buffer.from(fixture("two-blocks"));
      packed[at]! ^= bits;
      return packed;
    };
    const cases: [Uint8Array, RegExp][] = [
      [damaged(12, 1), /the checksum of a block is wrong/],
      [damaged(14, 0x80), /randomised/],
      [damaged(4000, 0x10), /damaged at byte 4 /],
      [damaged(fixture("two-blocks").length - 2, 4), /the checksum of the archive is wrong/],
      [damaged(5, 1), /no block where one should begin/],
      [Buffer.concat([fixture("nothing"), damaged(1, 1)]), /seems to begin an archive/],
    ];
    for (const [packed, message] of cases) {
      const { error } = await unpackWhole(packed, { size: 5000 });
      expect(error?.name).toBe("CorruptArchive");
      expect(error?.message).toMatch(message);
    }
  });

  it("passes over what follows it, and tells", async () => {
    const { text, error, warnings } = await unpackWhole(Buffer.concat([fixture("two-blocks"), Buffer.from("tail")]));
    expect(error).toBeUndefined();
    expect(text.equals(twoBlocks)).toBe(true);
    expect(warnings).toEqual([expect.stringMatching(/^4 bytes from byte \d+ on follow/)]);
  });

  it.skipIf(!has("bzip2"))("reads what bzip2 packs (skipped where there is none)", async () => {
    const random = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i * 7919 + (i >> 3) * 104_729) % 251));
    const ramp = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i & 255));
    const runs = Buffer.concat(Array.from({ length: 600 }, (_, i) => Buffer.alloc(i, 97 + (i % 3))));
    for (const sample of [
      someLines(50_000),
      random,
      ramp,
      runs,
      Buffer.alloc(3_000_000),
      Buffer.from("aaaa"),
      Buffer.from("x"),
    ])
      for (const level of ["-1", "-9"]) {
        const { text, error } = await unpackWhole(pack(sample, level), { size: 1 << 16 });
        expect(error).toBeUndefined();
        expect(text.equals(sample)).toBe(true);
      }
  });
});
