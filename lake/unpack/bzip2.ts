/**
 * Unpacks bzip2, which neither Node nor the web platform does. No package for it distinguishes a cut archive from a damaged
 * one, and no package in use takes its input in blocks.
 *
 * A block is unpacked from memory. Nothing else of an archive is held.
 *
 * @see https://en.wikipedia.org/wiki/Bzip2#File_format
 */
import type { Archive } from "./archive.ts";
import { BitReader, type PrefixCode, prefixCode } from "./bzip2-bits.ts";
import type { PackedBytes } from "./packed-bytes.ts";
import { resembles, skipTrailingBytes } from "./trailing-bytes.ts";

const MAGIC = Buffer.from("BZh");
const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
const MAGIC_BITS = 48;
const CRC_BITS = 32;
const MAX_CODE_BITS = 20;
const GROUP_SYMBOLS = 50;
const RUN_A = 0;
const RUN_B = 1;
const MAX_LOOPED_PLACES = 48;
/** The longest block: 900,000 symbols of 20 bits, and their codes. */
const MAX_PACKED_BLOCK_BYTES = 2_500_000;

/** Whether bytes begin as a bzip2 archive does: `BZh`, a block size, and the mark of a block or of the end. */
export function startsLikeBzip2(head: Uint8Array): boolean {
  if (!MAGIC.every((byte, i) => byte === head[i])) return false;
  if (head[3]! < 0x31 || head[3]! > 0x39) return false;
  return head.length < 5 || head[4] === 0x31 || head[4] === 0x17;
}

/**
 * The texts of consecutive archives, a block at a time; each has to be read to its end before the next.
 *
 * @throws {TruncatedArchive} After the text of all whole blocks.
 * @throws {CorruptArchive} When a checksum is wrong or the packed data makes no sense.
 */
export async function* bzip2Archives(
  packed: PackedBytes,
  archive: Archive,
): AsyncGenerator<AsyncIterable<Uint8Array>, void, undefined> {
  do {
    const start = packed.offset;
    yield archiveText(packed, archive);
    if (packed.offset === start) throw new Error("The next archive was asked for before the one before was taken");
  } while (await hasNext(packed, archive));
}

async function hasNext(packed: PackedBytes, archive: Archive): Promise<boolean> {
  const head = (await packed.peek(10)).subarray(0, 10);
  if (head.length === 0) {
    if (packed.cut) throw packed.cut;
    return false;
  }
  if (head.subarray(0, MAGIC.length).every((byte, i) => byte === MAGIC[i])) return true;
  const blockMagic = Buffer.from(BLOCK_MAGIC.toString(16), "hex");
  if (resembles(head, MAGIC) && resembles(head.subarray(MAGIC.length + 1), blockMagic))
    throw archive.corrupt(`byte ${packed.offset} seems to begin an archive, but is damaged`);
  await skipTrailingBytes(packed, archive, blockMagic);
  return false;
}

async function* archiveText(packed: PackedBytes, archive: Archive): AsyncGenerator<Uint8Array, void, undefined> {
  const start = packed.offset;
  const cut = () =>
    packed.cut ?? archive.cut(`the bzip2 archive at byte ${start} breaks off in the block at byte ${packed.offset}`);
  const head = await packed.take(4);
  if (!head) {
    await skipRest(packed);
    throw cut();
  }
  if (head[3]! < 0x31 || head[3]! > 0x39)
    throw archive.corrupt(`the bzip2 archive at byte ${start} is damaged at its block size`);
  const blockBytes = (head[3]! - 0x30) * 100_000;
  let archiveCrc = 0;
  /** Bits of the next byte that belong to the block before. */
  let usedBits = 0;
  for (let isLast = false; !isLast; ) {
    const bytes = await packed.peek(MAX_PACKED_BLOCK_BYTES);
    const bits = new BitReader(bytes, usedBits);
    const part = readPart(bits, blockBytes, archiveCrc);
    if (part.status === "damaged") {
      // The bytes end before the longest block would: it may be cut, unless the archive has its end.
      if (part.isAtEnd && bytes.length < MAX_PACKED_BLOCK_BYTES && !endsLikeArchive(bytes)) throw cut();
      throw archive.corrupt(`the bzip2 archive at byte ${start} is damaged at byte ${packed.offset} (${part.detail})`);
    }
    archiveCrc = part.archiveCrc;
    isLast = part.status === "end";
    const bitCount = bits.position;
    packed.skip(isLast ? Math.ceil(bitCount / 8) : Math.floor(bitCount / 8));
    usedBits = bitCount % 8;
    if (part.status === "block") yield part.text;
  }
}

/** Whether the last bits are the mark of the end, a checksum, and up to seven that fill the last byte. */
function endsLikeArchive(bytes: Uint8Array): boolean {
  let tail = 0n;
  for (const byte of bytes.subarray(-11)) tail = (tail << 8n) | BigInt(byte);
  for (let fill = 0; fill < 8; fill++)
    if (BigInt.asUintN(MAGIC_BITS, tail >> BigInt(fill + CRC_BITS)) === BigInt(END_MAGIC)) return true;
  return false;
}

async function skipRest(packed: PackedBytes): Promise<void> {
  packed.skip((await packed.peek(1)).length);
}

type Part =
  | { status: "block"; text: Uint8Array; archiveCrc: number }
  | { status: "end"; archiveCrc: number }
  /** `isAtEnd`: the bits ran out. */
  | { status: "damaged"; detail: string; isAtEnd: boolean };

class Bzip2Damage extends Error {
  override readonly name = "Bzip2Damage";
}

/** Reads the next block, or the end of the archive. */
function readPart(bits: BitReader, blockBytes: number, crcBefore: number): Part {
  try {
    const magic = bits.read(MAGIC_BITS / 2) * 2 ** 24 + bits.read(MAGIC_BITS / 2);
    const crc = bits.read(CRC_BITS / 2) * 65_536 + bits.read(CRC_BITS / 2);
    if (bits.isExhausted) throw new Bzip2Damage("no whole block");
    if (magic === END_MAGIC) {
      if (crc !== crcBefore) throw new Bzip2Damage("the checksum of the archive is wrong");
      return { status: "end", archiveCrc: crc };
    }
    if (magic !== BLOCK_MAGIC) throw new Bzip2Damage("no block where one should begin");
    const text = readBlock(bits, blockBytes);
    if (bits.isExhausted) throw new Bzip2Damage("no whole block");
    if (crc32(text) !== crc) throw new Bzip2Damage("the checksum of a block is wrong");
    return { status: "block", text, archiveCrc: (((crcBefore << 1) | (crcBefore >>> 31)) ^ crc) >>> 0 };
  } catch (error) {
    if (!(error instanceof Bzip2Damage)) throw error;
    // An invalid code at the end may be the beginning of one that was cut.
    return { status: "damaged", detail: error.message, isAtEnd: bits.isExhausted || bits.left < MAX_CODE_BITS };
  }
}

/** The bytes that occur in the block. */
function readUsedBytes(bits: BitReader): { recent: Uint8Array; count: number } {
  const rows = bits.read(16);
  const recent = new Uint8Array(256);
  let count = 0;
  for (let row = 0; row < 16; row++) {
    if ((rows & (0x8000 >> row)) === 0) continue;
    const columns = bits.read(16);
    for (let column = 0; column < 16; column++)
      if ((columns & (0x8000 >> column)) !== 0) recent[count++] = 16 * row + column;
  }
  if (count === 0) throw new Bzip2Damage("a block uses no byte");
  return { recent, count };
}

/** The code that each group of symbols uses, by number. */
function readSelectors(bits: BitReader, codeCount: number): Uint8Array {
  const selectors = new Uint8Array(bits.read(15));
  const recent = Array.from({ length: codeCount }, (_, i) => i);
  for (let i = 0; i < selectors.length; i++) {
    let place = 0;
    while (bits.read(1) === 1) if (++place >= codeCount) throw new Bzip2Damage("a selector out of range");
    const [selector] = recent.splice(place, 1);
    recent.unshift(selector!);
    selectors[i] = selector!;
  }
  return selectors;
}

function readCode(bits: BitReader, symbolCount: number): PrefixCode {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > MAX_CODE_BITS) throw new Bzip2Damage("a code length out of range");
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
      if (bits.isExhausted) throw new Bzip2Damage("no whole block");
    }
    lengths[symbol] = length;
  }
  return prefixCode(lengths);
}

function readBlock(bits: BitReader, blockBytes: number): Uint8Array {
  if (bits.read(1) === 1) throw new Bzip2Damage("it is randomised, as no tool has written it since 1997");
  const origin = bits.read(24);
  const { recent, count } = readUsedBytes(bits);
  const codeCount = bits.read(3);
  if (codeCount < 2 || codeCount > 6) throw new Bzip2Damage("a wrong number of codes");
  const selectors = readSelectors(bits, codeCount);
  const endSymbol = count + 1;
  const codes = Array.from({ length: codeCount }, () => readCode(bits, count + 2));

  // Symbols are run lengths of the most recent byte, or places in the list of recent bytes.
  const transformed = new Int32Array(blockBytes);
  const counts = new Int32Array(256);
  let length = 0;
  let run = 0;
  let runBit = 1;
  let isEnded = false;
  const symbols = new Uint16Array(GROUP_SYMBOLS);
  for (let group = 0; group < selectors.length && !isEnded; group++) {
    const symbolCount = bits.readSymbols(codes[selectors[group]!]!, endSymbol, symbols, GROUP_SYMBOLS);
    if (bits.isExhausted) throw new Bzip2Damage("no whole block");
    if (symbolCount < GROUP_SYMBOLS && symbols[symbolCount - 1] !== endSymbol)
      throw new Bzip2Damage("a code that stands for nothing");
    for (let i = 0; i < symbolCount; i++) {
      const symbol = symbols[i]!;
      if (symbol <= RUN_B) {
        run += symbol === RUN_A ? runBit : 2 * runBit;
        runBit *= 2;
        if (run > blockBytes) throw new Bzip2Damage("a run is too long");
        continue;
      }
      if (run > 0) {
        if (length + run > blockBytes) throw new Bzip2Damage("a block is too long");
        const byte = recent[0]!;
        transformed.fill(byte, length, length + run);
        counts[byte]! += run;
        length += run;
        run = 0;
        runBit = 1;
      }
      if (symbol === endSymbol) {
        isEnded = true;
        break;
      }
      if (length === blockBytes) throw new Bzip2Damage("a block is too long");
      const place = symbol - 1;
      const byte = recent[place]!;
      // Most places are small; for these a loop is much faster than copyWithin.
      if (place > MAX_LOOPED_PLACES) recent.copyWithin(1, 0, place);
      else for (let i = place; i > 0; i--) recent[i] = recent[i - 1]!;
      recent[0] = byte;
      transformed[length++] = byte;
      counts[byte]!++;
    }
  }
  if (!isEnded) throw new Bzip2Damage("a block without end");
  if (origin >= Math.max(1, length)) throw new Bzip2Damage("a block starts outside of itself");
  return undoRuns(undoTransform(transformed, counts, length, origin), length);
}

/** Undoes the Burrows-Wheeler transform: follows each byte to the one that came after it. */
function undoTransform(transformed: Int32Array, counts: Int32Array, length: number, origin: number): Uint8Array {
  const starts = new Int32Array(256);
  for (let byte = 1; byte < 256; byte++) starts[byte] = starts[byte - 1]! + counts[byte - 1]!;
  // The upper bits of each entry become the place of the byte that follows.
  for (let i = 0; i < length; i++) transformed[starts[transformed[i]! & 0xff]!++]! |= i << 8;
  const text = new Uint8Array(length);
  let at = length === 0 ? 0 : transformed[origin]! >>> 8;
  for (let i = 0; i < length; i++) {
    const entry = transformed[at]!;
    text[i] = entry & 0xff;
    at = entry >>> 8;
  }
  return text;
}

/** Undoes the first step of packing: four equal bytes are followed by the number of further ones. */
function undoRuns(packed: Uint8Array, length: number): Uint8Array {
  let total = length;
  // A run of four shortens the text by a byte and a run of six lengthens it, so equal lengths do not mean that there are none.
  let hasRuns = false;
  let same = 0;
  let last = -1;
  for (let i = 0; i < length; i++) {
    const byte = packed[i]!;
    if (same === 4) {
      total += byte - 1;
      hasRuns = true;
      same = 0;
      last = -1;
    } else {
      same = byte === last ? same + 1 : 1;
      last = byte;
    }
  }
  if (!hasRuns) return packed;
  const text = new Uint8Array(total);
  let at = 0;
  same = 0;
  last = -1;
  for (let i = 0; i < length; i++) {
    const byte = packed[i]!;
    if (same === 4) {
      text.fill(last, at, at + byte);
      at += byte;
      same = 0;
      last = -1;
    } else {
      same = byte === last ? same + 1 : 1;
      last = byte;
      text[at++] = byte;
    }
  }
  return text;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});

/** The checksum of bzip2: the one of gzip with the bits of each byte in reverse order. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = (crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ bytes[i]!]!;
  return ~crc >>> 0;
}
