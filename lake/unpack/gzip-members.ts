/**
 * Unpacks the members of a gzip archive. Node's own reader joins them, but it loses members after padding, and it does not
 * distinguish a cut archive, a damaged archive and one with other bytes after it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1952
 */
import { crc32, createInflateRaw, gunzipSync, inflateRawSync } from "node:zlib";
import type { Archive } from "./archive.ts";
import type { PackedBytes } from "./packed-bytes.ts";
import { SmallMembers, unpackAtOnce } from "./small-members.ts";
import { skipTrailingBytes } from "./trailing-bytes.ts";
import { INPUT_BYTES, OUTPUT_BYTES, unpackStream } from "./zlib-unpacker.ts";

const METHOD_DEFLATE = 8;
const MAGIC = Buffer.of(0x1f, 0x8b);
/** The beginning of every member that tools write. */
const BEGINNING = Buffer.of(...MAGIC, METHOD_DEFLATE);
const HAS_HEADER_CRC = 0x02;
const HAS_EXTRA = 0x04;
const HAS_NAME = 0x08;
const HAS_COMMENT = 0x10;
const RESERVED_FLAGS = 0xe0;
const MIN_DEFLATE_BYTES = 2;
/** A checksum and a length. */
const TRAILER_BYTES = 8;
/** How often a whole last member is looked for, and the most text that it may have. */
const MAX_TRIES = 16;
const MAX_LAST_TEXT_BYTES = 1 << 20;

/** Whether bytes begin as a gzip member does. */
export function startsLikeGzip(head: Uint8Array): boolean {
  return head[0] === MAGIC[0] && head[1] === MAGIC[1];
}

/**
 * The texts of all members; each has to be read to its end before the next. Zeros after a member are padding.
 *
 * @throws {TruncatedArchive} After the text that there is.
 * @throws {CorruptArchive} When a header or a checksum is wrong, or the packed data is invalid. Text that came before that
 *   is not verified.
 */
export async function* gzipMembers(
  packed: PackedBytes,
  archive: Archive,
): AsyncGenerator<AsyncIterable<Uint8Array>, void, undefined> {
  const smalls = new SmallMembers(inflateRawSync);
  do {
    const start = packed.offset;
    yield memberText(packed, archive, smalls);
    if (packed.offset === start) throw new Error("The next member was asked for before the one before was taken");
  } while (await hasNext(packed, archive));
}

async function* memberText(
  packed: PackedBytes,
  archive: Archive,
  smalls: SmallMembers,
): AsyncGenerator<Uint8Array, void, undefined> {
  const member = `the gzip member at byte ${packed.offset}`;
  const cut = () => packed.cut ?? archive.cut(`${member} breaks off at byte ${packed.offset}`);
  await skipHeader(packed, archive, member, cut);
  let crc = 0;
  let textBytes = 0;
  const onText = (bytes: Uint8Array) => {
    crc = crc32(bytes, crc);
    textBytes += bytes.length;
  };
  const start = packed.offset;
  const small = await smalls.take(packed);
  if (small) {
    onText(small);
    yield small;
  } else {
    const unpacker = createInflateRaw({ chunkSize: OUTPUT_BYTES });
    const end = yield* unpackStream(unpacker, packed.blocks(INPUT_BYTES), onText);
    if (end.status === "damaged") throw archive.corrupt(`${member} is damaged (${end.detail})`);
    if (end.status === "ended") packed.unread(end.rest);
    else if (isDamagedAtEnd(packed, start, textBytes))
      throw archive.corrupt(`${member} is damaged: its text has no end, and it has one`);
    else throw cut();
    smalls.lastTextBytes = textBytes;
  }
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(textBytes % 2 ** 32, 4);
  const found = (await packed.peek(TRAILER_BYTES)).subarray(0, TRAILER_BYTES);
  const wrongAt = found.findIndex((byte, i) => byte !== trailer[i]);
  // An incomplete trailer at the archive's end is checked, too: if it is wrong, the archive is damaged and not cut.
  if (wrongAt >= 4) throw archive.corrupt(`the length of ${member} is wrong: it holds ${textBytes} bytes`);
  if (wrongAt >= 0) throw archive.corrupt(`the checksum of ${member} is wrong`);
  packed.skip(found.length);
  if (found.length < TRAILER_BYTES) throw cut();
}

async function skipHeader(packed: PackedBytes, archive: Archive, member: string, cut: () => Error): Promise<void> {
  let crc = 0;
  const take = async (count: number) => {
    const bytes = await packed.take(count);
    if (!bytes) {
      packed.skip((await packed.peek(count)).length);
      throw cut();
    }
    crc = crc32(bytes, crc);
    return bytes;
  };
  const skipText = async () => {
    for (;;) {
      const bytes = await packed.peek(1);
      if (bytes.length === 0) throw cut();
      const end = bytes.indexOf(0);
      await take(end < 0 ? bytes.length : end + 1);
      if (end >= 0) return;
    }
  };
  // A visible error counts even where the archive ends soon after.
  const head = (await packed.peek(10)).subarray(0, 10);
  const [, , method = METHOD_DEFLATE, flags = 0] = head;
  if (method !== METHOD_DEFLATE)
    throw archive.corrupt(`${member} is packed by method ${method}; gzip only knows 8, deflate`);
  if ((flags & RESERVED_FLAGS) !== 0) throw archive.corrupt(`${member} has flags that gzip does not know`);
  await take(10);
  if ((flags & HAS_EXTRA) !== 0) {
    const length = await take(2);
    await take(length[0]! | (length[1]! << 8));
  }
  if ((flags & HAS_NAME) !== 0) await skipText();
  if ((flags & HAS_COMMENT) !== 0) await skipText();
  if ((flags & HAS_HEADER_CRC) !== 0) {
    const expected = crc & 0xffff;
    const found = await take(2);
    if ((found[0]! | (found[1]! << 8)) !== expected)
      throw archive.corrupt(`the checksum of the header of ${member} is wrong`);
  }
}

/** Whether another member begins after the padding. Other bytes are skipped, as every tool does, with a warning. */
async function hasNext(packed: PackedBytes, archive: Archive): Promise<boolean> {
  for (;;) {
    const bytes = await packed.peek(2);
    const zeros = bytes.findIndex((byte) => byte !== 0);
    packed.skip(zeros < 0 ? bytes.length : zeros);
    if (bytes.length === 0) break;
    if (zeros >= 0) {
      const head = await packed.peek(2);
      if (head[0] === MAGIC[0] && (head.length === 1 || head[1] === MAGIC[1])) return true;
      await skipTrailingBytes(packed, archive, BEGINNING);
      return false;
    }
  }
  if (packed.cut) throw packed.cut;
  return false;
}

/**
 * Whether an archive whose text has no end is damaged rather than cut, because the archive ends like a whole one.
 * docs/packing.md says how often one is mistaken for the other.
 *
 * @param start - Where the member's packed data begins.
 */
function isDamagedAtEnd(packed: PackedBytes, start: number, textBytes: number): boolean {
  const { tail, cut } = packed;
  const packedBytes = packed.offset - start;
  if (packedBytes < MIN_DEFLATE_BYTES + TRAILER_BYTES) return false;
  // It ends in a whole member, which was taken for packed data.
  if (endsInMember(tail.subarray(-packedBytes))) return true;
  if (cut) return false;
  const trailer = Buffer.from(tail.subarray(-TRAILER_BYTES));
  // Zeros are the end of a file that got its full size before it was written. But the packed data of one repeated byte is
  // zeros, too: then one packed byte stands for a thousand.
  if (trailer.every((byte) => byte === 0)) return textBytes < 500 * packedBytes;
  const length = trailer.readUInt32LE(4);
  return length > 0 && Math.abs(length - (textBytes % 2 ** 32)) <= Math.min(8192, 32 + textBytes / 3);
}

/** Whether bytes end in a whole member. */
function endsInMember(bytes: Uint8Array): boolean {
  const within = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = bytes.length;
  for (let tries = 0; tries < MAX_TRIES && at > 0; tries++) {
    at = within.lastIndexOf(BEGINNING, at - 1);
    if (at < 0) return false;
    const unpacked = unpackAtOnce(gunzipSync, within.subarray(at), MAX_LAST_TEXT_BYTES);
    if (unpacked) return unpacked.packedBytes === bytes.length - at;
  }
  return false;
}
