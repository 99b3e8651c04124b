import { constants, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../tiers/depth.ts";
import { someLines, unpackWhole } from "./unpack-whole.ts";

const text = someLines(1000);
const skippable = Buffer.of(0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);
const checked = (bytes: Uint8Array) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });

describe("the frames of a zstd archive", () => {
  it("are one text, and those that hold none are passed over", async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 4000 }), fc.boolean(), async (lengths, size, hasChecksum) => {
        const pack = hasChecksum ? checked : zstdCompressSync;
        const parts = lengths.map((length, i) => text.subarray(i * 100, i * 100 + length));
        const packed = Buffer.concat(parts.flatMap((part) => [skippable, pack(part)]));
        expect(await unpackWhole(packed, { size })).toEqual({
          text: Buffer.concat(parts),
          error: undefined,
          warnings: [],
        });
      }),
      { numRuns: runs(40) },
    );
    const long = Buffer.concat(Array.from({ length: 40 }, () => text));
    const streamed = await unpackWhole(Buffer.concat([zstdCompressSync(long), zstdCompressSync(text)]), {
      size: 1 << 16,
    });
    expect(streamed.text.equals(Buffer.concat([long, text]))).toBe(true);
  });

  it("may be followed by what is no frame, which is told", async () => {
    const {
      warnings,
      error,
      text: got,
    } = await unpackWhole(Buffer.concat([zstdCompressSync(text), Buffer.from("tail")]));
    expect(error).toBeUndefined();
    expect(got.equals(text)).toBe(true);
    expect(warnings).toEqual([expect.stringMatching(/^4 bytes from byte \d+ on follow the archive/)]);
  });

  it("are cut when the checksum or a part of a frame that holds no text is missing", async () => {
    for (const packed of [checked(text).subarray(0, -2), Buffer.concat([checked(text), skippable.subarray(0, -1)])]) {
      const { error, text: got } = await unpackWhole(packed);
      expect(error?.name).toBe("TruncatedArchive");
      expect(got.equals(text)).toBe(true);
    }
    const nothing = await unpackWhole(skippable.subarray(0, 6));
    expect(nothing.error?.name).toBe("TruncatedArchive");
  });

  it("are refused when a checksum, a block or the beginning of a later one is wrong", async () => {
    const wrongChecksum = checked(text);
    wrongChecksum[wrongChecksum.length - 1]! ^= 1;
    const wrongBlock = checked(text);
    wrongBlock[700]! ^= 0xff;
    const wrongMagic = zstdCompressSync(text);
    wrongMagic[2]! ^= 1;
    for (const packed of [wrongChecksum, wrongBlock, Buffer.concat([checked(text), wrongMagic])]) {
      const { error } = await unpackWhole(packed);
      expect(error?.name).toBe("CorruptArchive");
    }
  });

  it("are refused when they need too much memory, or a dictionary, with what to do about it", async () => {
    // Window of 4 GiB; then a dictionary, 1234.
    const large = await unpackWhole(Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 22 << 3, 1, 0, 0));
    expect(large.error).toMatchObject({ name: "ArchiveTooLarge", message: expect.stringContaining("--long=27") });
    const dictionary = await unpackWhole(Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0x02, 0x50, 0xd2, 0x04, 1, 0, 0));
    expect(dictionary.error).toMatchObject({
      name: "UnknownFormat",
      message: expect.stringMatching(/dictionary 1234.*Have it packed without one$/),
    });
  });

  it("may remember as much as zstd --long=27", async () => {
    const params = { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_enableLongDistanceMatching]: 1 };
    expect((await unpackWhole(zstdCompressSync(text, { params }))).text.equals(text)).toBe(true);
  });

  it("stop as bombs when one block is a run", async () => {
    const { error } = await unpackWhole(zstdCompressSync(Buffer.alloc(100 << 20)), { size: 1 << 20 });
    expect(error?.name).toBe("ArchiveTooLarge");
  });
});
