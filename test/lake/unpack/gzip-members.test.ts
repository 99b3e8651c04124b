import { constants, crc32, deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unpack } from "../../../lake/unpack/compression.ts";
import { runs, size as sized } from "../../tiers/depth.ts";
import { blocksOf, object, someLines, unpackWhole } from "./unpack-whole.ts";

const text = someLines(200);

interface MemberOptions {
  flags?: number;
  method?: number;
  /** What stands between the fixed part of the header and the packed data. */
  fields?: Uint8Array;
  crc?: number;
  size?: number;
}

/** A member made by hand. */
function member(of: Uint8Array, { flags = 0, method = 8, fields = Buffer.alloc(0), crc, size }: MemberOptions = {}) {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc ?? crc32(of));
  trailer.writeUInt32LE(size ?? of.length, 4);
  const head = Buffer.of(0x1f, 0x8b, method, flags, 1, 2, 3, 4, 0, 255);
  return Buffer.concat([head, fields, deflateRawSync(of), trailer]);
}

const extra = Buffer.concat([Buffer.of(5, 0), Buffer.from("a\0b\0c")]);
const name = Buffer.from("access.log\0");
const comment = Buffer.from(`${"a comment ".repeat(sized(5000, 300))}\0`);
const withHeaderCrc = (flags: number, fields: Uint8Array, wrongBits = 0) => {
  const head = Buffer.concat([Buffer.of(0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255), fields]);
  const crc = (crc32(head) & 0xffff) ^ wrongBits;
  return Buffer.concat([fields, Buffer.of(crc & 255, crc >> 8)]);
};

describe("the members of a gzip archive", () => {
  it("are one text, however many and however their bytes come", async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 20, max: 5000 }), fc.nat(2), async (lengths, size, padding) => {
        const parts = lengths.map((length, i) => text.subarray(i * 50, i * 50 + length));
        const zeros = Buffer.alloc(padding * 300);
        const result = await unpackWhole(Buffer.concat(parts.flatMap((part) => [gzipSync(part), zeros])), { size });
        expect(result).toEqual({ text: Buffer.concat(parts), error: undefined, warnings: [] });
      }),
      { numRuns: runs(30) },
    );
  });

  it("may be split within a line and within a character", async () => {
    const line = Buffer.from("/caf\u00e9/\u65e5\u672c\r\n".repeat(5));
    for (let at = 0; at <= line.length; at++) {
      const { text: got } = await unpackWhole(
        Buffer.concat([gzipSync(line.subarray(0, at)), gzipSync(line.subarray(at))]),
      );
      expect(got.equals(line)).toBe(true);
    }
  });

  it("may have all fields of a header", async () => {
    const headers: MemberOptions[] = [
      { flags: 0x04, fields: extra },
      { flags: 0x08, fields: name },
      { flags: 0x10, fields: comment },
      { flags: 0x1d, fields: Buffer.concat([extra, name, comment]) },
      { flags: 0x02, fields: withHeaderCrc(0x02, Buffer.alloc(0)) },
      { flags: 0x1e, fields: withHeaderCrc(0x1e, Buffer.concat([extra, name, comment])) },
    ];
    for (const options of headers)
      for (const size of [1, 1000, 1 << 20]) {
        const { text: got, error } = await unpackWhole(member(text, options), { size });
        expect(error).toBeUndefined();
        expect(got.equals(text)).toBe(true);
      }
  });

  const damaged: [string, Uint8Array, RegExp][] = [
    ["a checksum", member(text, { crc: 1 }), /the checksum of the gzip member at byte 0 is wrong/],
    ["a length", member(text, { size: 1 }), /the length of the gzip member at byte 0 is wrong: it holds 2464 bytes/],
    ["a method", member(text, { method: 7 }), /packed by method 7/],
    ["a reserved flag", member(text, { flags: 0x20 }), /flags that gzip does not know/],
    ["the checksum of a header", member(text, { flags: 2, fields: withHeaderCrc(2, Buffer.alloc(0), 4) }), /header/],
    ["packed data", damage(member(text), 300), /is damaged|checksum/],
    ["a later member", Buffer.concat([member(text), damage(member(text), 300)]), /the gzip member at byte \d{3,4} is/],
    ["the end of the packed data", damage(member(text), member(text).length - 10), /damaged|checksum/],
    ["the first byte of a later member", Buffer.concat([member(text), damage(member(text), 0)]), /seems to begin/],
    ["what follows and begins as a member", Buffer.concat([member(text), Buffer.of(0x1f, 0x8b, 0x47, 1)]), /method 71/],
    ["something between members", Buffer.concat([member(text), Buffer.from("some note"), member(text)]), /to follow/],
  ];
  it.each(damaged)("are refused when %s is wrong", async (_, packed, message) => {
    for (const size of [1, 700, 1 << 20]) {
      const { error } = await unpackWhole(packed, { size });
      expect(error?.name).toBe("CorruptArchive");
      expect(error?.message).toMatch(message);
      expect(error?.message).toContain("s3://raw/object.gz");
    }
  });

  it("may be followed by zeros, and by what is no archive, which is told", async () => {
    const zeros = await unpackWhole(Buffer.concat([gzipSync(text), Buffer.alloc(70_000)]));
    expect(zeros).toEqual({ text, error: undefined, warnings: [] });
    const note = await unpackWhole(Buffer.concat([gzipSync(text), Buffer.alloc(3), Buffer.from("a note\n")]), {
      size: 7,
    });
    expect(note.error).toBeUndefined();
    expect(note.text.equals(text)).toBe(true);
    expect(note.warnings).toEqual([expect.stringMatching(/^7 bytes from byte \d+ on follow the archive/)]);
  });

  it("are cut when the checksum, the length, or a header is not all there", async () => {
    const packed = member(text, { flags: 0x1e, fields: withHeaderCrc(0x1e, Buffer.concat([extra, name, name])) });
    for (const length of [11, 14, 20, 30, 40, packed.length - 8, packed.length - 4, packed.length - 1]) {
      const { error, text: got } = await unpackWhole(packed.subarray(0, length));
      expect(error?.name).toBe("TruncatedArchive");
      expect(error?.message).toContain(`the gzip member at byte 0 breaks off at byte ${length}`);
      if (length >= packed.length - 8) expect(got.equals(text)).toBe(true);
    }
    const { error, text: got } = await unpackWhole(Buffer.concat([packed, Buffer.of(0x1f)]));
    expect(error?.name).toBe("TruncatedArchive");
    expect(got.equals(text)).toBe(true);
  });

  it("lose the byte order mark that the text of a later one begins with, where a line begins", async () => {
    const mark = Buffer.of(0xef, 0xbb, 0xbf);
    const marked = Buffer.concat([mark, Buffer.from("two\n")]);
    const join = async (...parts: Uint8Array[]) =>
      (await unpackWhole(Buffer.concat(parts.map((part) => gzipSync(part))), { size: 3 })).text.toString("latin1");
    expect(await join(marked, marked)).toBe(`${mark.toString("latin1")}two\ntwo\n`);
    expect(await join(Buffer.from("one\n"), mark, Buffer.from("three\n"))).toBe("one\nthree\n");
    expect(await join(Buffer.from("one"), marked)).toBe(`one${mark.toString("latin1")}two\n`);
  });

  it("are read in reasonable time, and as few blocks, when they are thousands", async () => {
    const part = gzipSync(text.subarray(0, 100));
    const archive = Buffer.concat(Array.from({ length: 20_000 }, () => part));
    const blocks = await Array.fromAsync(unpack(blocksOf(archive, 1 << 16), "gzip", { object }));
    expect(
      Buffer.concat(blocks).equals(Buffer.concat(Array.from({ length: 20_000 }, () => text.subarray(0, 100)))),
    ).toBe(true);
    expect(blocks.length).toBeLessThan(100);
  }, 20_000);

  it("may be small and large in any order", async () => {
    const long = someLines(60_000);
    const parts = [text, long, text, Buffer.alloc(0), long.subarray(0, 300_000), long.subarray(0, 250_000), long, text];
    for (const size of [5000, 1 << 16, 1 << 20]) {
      const { text: got, error } = await unpackWhole(Buffer.concat(parts.map((part) => gzipSync(part))), { size });
      expect(error).toBeUndefined();
      expect(got.equals(Buffer.concat(parts))).toBe(true);
    }
  });

  it("stop as bombs though each of them is small", async () => {
    const part = gzipSync(Buffer.alloc(200_000));
    const bomb = Buffer.concat(Array.from({ length: 1000 }, () => part));
    const limits = { ratioFromBytes: 1e6, maxRatio: 100 };
    const { error, text: got } = await unpackWhole(bomb, { size: 1 << 16, limits });
    expect(error?.name).toBe("ArchiveTooLarge");
    expect(got.length).toBeLessThan(20e6);
  });

  it("are damaged, not cut, when what there is of the checksum is wrong", async () => {
    const packed = member(text, { crc: (crc32(text) ^ 1) >>> 0 });
    for (const missing of [1, 4, 7]) {
      const { error } = await unpackWhole(packed.subarray(0, packed.length - missing));
      expect(error?.name).toBe("CorruptArchive");
      expect(error?.message).toMatch(/checksum/);
    }
    expect((await unpackWhole(packed.subarray(0, -8))).error?.name).toBe("TruncatedArchive");
  });

  /** Text in which no end is found: a final block of fixed codes with the code of its end left out. */
  const endless = (size: number) => {
    const head = Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3);
    const packed = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH });
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(crc32(text));
    trailer.writeUInt32LE(size, 4);
    // A stored block that is longer than what follows.
    return Buffer.concat([head, packed, Buffer.of(0, 200, 0, 55, 255), trailer]);
  };

  it("are damaged, not cut, when they have a trailer and their text goes on", async () => {
    for (const archive of [
      endless(text.length),
      Buffer.concat([endless(0x7fffffff), gzipSync(text.subarray(0, 60))]),
      Buffer.concat([endless(0x7fffffff), Buffer.alloc(30)]),
    ]) {
      const { error } = await unpackWhole(archive);
      expect(error?.name).toBe("CorruptArchive");
      expect(error?.message).toMatch(/its text has no end, and it has one/);
    }
    // Nothing at the end of this one says so.
    expect((await unpackWhole(endless(0x7fffffff))).error?.name).toBe("TruncatedArchive");
  });

  it("are cut, not damaged, though packed data or a header ends in zeros", async () => {
    const ones = gzipSync(Buffer.from("0".repeat(3e6)));
    expect((await unpackWhole(ones.subarray(0, 1500))).error?.name).toBe("TruncatedArchive");
    // As Java writes it: no time, no system.
    const java = Buffer.concat([gzipSync(text), Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0)]);
    const { error, text: got } = await unpackWhole(java);
    expect(error?.name).toBe("TruncatedArchive");
    expect(got.equals(text)).toBe(true);
  });

  it("are cut wherever an archive of stored archives is", async () => {
    const noise = Buffer.from(Array.from({ length: 6000 }, (_, i) => crc32(Buffer.of(i & 255, i >> 8)) & 255));
    const inner = Array.from({ length: 8 }, () => gzipSync(noise));
    const packed = gzipSync(Buffer.concat(inner), { level: 0 });
    // Where one of the inner ones ends, nobody can tell.
    const ends = new Set(inner.map((_, i) => 15 + Buffer.concat(inner.slice(0, i + 1)).length));
    for (let length = 40; length < packed.length; length += 97) {
      const { error } = await unpackWhole(packed.subarray(0, length), { size: 1 << 16 });
      if (!ends.has(length)) expect(error?.name).toBe("TruncatedArchive");
    }
  });
});

function damage(packed: Uint8Array, at: number): Uint8Array {
  const copy = Buffer.from(packed);
  copy[at]! ^= 0x10;
  return copy;
}
