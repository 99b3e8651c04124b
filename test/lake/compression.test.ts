import { execFileSync } from "node:child_process";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Compression, compressionOf, inflate, inflateHead } from "../../lake/compression.ts";

const object = { bucket: "raw", key: "object.gz" };
const text = Buffer.from(Array.from({ length: 5000 }, (_, i) => `line ${i} ${(i * 7919) % 1000}\n`).join(""));

/** `bzip2 -9` of "hello bzip2\n" repeated 20 times, made by bzip2 1.0.8. */
const BZIP2_HELLO = execFileSyncOrFixture();

function execFileSyncOrFixture(): Uint8Array | undefined {
  try {
    return execFileSync("bzip2", ["-9"], { input: "hello bzip2\n".repeat(20), stdio: ["pipe", "pipe", "ignore"] });
  } catch {
    return undefined;
  }
}

async function* blocksOf(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The text, and the error that ended it. */
async function unpack(bytes: Uint8Array, options: { size?: number; maxRatio?: number; maxBytes?: number } = {}) {
  const out: Uint8Array[] = [];
  const limits = { maxBytes: options.maxBytes ?? 1e9, maxRatio: options.maxRatio ?? 1e9, ratioFromBytes: 1e6 };
  const head = bytes.subarray(0, 16);
  try {
    for await (const block of inflate(blocksOf(bytes, options.size), compressionOf(head), { object, limits })) {
      out.push(block);
    }
  } catch (error) {
    return { text: Buffer.concat(out), error: error as Error };
  }
  return { text: Buffer.concat(out), error: undefined };
}

describe("compressionOf", () => {
  it("tells the packing by the first bytes", () => {
    const named: [Uint8Array, Compression][] = [
      [gzipSync(text), "gzip"],
      [zstdCompressSync(text), "zstd"],
      [Buffer.from("BZh91AY&SY"), "bzip2"],
      [text, "none"],
      [Buffer.from("BZh plain text"), "none"],
      [new Uint8Array(), "none"],
    ];
    for (const [bytes, compression] of named) expect(compressionOf(bytes)).toBe(compression);
  });
});

describe("inflateHead", () => {
  it.each([gzipSync(text), text])("gives the start of the text of a cut head", (packed) => {
    const head = inflateHead(packed.subarray(0, 4096), compressionOf(packed));
    expect(head.length).toBeGreaterThan(4000);
    expect(text.subarray(0, head.length).equals(head)).toBe(true);
  });

  it("gives the first block of zstd, which is up to 128 KiB of text", () => {
    const long = Buffer.from(Array.from({ length: 30_000 }, (_, i) => `line ${i} ${(i * 7919) % 1000}\n`).join(""));
    const packed = zstdCompressSync(long);
    const head = inflateHead(packed.subarray(0, packed.length - 100), "zstd");
    expect(head.length).toBeGreaterThanOrEqual(128 << 10);
    expect(long.subarray(0, head.length).equals(head)).toBe(true);
  });

  it("opens an archive within an archive", () => {
    const packed = gzipSync(gzipSync(text));
    const head = inflateHead(packed.subarray(0, 4096), "gzip");
    expect(Buffer.from(head).subarray(0, 6).toString()).toBe("line 0");
  });

  it("gives nothing of a damaged head", () => {
    expect(inflateHead(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]), "gzip").length).toBe(0);
  });
});

describe("inflate", () => {
  it("gives the text of archives of one or many members, however their bytes come", async () => {
    const members = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(members, fc.integer({ min: 1, max: 5000 }), async (sizes, size) => {
        const parts = sizes.map((length, i) => text.subarray(i * 100, i * 100 + length));
        const result = await unpack(Buffer.concat(parts.map((part) => gzipSync(part))), { size });
        expect(result.error).toBeUndefined();
        expect(result.text.equals(Buffer.concat(parts))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("gives the text of all zstd frames, and passes over those that hold none", async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 5 });
    const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 4000 }), fc.boolean(), async (lengths, size, hasChecksum) => {
        const params = { [constants.ZSTD_c_checksumFlag]: hasChecksum ? 1 : 0 };
        const parts = lengths.map((length, i) => text.subarray(i * 100, i * 100 + length));
        const frames = parts.flatMap((part) => [skippable, zstdCompressSync(part, { params })]);
        const result = await unpack(Buffer.concat([...frames, Buffer.from("tail")]), { size });
        expect(result.error).toBeUndefined();
        expect(result.text.equals(Buffer.concat(parts))).toBe(true);
      }),
      { numRuns: 40 },
    );
    const long = Buffer.concat(Array.from({ length: 40 }, () => text));
    const streamed = await unpack(Buffer.concat([zstdCompressSync(long), zstdCompressSync(text)]), { size: 1 << 16 });
    expect(streamed.text.equals(Buffer.concat([long, text]))).toBe(true);
  });

  it("passes over what follows the last member", async () => {
    const { text: got, error } = await unpack(Buffer.concat([gzipSync(text), Buffer.alloc(512)]));
    expect(error).toBeUndefined();
    expect(got.equals(text)).toBe(true);
  });

  it.each([gzipSync(text), zstdCompressSync(text)])(
    "gives the text before the cut, then CorruptArchive",
    async (packed) => {
      const { text: got, error } = await unpack(packed.subarray(0, packed.length * 0.7), { size: 100 });
      expect(error?.name).toBe("CorruptArchive");
      expect(error?.message).toContain("s3://raw/object.gz");
      if (packed[0] === 0x1f) expect(got.length).toBeGreaterThan(text.length / 2);
      expect(got.equals(text.subarray(0, got.length))).toBe(true);
    },
  );

  it("refuses a wrong checksum with CorruptArchive", async () => {
    const packed = gzipSync(text);
    packed[packed.length - 6]! ^= 1;
    const { text: got, error } = await unpack(packed);
    expect(error?.name).toBe("CorruptArchive");
    expect(got.equals(text.subarray(0, got.length))).toBe(true);
  });

  it("opens an archive within an archive, one level", async () => {
    const { text: got, error } = await unpack(gzipSync(zstdCompressSync(text)));
    expect(error).toBeUndefined();
    expect(got.equals(text)).toBe(true);
    const thrice = await unpack(gzipSync(gzipSync(gzipSync(text))));
    expect(compressionOf(thrice.text)).toBe("gzip");
  });

  it("stops bombs by ratio and by size", async () => {
    const bomb = gzipSync(Buffer.alloc(50e6));
    const byRatio = await unpack(bomb, { maxRatio: 100, size: 1 << 20 });
    expect(byRatio.error?.name).toBe("ArchiveTooLarge");
    expect(byRatio.text.length).toBeLessThan(10e6);
    const bySize = await unpack(bomb, { maxBytes: 5e6, size: 1 << 20 });
    expect(bySize.error?.name).toBe("ArchiveTooLarge");
    expect(bySize.text.length).toBeLessThanOrEqual(5e6);
    expect((await unpack(text, { maxBytes: 1000 })).error?.name).toBe("ArchiveTooLarge");
  });

  it.skipIf(!BZIP2_HELLO)("reads bzip2 (skipped where there is no bzip2 to pack with)", async () => {
    const pack = (bytes: Uint8Array) => execFileSync("bzip2", ["-1"], { input: bytes, maxBuffer: 1e8 });
    const runs = Buffer.concat([Buffer.alloc(3_000_00, "a"), text, Buffer.alloc(1000, "b"), Buffer.from("aaaab")]);
    for (const sample of [text, runs, Buffer.from("x"), Buffer.alloc(0)]) {
      const { text: got, error } = await unpack(pack(sample));
      expect(error).toBeUndefined();
      expect(got.equals(sample)).toBe(true);
    }
    const twice = await unpack(Buffer.concat([pack(text), BZIP2_HELLO!, Buffer.from("tail")]));
    expect(twice.text.toString()).toBe(text.toString() + "hello bzip2\n".repeat(20));
    const packed = pack(runs);
    expect((await unpack(packed.subarray(0, packed.length - 3))).error?.name).toBe("CorruptArchive");
    packed[30]! ^= 4;
    expect((await unpack(packed)).error?.name).toBe("CorruptArchive");
  });
});
