import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { someLines, unpack } from "./unpack.ts";

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
const comment = Buffer.from(`${"a comment ".repeat(5000)}\0`);
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
        const result = await unpack(Buffer.concat(parts.flatMap((part) => [gzipSync(part), zeros])), { size });
        expect(result).toEqual({ text: Buffer.concat(parts), error: undefined, warnings: [] });
      }),
      { numRuns: 30 },
    );
  });

  it("may be split within a line and within a character", async () => {
    const line = Buffer.from("/caf\u00e9/\u65e5\u672c\r\n".repeat(5));
    for (let at = 0; at <= line.length; at++) {
      const { text: got } = await unpack(Buffer.concat([gzipSync(line.subarray(0, at)), gzipSync(line.subarray(at))]));
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
        const { text: got, error } = await unpack(member(text, options), { size });
        expect(error).toBeUndefined();
        expect(got.equals(text)).toBe(true);
      }
  });

  const damaged: [string, Uint8Array, RegExp][] = [
    ["a checksum", member(text, { crc: 1 }), /the checksum of the gzip member at byte 0 is wrong/],
    ["a length", member(text, { size: 1 }), /says that it holds 1 bytes, and holds/],
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
      const { error } = await unpack(packed, { size });
      expect(error?.name).toBe("CorruptArchive");
      expect(error?.message).toMatch(message);
      expect(error?.message).toContain("s3://raw/object.gz");
    }
  });

  it("may be followed by zeros, and by what is no archive, which is told", async () => {
    const zeros = await unpack(Buffer.concat([gzipSync(text), Buffer.alloc(70_000)]));
    expect(zeros).toEqual({ text, error: undefined, warnings: [] });
    const note = await unpack(Buffer.concat([gzipSync(text), Buffer.alloc(3), Buffer.from("a note\n")]), { size: 7 });
    expect(note.error).toBeUndefined();
    expect(note.text.equals(text)).toBe(true);
    expect(note.warnings).toEqual([expect.stringMatching(/^7 bytes from byte \d+ on follow the archive/)]);
  });

  it("are cut when the checksum, the length, or a header is not all there", async () => {
    const packed = member(text, { flags: 0x1e, fields: withHeaderCrc(0x1e, Buffer.concat([extra, name, name])) });
    for (const length of [11, 14, 20, 30, 40, packed.length - 8, packed.length - 4, packed.length - 1]) {
      const { error, text: got } = await unpack(packed.subarray(0, length));
      expect(error?.name).toBe("TruncatedArchive");
      expect(error?.message).toContain(`the gzip member at byte 0 breaks off at byte`);
      if (length >= packed.length - 8) expect(got.equals(text)).toBe(true);
    }
    const { error, text: got } = await unpack(Buffer.concat([packed, Buffer.of(0x1f)]));
    expect(error?.name).toBe("TruncatedArchive");
    expect(got.equals(text)).toBe(true);
  });

  it("lose the byte order mark that the text of a later one begins with, where a line begins", async () => {
    const mark = Buffer.of(0xef, 0xbb, 0xbf);
    const marked = Buffer.concat([mark, Buffer.from("two\n")]);
    const join = async (...parts: Uint8Array[]) =>
      (await unpack(Buffer.concat(parts.map((part) => gzipSync(part))), { size: 3 })).text.toString("latin1");
    expect(await join(marked, marked)).toBe(`${mark.toString("latin1")}two\ntwo\n`);
    expect(await join(Buffer.from("one\n"), mark, Buffer.from("three\n"))).toBe("one\nthree\n");
    expect(await join(Buffer.from("one"), marked)).toBe(`one${mark.toString("latin1")}two\n`);
  });

  it("are read in reasonable time when they are thousands", async () => {
    const parts = Array.from({ length: 3000 }, (_, i) => gzipSync(text.subarray(i % 200, (i % 200) + 100)));
    const { text: got, error } = await unpack(Buffer.concat(parts), { size: 1 << 16 });
    expect(error).toBeUndefined();
    expect(got).toHaveLength(300_000);
  }, 20_000);
});

function damage(packed: Uint8Array, at: number): Uint8Array {
  const copy = Buffer.from(packed);
  copy[at]! ^= 0x10;
  return copy;
}
