/**
 * The members of a gzip archive. Node's own reader gives one text of all of them, but it loses members that come after
 * padding and cannot tell an archive that was cut, one that is damaged and one that something follows from each other.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1952
 */
import { crc32, createInflateRaw } from "node:zlib";
import type { Archive } from "./archive.ts";
import type { PackedBytes } from "./packed-bytes.ts";
import { passTrailingBytes } from "./trailing-bytes.ts";
import { INPUT_BYTES, OUTPUT_BYTES, unpackStream } from "./zlib-unpacker.ts";

const METHOD_DEFLATE = 8;
const MAGIC = Buffer.of(0x1f, 0x8b);
/** How every member begins that a tool has ever written. */
const BEGINNING = Buffer.of(...MAGIC, METHOD_DEFLATE);
const HAS_HEADER_CRC = 0x02;
const HAS_EXTRA = 0x04;
const HAS_NAME = 0x08;
const HAS_COMMENT = 0x10;
const RESERVED_FLAGS = 0xe0;
/** Archives of many small members are common; a large buffer for each costs more than unpacking it. */
const SMALL_MEMBER_BYTES = 64 << 10;
/** Small enough that the last bytes of an archive that was cut are hardly ever so small a number. */
const MAX_LATER_MEMBER_BYTES = 1 << 20;

/** Whether bytes begin as a gzip member does. */
export function startsLikeGzip(head: Uint8Array): boolean {
  return head[0] === MAGIC[0] && head[1] === MAGIC[1];
}

/**
 * The texts of all members; each has to be taken to its end before the next. Zeros after a member are padding.
 *
 * @throws {TruncatedArchive} After the text that there is.
 * @throws {CorruptArchive} When a header or a checksum is wrong, or the packed data makes no sense. Text that came before
 *   is not verified.
 */
export async function* gzipMembers(
  packed: PackedBytes,
  archive: Archive,
): AsyncGenerator<AsyncIterable<Uint8Array>, void, undefined> {
  let outputBytes = OUTPUT_BYTES;
  do {
    const start = packed.offset;
    let textBytes = 0;
    yield (async function* () {
      for await (const bytes of memberText(packed, archive, outputBytes)) {
        textBytes += bytes.length;
        yield bytes;
      }
    })();
    if (packed.offset === start) throw new Error("The next member was asked for before the one before was taken");
    outputBytes = textBytes < SMALL_MEMBER_BYTES ? SMALL_MEMBER_BYTES : OUTPUT_BYTES;
  } while (await hasNext(packed, archive));
}

async function* memberText(
  packed: PackedBytes,
  archive: Archive,
  outputBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const member = `the gzip member at byte ${packed.offset}`;
  const cut = () => packed.cut ?? archive.cut(`${member} breaks off at byte ${packed.offset}`);
  await passHeader(packed, archive, member, cut);
  let crc = 0;
  let textBytes = 0;
  const onText = (bytes: Uint8Array) => {
    crc = crc32(bytes, crc);
    textBytes += bytes.length;
  };
  const unpacker = createInflateRaw({ chunkSize: outputBytes });
  const end = yield* unpackStream(unpacker, packed.blocks(INPUT_BYTES), onText);
  if (end.status === "unfinished" && endsLikeMember(packed.tail, textBytes))
    throw archive.corrupt(`${member} is damaged: it has its end, and more text before that than belongs there`);
  if (end.status === "unfinished") throw cut();
  if (end.status === "damaged") throw archive.corrupt(`${member} is damaged (${end.detail})`);
  packed.unread(end.rest);
  const trailer = await packed.take(8);
  if (!trailer) throw cut();
  if (uint32(trailer, 0) !== crc) throw archive.corrupt(`the checksum of ${member} is wrong`);
  if (uint32(trailer, 4) !== textBytes % 2 ** 32)
    throw archive.corrupt(`${member} says that it holds ${uint32(trailer, 4)} bytes, and holds ${textBytes}`);
}

async function passHeader(packed: PackedBytes, archive: Archive, member: string, cut: () => Error): Promise<void> {
  let crc = 0;
  const take = async (count: number) => {
    const bytes = await packed.take(count);
    if (!bytes) throw cut();
    crc = crc32(bytes, crc);
    return bytes;
  };
  const passText = async () => {
    for (;;) {
      const bytes = await packed.peek(1);
      if (bytes.length === 0) throw cut();
      const end = bytes.indexOf(0);
      await take(end < 0 ? bytes.length : end + 1);
      if (end >= 0) return;
    }
  };
  // What can be seen to be wrong is told also where the archive ends soon after.
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
  if ((flags & HAS_NAME) !== 0) await passText();
  if ((flags & HAS_COMMENT) !== 0) await passText();
  if ((flags & HAS_HEADER_CRC) !== 0) {
    const expected = crc & 0xffff;
    const found = await take(2);
    if ((found[0]! | (found[1]! << 8)) !== expected)
      throw archive.corrupt(`the checksum of the header of ${member} is wrong`);
  }
}

/** Whether one more member begins after the padding. What else follows is told, as every tool passes it over. */
async function hasNext(packed: PackedBytes, archive: Archive): Promise<boolean> {
  for (;;) {
    const bytes = await packed.peek(2);
    const zeros = bytes.findIndex((byte) => byte !== 0);
    packed.skip(zeros < 0 ? bytes.length : zeros);
    if (bytes.length === 0) break;
    if (zeros >= 0) {
      const head = await packed.peek(2);
      if (head[0] === MAGIC[0] && (head.length === 1 || head[1] === MAGIC[1])) return true;
      await passTrailingBytes(packed, archive, BEGINNING);
      return false;
    }
  }
  if (packed.cut) throw packed.cut;
  return false;
}

/**
 * Whether an archive that gives no end of its text ends as whole ones do, with a length: then the mark of an end is damaged,
 * and it is not cut. The length is nearly that of the text, as a damage changes it a little; or, when it is that of a later
 * member, smaller than what was taken for text. Of archives that are cut, one in some thousands looks so by chance, and none
 * of its rows is kept: better than rows of a damaged one.
 */
function endsLikeMember(tail: Uint8Array, textBytes: number): boolean {
  if (tail.length < 8) return false;
  const length = uint32(tail, 4);
  const isNear = Math.abs(length - (textBytes % 2 ** 32)) <= Math.max(4096, textBytes / 64);
  return isNear || length <= Math.min(textBytes, MAX_LATER_MEMBER_BYTES);
}

function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
