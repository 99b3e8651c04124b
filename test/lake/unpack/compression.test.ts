import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../../lake/unpack/archive.ts";
import {
  type Compression,
  checkForBomb,
  compressionOf,
  UntilTruncated,
  unpack,
  unpackHead,
} from "../../../lake/unpack/compression.ts";
import { isThorough, runs } from "../../tiers/depth.ts";
import { blocksOf, object, someLines, unpackWhole } from "./unpack-whole.ts";

const text = someLines(2000);
const bzip2 = readFileSync(new URL("fixtures/bzip2/two-blocks.bz2", import.meta.url));

/** As the `zstd` tool writes it. */
function checkedZstd(bytes: Uint8Array): Buffer {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
}

describe("compressionOf", () => {
  it("tells the packing by the first bytes", () => {
    const named: [Uint8Array, Compression][] = [
      [gzipSync(text), "gzip"],
      [zstdCompressSync(text), "zstd"],
      [Buffer.of(0x5a, 0x2a, 0x4d, 0x18, 0, 0, 0, 0), "zstd"],
      [Buffer.from("BZh91AY&SY"), "bzip2"],
      [text, "none"],
      [Buffer.from("BZh plain text"), "none"],
      [new Uint8Array(), "none"],
    ];
    for (const [bytes, compression] of named) expect(compressionOf(bytes)).toBe(compression);
  });
});

describe("unpackHead", () => {
  it.each([gzipSync(text), text])("gives the start of the text of a head that ends anywhere", async (packed) => {
    const { text: head, goesOn } = await unpackHead(packed.subarray(0, 4096), compressionOf(packed));
    expect(head.length).toBeGreaterThan(4000);
    expect(text.subarray(0, head.length).equals(head)).toBe(true);
    expect(goesOn).toBe(packed !== text);
  });

  it("gives the first blocks of zstd and bzip2", async () => {
    const long = someLines(30_000);
    const packed = zstdCompressSync(long);
    const { text: head } = await unpackHead(packed.subarray(0, packed.length - 100), "zstd");
    expect(head.length).toBeGreaterThanOrEqual(128 << 10);
    expect(long.subarray(0, head.length).equals(head)).toBe(true);
    expect((await unpackHead(bzip2.subarray(0, -100), "bzip2")).text.length).toBeGreaterThan(50_000);
  });

  it("opens an archive within an archive", async () => {
    const { text: head } = await unpackHead(gzipSync(gzipSync(text)).subarray(0, 4096), "gzip");
    expect(Buffer.from(head).subarray(0, 6).toString()).toBe("line 0");
  });

  it("gives the text of a small archive that something follows", async () => {
    const { text: head } = await unpackHead(Buffer.concat([gzipSync(text), Buffer.from("tail")]), "gzip");
    expect(text.equals(head)).toBe(true);
  });

  it("says of which object it is that it needs a dictionary", async () => {
    const head = Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0x02, 0x50, 0xd2, 0x04, 1, 0, 0);
    await expect(unpackHead(head, "zstd", object)).rejects.toThrow(/s3:\/\/raw\/object.gz: .* dictionary 1234/);
  });

  it("gives nothing of a damaged head", async () => {
    const damaged = Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);
    expect(await unpackHead(damaged, "gzip")).toEqual({ text: Buffer.alloc(0), goesOn: false });
  });
});

describe("unpack", () => {
  it("opens an archive within an archive, one level", async () => {
    const { text: got, error } = await unpackWhole(gzipSync(zstdCompressSync(text)));
    expect(error).toBeUndefined();
    expect(got.equals(text)).toBe(true);
    expect((await unpackWhole(zstdCompressSync(bzip2))).text).toEqual((await unpackWhole(bzip2)).text);
    const thrice = await unpackWhole(gzipSync(gzipSync(gzipSync(text))));
    expect(compressionOf(thrice.text)).toBe("gzip");
  });

  it("gives all text before the cut of the outer or the inner archive", async () => {
    const outer = await unpackWhole(gzipSync(gzipSync(text), { level: 0 }).subarray(0, -100));
    const inner = await unpackWhole(gzipSync(gzipSync(text).subarray(0, -78)));
    for (const { error, text: got } of [outer, inner]) {
      expect(error?.name).toBe("TruncatedArchive");
      expect(got.length).toBeGreaterThan(text.length / 2);
      expect(text.subarray(0, got.length).equals(got)).toBe(true);
    }
    expect(outer.error?.message).toMatch(/gzip member at byte 0 breaks off at byte \d+/);
  });

  it("refuses an archive that one of another kind follows, whose lines would be lost", async () => {
    const archives = [gzipSync(text), zstdCompressSync(text), bzip2];
    for (const first of archives)
      for (const second of archives) {
        const { error } = await unpackWhole(Buffer.concat([first, second]));
        if (first === second) expect(error).toBeUndefined();
        else
          expect(error).toMatchObject({
            name: "CorruptArchive",
            message: expect.stringContaining(
              `an archive of another kind follows at byte ${first.length}. Deliver them`,
            ),
          });
      }
  });

  it("reads plain text as it is", async () => {
    for (const plain of [text, Buffer.from("x"), Buffer.alloc(0)])
      expect(await unpackWhole(plain)).toEqual({ text: plain, error: undefined, warnings: [] });
  });

  it("stops bombs by ratio and by size, early", async () => {
    const bomb = gzipSync(Buffer.alloc(50e6));
    const limits = { ratioFromBytes: 1e6, maxRatio: 100 };
    const byRatio = await unpackWhole(bomb, { size: 1 << 20, limits });
    expect(byRatio.error?.name).toBe("ArchiveTooLarge");
    expect(byRatio.error?.message).toMatch(/raise maxUnpackedRatio/);
    expect(byRatio.text.length).toBeLessThan(10e6);
    const bySize = await unpackWhole(bomb, { size: 1 << 20, limits: { maxBytes: 5e6 } });
    expect(bySize.error?.name).toBe("ArchiveTooLarge");
    expect(bySize.error?.message).toMatch(/raise maxUnpackedBytes/);
    expect(bySize.text.length).toBeLessThanOrEqual(5e6);
    expect((await unpackWhole(text, { limits: { maxBytes: 1000 } })).error?.name).toBe("ArchiveTooLarge");
    const nested = await unpackWhole(gzipSync(bomb), { size: 1 << 20, limits });
    expect(nested.error?.name).toBe("ArchiveTooLarge");
  });

  it("holds little of a bomb in memory, though one block of it unpacks to a thousand", async () => {
    const bomb = gzipSync(Buffer.alloc(120 << 20));
    const limits = { ...DEFAULT_LIMITS, maxRatio: 2000 };
    const before = process.memoryUsage().rss;
    let peak = 0;
    for await (const _ of unpack(blocksOf(bomb, 1 << 20), "gzip", { object, limits })) {
      peak = Math.max(peak, process.memoryUsage().rss);
      await new Promise((resolve) => setImmediate(resolve));
      if (peak - before > 100e6) break;
    }
    expect(peak - before).toBeLessThan(100e6);
  });

  it("lets go of the source when whoever takes the text stops", async () => {
    let isClosed = false;
    async function* source() {
      try {
        yield* blocksOf(gzipSync(gzipSync(randomBytes(300_000))));
        await new Promise(() => {});
      } finally {
        isClosed = true;
      }
    }
    for await (const _ of unpack(source(), "gzip", { object })) break;
    expect(isClosed).toBe(true);
  });

  it("lets errors of the source through as they are", async () => {
    async function* broken() {
      yield gzipSync(text).subarray(0, 100);
      throw new TypeError("the connection is gone");
    }
    await expect(Array.fromAsync(unpack(broken(), "gzip", { object }))).rejects.toThrow(TypeError);
  });
});

describe("checkForBomb", () => {
  it("tells bombs from what only is no log", async () => {
    const probe = (bytes: Uint8Array, limits = { ...DEFAULT_LIMITS, ratioFromBytes: 4e6 }) =>
      checkForBomb(blocksOf(bytes, 1 << 16), "gzip", { object, limits });
    await expect(probe(gzipSync(Buffer.alloc(5e6)))).rejects.toMatchObject({ name: "ArchiveTooLarge" });
    await expect(probe(gzipSync(Buffer.alloc(5e5)))).resolves.toBeUndefined();
    await expect(probe(gzipSync(Buffer.alloc(5e5)).subarray(0, -4))).resolves.toBeUndefined();
    await expect(probe(gzipSync(Buffer.alloc(5e6), { level: 0 }))).resolves.toBeUndefined();
  });
});

describe.each([
  ["gzip", gzipSync(text.subarray(0, 3000)), gzipSync(text.subarray(3000, 3050))],
  ["zstd", checkedZstd(text.subarray(0, 3000)), checkedZstd(text.subarray(3000, 3050))],
  ["bzip2", readFileSync(new URL("fixtures/bzip2/runs.bz2", import.meta.url)), bzip2.subarray(0, 14)],
] as const)("a %s archive that is cut", (_, first, second) => {
  const packed = Buffer.concat([first, second]);
  const whole = unpackWhole(packed);

  it("gives the text before the cut, the same however its bytes come, then TruncatedArchive", async () => {
    const { text: original } = await whole;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 5, max: packed.length - 1 }),
        fc.integer({ min: 1, max: 4000 }),
        async (n, size) => {
          const cut = await unpackWhole(packed.subarray(0, n), { size });
          // Where the first member ends, the archive is whole.
          if (n === first.length) expect(cut.error).toBeUndefined();
          else expect(cut.error?.name).toBe("TruncatedArchive");
          expect(original.subarray(0, cut.text.length).equals(cut.text)).toBe(true);
          if (n >= first.length) expect(cut.text.length).toBeGreaterThanOrEqual(Math.min(3000, original.length - 50));
          expect((await unpackWhole(packed.subarray(0, n), { size: n })).text.equals(cut.text)).toBe(true);
        },
      ),
      { numRuns: runs(50) },
    );
  });

  it("never hangs nor gives more than CorruptArchive allows when a bit is wrong", async () => {
    const names = new Set<string | undefined>();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 5 * 8, max: 8 * packed.length - 1 }), async (bit) => {
        const damaged = Buffer.from(packed);
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        const { text: got, error } = await unpackWhole(damaged, { size: 500 });
        names.add(error?.name);
        const { text: original } = await whole;
        // Text that comes without an error, or before a cut, is right.
        if (error === undefined || error.name === "TruncatedArchive")
          expect(original.subarray(0, got.length).equals(got)).toBe(true);
        else expect(["CorruptArchive", "ArchiveTooLarge", "UnknownFormat"]).toContain(error.name);
      }),
      { numRuns: runs(60) },
    );
    // A handful of cases may miss it.
    if (isThorough) expect([...names]).toContain("CorruptArchive");
  });
});

describe("UntilTruncated", () => {
  it("ends where the archive is cut and remembers why", async () => {
    const cut = new UntilTruncated(unpack(blocksOf(gzipSync(text).subarray(0, 1000)), "gzip", { object }));
    expect((await Array.fromAsync(cut)).length).toBeGreaterThan(0);
    expect(cut.cut?.name).toBe("TruncatedArchive");
    const whole = new UntilTruncated(unpack(blocksOf(gzipSync(text)), "gzip", { object }));
    expect(Buffer.concat(await Array.fromAsync(whole)).equals(text)).toBe(true);
    expect(whole.cut).toBeUndefined();
  });

  it("lets other errors through", async () => {
    const damaged = gzipSync(text);
    damaged[damaged.length - 6]! ^= 1;
    const bytes = new UntilTruncated(unpack(blocksOf(damaged), "gzip", { object }));
    await expect(Array.fromAsync(bytes)).rejects.toThrow(/checksum/);
  });
});
