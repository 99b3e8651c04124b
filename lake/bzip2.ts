/**
 * Unpacks bzip2, which neither Node nor the web platform does.
 *
 * @see https://en.wikipedia.org/wiki/Bzip2#File_format
 */

const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
const MAX_CODE_BITS = 20;
const GROUP_SYMBOLS = 50;
const RUN_A = 0;
const RUN_B = 1;

/** Whether bytes begin as a bzip2 archive does: `BZh`, a block size, and the mark of a block or of the end. */
export function startsLikeBzip2(head: Uint8Array): boolean {
  if (head[0] !== 0x42 || head[1] !== 0x5a || head[2] !== 0x68) return false;
  if (head[3]! < 0x31 || head[3]! > 0x39) return false;
  return head.length < 5 || head[4] === 0x31 || head[4] === 0x17;
}

/**
 * Unpacks archives that follow one another; yields the text of a block at a time.
 *
 * @throws {Error} When the archive is cut or damaged, after the text of all blocks before.
 */
export function* inflateBzip2(packed: readonly Uint8Array[]): Generator<Uint8Array, void, undefined> {
  const bits = new BitReader(packed);
  while (bits.startsArchive()) {
    bits.skip(24);
    const blockBytes = (bits.read(8) - 0x30) * 100_000;
    let archiveCrc = 0;
    for (;;) {
      const magic = bits.read(24) * 2 ** 24 + bits.read(24);
      const crc = bits.read(16) * 65_536 + bits.read(16);
      if (magic === END_MAGIC) {
        if (crc !== archiveCrc) throw new Error("bzip2: the checksum of the archive is wrong");
        bits.alignToByte();
        break;
      }
      if (magic !== BLOCK_MAGIC) throw new Error("bzip2: no block where one should begin");
      const text = readBlock(bits, blockBytes);
      if (crc32(text) !== crc) throw new Error("bzip2: the checksum of a block is wrong");
      archiveCrc = (((archiveCrc << 1) | (archiveCrc >>> 31)) ^ crc) >>> 0;
      yield text;
    }
  }
}

/** Reads bits, the highest of a byte first. */
class BitReader {
  readonly #blocks: readonly Uint8Array[];
  #block = 0;
  #at = 0;
  #word = 0;
  #count = 0;

  constructor(blocks: readonly Uint8Array[]) {
    this.#blocks = blocks;
  }

  #nextByte(): number {
    while (this.#block < this.#blocks.length && this.#at === this.#blocks[this.#block]!.length) {
      this.#block++;
      this.#at = 0;
    }
    if (this.#block === this.#blocks.length) throw new Error("bzip2: the archive ends too early");
    return this.#blocks[this.#block]![this.#at++]!;
  }

  bit(): number {
    if (this.#count === 0) {
      this.#word = this.#nextByte();
      this.#count = 8;
    }
    this.#count--;
    return (this.#word >> this.#count) & 1;
  }

  /** At most 24 bits. */
  read(count: number): number {
    let value = 0;
    let left = count;
    while (left > 0) {
      if (this.#count === 0) {
        this.#word = this.#nextByte();
        this.#count = 8;
      }
      const taken = Math.min(left, this.#count);
      this.#count -= taken;
      left -= taken;
      value = (value << taken) | ((this.#word >> this.#count) & ((1 << taken) - 1));
    }
    return value;
  }

  skip(count: number): void {
    this.read(count);
  }

  alignToByte(): void {
    this.#count = 0;
  }

  /** Whether an archive begins at this byte. What else follows the last one is passed over. */
  startsArchive(): boolean {
    const head: number[] = [];
    let block = this.#block;
    let at = this.#at;
    while (head.length < 5 && block < this.#blocks.length) {
      if (at === this.#blocks[block]!.length) {
        block++;
        at = 0;
      } else head.push(this.#blocks[block]![at++]!);
    }
    return startsLikeBzip2(Uint8Array.from(head));
  }
}

/** A canonical prefix code: for each length the last code of it, and the symbols in the order of their codes. */
interface PrefixCode {
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  readonly symbols: Int32Array;
  readonly minBits: number;
}

function prefixCode(lengths: Uint8Array): PrefixCode {
  const counts = new Int32Array(MAX_CODE_BITS + 2);
  for (const length of lengths) counts[length]!++;
  const symbols = new Int32Array(lengths.length);
  const limits = new Int32Array(MAX_CODE_BITS + 2).fill(-1);
  const bases = new Int32Array(MAX_CODE_BITS + 2);
  let at = 0;
  let code = 0;
  let minBits = 0;
  for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
    bases[bits] = code - at;
    for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol] === bits) symbols[at++] = symbol;
    code += counts[bits]!;
    if (counts[bits]! > 0) {
      limits[bits] = code - 1;
      if (minBits === 0) minBits = bits;
    }
    code <<= 1;
  }
  return { limits, bases, symbols, minBits };
}

function readSymbol(bits: BitReader, { limits, bases, symbols, minBits }: PrefixCode): number {
  let code = bits.read(minBits);
  for (let length = minBits; length <= MAX_CODE_BITS; length++) {
    if (code <= limits[length]!) return symbols[code - bases[length]!]!;
    code = (code << 1) | bits.bit();
  }
  throw new Error("bzip2: a code that stands for nothing");
}

/** The bytes that the block uses. */
function readUsedBytes(bits: BitReader): number[] {
  const rows = bits.read(16);
  const used: number[] = [];
  for (let row = 0; row < 16; row++) {
    if ((rows & (0x8000 >> row)) === 0) continue;
    const columns = bits.read(16);
    for (let column = 0; column < 16; column++) if ((columns & (0x8000 >> column)) !== 0) used.push(16 * row + column);
  }
  return used;
}

/** Which of the codes each group of symbols uses. */
function readSelectors(bits: BitReader, codeCount: number): Uint8Array {
  const selectors = new Uint8Array(bits.read(15));
  const recent = Array.from({ length: codeCount }, (_, i) => i);
  for (let i = 0; i < selectors.length; i++) {
    let place = 0;
    while (bits.bit() === 1) if (++place >= codeCount) throw new Error("bzip2: a selector out of range");
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
      if (length < 1 || length > MAX_CODE_BITS) throw new Error("bzip2: a code length out of range");
      if (bits.bit() === 0) break;
      length += bits.bit() === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return prefixCode(lengths);
}

function readBlock(bits: BitReader, blockBytes: number): Uint8Array {
  if (bits.bit() === 1) throw new Error("bzip2: randomised blocks, which no tool has written since 1997");
  const origin = bits.read(24);
  const recent = readUsedBytes(bits);
  const codeCount = bits.read(3);
  if (codeCount < 2 || codeCount > 6) throw new Error("bzip2: a wrong number of codes");
  const selectors = readSelectors(bits, codeCount);
  const endSymbol = recent.length + 1;
  const codes = Array.from({ length: codeCount }, () => readCode(bits, recent.length + 2));

  // Symbols are run lengths of the most recent byte, or places in the list of recent bytes.
  const transformed = new Int32Array(blockBytes);
  const counts = new Int32Array(256);
  let length = 0;
  let run = 0;
  let runBit = 1;
  const endRun = () => {
    if (run === 0) return;
    if (length + run > blockBytes) throw new Error("bzip2: a block is too long");
    const byte = recent[0]!;
    transformed.fill(byte, length, length + run);
    counts[byte]! += run;
    length += run;
    run = 0;
    runBit = 1;
  };
  decoding: for (const selector of selectors) {
    const code = codes[selector]!;
    for (let i = 0; i < GROUP_SYMBOLS; i++) {
      const symbol = readSymbol(bits, code);
      if (symbol === RUN_A || symbol === RUN_B) {
        run += symbol === RUN_A ? runBit : 2 * runBit;
        runBit *= 2;
        if (run > blockBytes) throw new Error("bzip2: a run is too long");
        continue;
      }
      endRun();
      if (symbol === endSymbol) break decoding;
      if (length === blockBytes) throw new Error("bzip2: a block is too long");
      const [byte] = recent.splice(symbol - 1, 1);
      recent.unshift(byte!);
      transformed[length++] = byte!;
      counts[byte!]!++;
    }
  }
  if (length > 0 && origin >= length) throw new Error("bzip2: a block starts outside of itself");
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
    text[i] = transformed[at]! & 0xff;
    at = transformed[at]! >>> 8;
  }
  return text;
}

/** Undoes the first step of packing: four equal bytes are followed by the number of further ones. */
function undoRuns(packed: Uint8Array, length: number): Uint8Array {
  let total = 0;
  let same = 0;
  for (let i = 0; i < length; i++) {
    if (same === 4) {
      total += packed[i]!;
      same = 0;
    } else {
      same = i > 0 && same > 0 && packed[i] === packed[i - 1] ? same + 1 : 1;
      total++;
    }
  }
  const text = new Uint8Array(total);
  let at = 0;
  same = 0;
  for (let i = 0; i < length; i++) {
    if (same === 4) {
      text.fill(packed[i - 1]!, at, at + packed[i]!);
      at += packed[i]!;
      same = 0;
    } else {
      same = i > 0 && same > 0 && packed[i] === packed[i - 1] ? same + 1 : 1;
      text[at++] = packed[i]!;
    }
  }
  return text;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});

/** The checksum of bzip2: that of gzip with the bits of each byte the other way round. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) crc = (crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ byte]!;
  return ~crc >>> 0;
}
