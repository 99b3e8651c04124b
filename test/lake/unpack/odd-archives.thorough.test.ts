/** Archives as they come: what becomes of each on its way through detection and unpacking. */
import { readFileSync } from "node:fs";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { formatOf } from "../../../lake/formats/index.ts";
import { acceptedFormat } from "../../../lake/sources/detection.ts";
import { checkForBomb, compressionOf, unpackHead } from "../../../lake/unpack/compression.ts";
import { blocksOf, object, unpackWhole } from "./unpack-whole.ts";

const FIELDS = "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status\n";
const rows = Array.from(
  { length: 1500 },
  (_, i) => `2026-01-17\t10:00:${10 + (i % 50)}\t192.0.2.${i % 256}\tGET\t/p/${(i * 104_729) % 9973}.png\t200\n`,
);
const log = Buffer.from(FIELDS + rows.join(""));
const [first, second] = [log.subarray(0, 20_000), log.subarray(20_000)];
const mark = Buffer.of(0xef, 0xbb, 0xbf);
const zeros = (count: number) => Buffer.alloc(count);
const text = (of: string) => Buffer.from(of, "latin1");
const join = (...parts: Uint8Array[]) => Buffer.concat(parts);
const flip = (bytes: Uint8Array, at: number) => {
  const copy = Buffer.from(bytes);
  copy[at < 0 ? copy.length + at : at]! ^= 0x10;
  return copy;
};
const gzip = gzipSync(log);
const zstd = zstdCompressSync(log);
const skippable = Buffer.of(0x5a, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2);
const bzip2 = readFileSync(new URL("fixtures/bzip2/cloudfront.bz2", import.meta.url));
const emptyBzip2 = readFileSync(new URL("fixtures/bzip2/nothing.bz2", import.meta.url));
const bomb = gzipSync(zeros(80e6));
const lines = gzipSync(text(FIELDS + rows.slice(0, 2).join("").repeat(800_000)));
const manyMembers = join(gzipSync(text(FIELDS)), ...rows.map((row) => gzipSync(text(row))));

type Outcome =
  | "whole"
  | "warned"
  | "nothing"
  | "TruncatedArchive"
  | "CorruptArchive"
  | "ArchiveTooLarge"
  | "UnknownFormat";

/** As Detect format and Decompress do, for a source of CloudFront logs. */
async function outcomeOf(bytes: Uint8Array): Promise<{ outcome: Outcome; text: Buffer }> {
  try {
    const compression = compressionOf(bytes);
    const head = await unpackHead(bytes.subarray(0, 16 << 10), compression, object);
    if (head.text.length > 0) {
      if (formatOf(head.text) === undefined) await checkForBomb(blocksOf(bytes, 1 << 16), compression, { object });
      acceptedFormat(object, head.text, "cloudfront");
    }
  } catch (error) {
    return { outcome: (error as Error).name as Outcome, text: zeros(0) };
  }
  const { text, error, warnings } = await unpackWhole(bytes, { size: 1 << 16 });
  const ended = text.length === 0 ? "nothing" : warnings.length > 0 ? "warned" : "whole";
  return { outcome: error ? (error.name as Outcome) : ended, text };
}

const odd: readonly [string, Uint8Array, Outcome][] = [
  ["plain text under a name that ends in .gz", log, "whole"],
  ["a member for each row", manyMembers, "whole"],
  ["members split within a line", join(gzipSync(first), gzipSync(second)), "whole"],
  ["empty members around", join(gzipSync(""), gzipSync(first), gzipSync(""), gzipSync(second), gzipSync("")), "whole"],
  ["nothing but empty members", join(gzipSync(""), gzipSync("")), "nothing"],
  ["zeros after it", join(gzip, zeros(10_000)), "whole"],
  ["a member after zeros", join(gzipSync(first), zeros(512), gzipSync(second)), "whole"],
  ["a line end after it", join(gzip, text("\n")), "warned"],
  ["0xff after it", join(gzip, zeros(99).fill(255)), "warned"],
  ["a note after it", join(gzip, text("uploaded by cron")), "warned"],
  ["a member after a note", join(gzipSync(first), text("note"), gzipSync(second)), "CorruptArchive"],
  ["a zstd frame after a member", join(gzipSync(first), zstdCompressSync(second)), "CorruptArchive"],
  ["a bzip2 archive after a member", join(gzip, bzip2), "CorruptArchive"],
  ["no more than the magic", gzip.subarray(0, 2), "TruncatedArchive"],
  ["a header and no more", gzip.subarray(0, 10), "TruncatedArchive"],
  ["its first half", gzip.subarray(0, gzip.length / 2), "TruncatedArchive"],
  ["all but the last byte", gzip.subarray(0, -1), "TruncatedArchive"],
  ["all but the length", gzip.subarray(0, -4), "TruncatedArchive"],
  ["all but checksum and length", gzip.subarray(0, -8), "TruncatedArchive"],
  ["a later member cut", join(gzipSync(first), gzipSync(second)).subarray(0, -300), "TruncatedArchive"],
  ["a later member's header cut", join(gzipSync(first), gzip.subarray(0, 5)), "TruncatedArchive"],
  ["many members, the last of them cut", manyMembers.subarray(0, -30), "TruncatedArchive"],
  ["a wrong checksum", flip(gzip, -6), "CorruptArchive"],
  ["a wrong length", flip(gzip, -2), "CorruptArchive"],
  ["a wrong checksum in the first of two", join(flip(gzipSync(first), -5), gzipSync(second)), "CorruptArchive"],
  ["a bit wrong in the middle", flip(gzip, gzip.length >> 1), "CorruptArchive"],
  ["a part zeroed", join(gzip.subarray(0, 3000), zeros(512), gzip.subarray(3512)), "CorruptArchive"],
  ["zeros from the middle to its end", join(gzip.subarray(0, 3000), zeros(gzip.length - 3000)), "CorruptArchive"],
  ["a part missing", join(gzip.subarray(0, 3000), gzip.subarray(3512)), "CorruptArchive"],
  ["a part twice", join(gzip.subarray(0, 3512), gzip.subarray(3000)), "CorruptArchive"],
  ["a reserved flag", flip(gzip, 3).fill(0x20, 3, 4), "CorruptArchive"],
  ["another method", Buffer.from(gzip).fill(9, 2, 3), "CorruptArchive"],
  ["line ends rewritten on the way", text(gzip.toString("latin1").replaceAll("\n", "\r\n")), "CorruptArchive"],
  ["gzip of gzip", gzipSync(gzip), "whole"],
  ["gzip of gzip of gzip", gzipSync(gzipSync(gzip)), "UnknownFormat"],
  ["gzip of zstd", gzipSync(zstd), "whole"],
  ["zstd of gzip", zstdCompressSync(gzip), "whole"],
  ["gzip of a cut one", gzipSync(gzip.subarray(0, 5000)), "TruncatedArchive"],
  ["gzip of a damaged one", gzipSync(flip(gzip, -6)), "CorruptArchive"],
  ["gzip of zip", gzipSync(join(text("PK\x03\x04\x14\0\0\0\x08\0"), deflateRawSync(log))), "UnknownFormat"],
  ["zlib", deflateSync(log), "UnknownFormat"],
  ["zlib at its best", deflateSync(log, { level: 9 }), "UnknownFormat"],
  ["deflate without a header", deflateRawSync(log), "UnknownFormat"],
  ["brotli", brotliCompressSync(log), "UnknownFormat"],
  ["UTF-16 in gzip", gzipSync(Buffer.from(`\ufeff${log}`, "utf16le")), "UnknownFormat"],
  ["UTF-16", Buffer.from(`${log}`, "utf16le"), "UnknownFormat"],
  ["a byte order mark in each member", join(gzipSync(join(mark, text(FIELDS))), gzipSync(join(mark, log))), "whole"],
  ["zstd", zstd, "whole"],
  ["zstd with skippable frames around", join(skippable, zstd, skippable), "whole"],
  ["zstd of nothing but skippable frames", skippable, "nothing"],
  ["zstd frames", join(zstdCompressSync(first), skippable, zstdCompressSync(second)), "whole"],
  ["a zstd frame for each row", join(...[FIELDS, ...rows].map((row) => zstdCompressSync(text(row)))), "whole"],
  ["zstd, cut", join(zstd, zstd.subarray(0, 500)), "TruncatedArchive"],
  ["zstd, a skippable frame cut", join(zstd, skippable.subarray(0, -1)), "TruncatedArchive"],
  ["zstd with a window of 2 GiB", Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 1, 0, 0), "ArchiveTooLarge"],
  ["zstd with a dictionary", Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 2, 0x50, 0xd2, 4, 1, 0, 0), "UnknownFormat"],
  ["bzip2", bzip2, "whole"],
  ["bzip2 archives", join(emptyBzip2, bzip2, emptyBzip2), "whole"],
  ["bzip2 of nothing", emptyBzip2, "nothing"],
  ["bzip2, cut at its end", bzip2.subarray(0, -3), "TruncatedArchive"],
  ["bzip2, a block wrong", flip(bzip2, 12), "CorruptArchive"],
  ["bzip2, its checksum wrong", flip(bzip2, -3), "CorruptArchive"],
  ["bzip2 and zeros", join(bzip2, zeros(100)), "warned"],
  ["a bomb", bomb, "ArchiveTooLarge"],
  ["a bomb of a bomb", gzipSync(bomb), "ArchiveTooLarge"],
  ["a bomb in zstd", zstdCompressSync(zeros(80e6)), "ArchiveTooLarge"],
  ["a bomb after a log", join(gzip, bomb), "ArchiveTooLarge"],
  ["a bomb of lines", lines, "ArchiveTooLarge"],
  ["a bomb of small members", join(...Array.from({ length: 400 }, () => gzipSync(zeros(200_000)))), "ArchiveTooLarge"],
];

describe("an object that is", () => {
  it.each(odd)(
    "%s",
    async (_, bytes, expected) => {
      const { outcome, text } = await outcomeOf(bytes);
      expect(outcome).toBe(expected);
      // The archives of bzip2 were not made here and hold another text.
      if (compressionOf(bytes) === "bzip2") return;
      if (outcome === "whole" || outcome === "warned") expect(text.subarray(-log.length).equals(log)).toBe(true);
      if (outcome === "TruncatedArchive") expect(text.equals(join(log, log).subarray(0, text.length))).toBe(true);
    },
    30_000,
  );
});
