/** Members of archives, made as many tools make them. */
import { constants, crc32, deflateRawSync, zstdCompressSync } from "node:zlib";
import type { Random } from "../../../lake/generate/random.ts";
import type { Compression } from "../../../lake/unpack/compression.ts";
import { bzip2Archives } from "./bzip2-archives.ts";
import type { PackedText } from "./packed-text.ts";

/** Makes archives of one compression. */
export interface Packer {
  readonly name: string;
  readonly compression: Compression;
  pack(random: Random, text: Uint8Array): PackedText;
  /** A member of an archive with the part in it. */
  member(random: Random, part: PackedText): Uint8Array;
  /** What may stand after a member without being one. */
  between(random: Random): Uint8Array;
}

const NOTHING = new Uint8Array();

const gzip: Packer = {
  name: "gzip",
  compression: "gzip",
  pack(random, text) {
    const strategies = [
      constants.Z_DEFAULT_STRATEGY,
      constants.Z_FIXED,
      constants.Z_HUFFMAN_ONLY,
      constants.Z_RLE,
      constants.Z_FILTERED,
    ];
    const packed = deflateRawSync(text, {
      level: random.below(10),
      strategy: strategies[random.below(strategies.length)]!,
      windowBits: 9 + random.below(7),
      memLevel: 1 + random.below(9),
    });
    return { text, packed, isChecked: true };
  },
  member(random, { text, packed }) {
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(crc32(text), 0);
    trailer.writeUInt32LE(text.length, 4);
    return Buffer.concat([gzipHeader(random), packed, trailer]);
  },
  between: (random) => (random.chance(0.05) ? new Uint8Array(1 + random.below(600)) : NOTHING),
};

/** @see https://www.rfc-editor.org/rfc/rfc1952#section-2.3 */
function gzipHeader(random: Random): Uint8Array {
  const isPlain = random.chance(0.6);
  const flags = isPlain ? 0 : random.below(32);
  const parts = [Uint8Array.of(0x1f, 0x8b, 8, flags, ...bytesBelow(random, 4, 256), random.below(3), random.below(14))];
  if ((flags & 4) !== 0) {
    const extra = bytesBelow(random, random.below(40), 256);
    parts.push(Uint8Array.of(extra.length, 0, ...extra));
  }
  const zeroEnded = () => Uint8Array.of(...bytesBelow(random, random.below(30), 255).map((byte) => byte + 1), 0);
  if ((flags & 8) !== 0) parts.push(zeroEnded());
  if ((flags & 16) !== 0) parts.push(zeroEnded());
  if ((flags & 2) !== 0) {
    const crc = crc32(Buffer.concat(parts)) & 0xffff;
    parts.push(Uint8Array.of(crc & 0xff, crc >> 8));
  }
  return Buffer.concat(parts);
}

function bytesBelow(random: Random, count: number, end: number): number[] {
  return Array.from({ length: count }, () => random.below(end));
}

const zstd: Packer = {
  name: "zstd",
  compression: "zstd",
  pack(random, text) {
    const isChecked = random.chance(0.8);
    const params = {
      [constants.ZSTD_c_compressionLevel]: [1, 3, 9, -5][random.below(4)]!,
      [constants.ZSTD_c_checksumFlag]: isChecked ? 1 : 0,
      [constants.ZSTD_c_contentSizeFlag]: random.below(2),
    };
    return { text, packed: zstdCompressSync(text, { params }), isChecked };
  },
  member: (_, { packed }) => packed,
  between(random) {
    if (random.chance(0.9)) return NOTHING;
    const content = bytesBelow(random, random.below(30), 256);
    return Uint8Array.of(0x50 + random.below(16), 0x2a, 0x4d, 0x18, content.length, 0, 0, 0, ...content);
  },
};

/** Nothing here packs bzip2, so its archives are kept: the texts are the same every time. */
const bzip2: Packer = {
  name: "bzip2",
  compression: "bzip2",
  pack: (random) => bzip2Archives[random.below(bzip2Archives.length)]!,
  member: (_, { packed }) => packed,
  between: () => NOTHING,
};

export const packers: readonly Packer[] = [gzip, zstd, bzip2];
