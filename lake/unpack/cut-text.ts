/**
 * Cuts the unpacked text of an object into pieces that end where a record ends, while it streams by. Holds the text since the
 * last end of a record, but at most a piece of it: a longer record is passed on as it comes.
 */

import type { Framer } from "../rows/scanner.ts";
import { discard } from "../rows/young-garbage.ts";

/** The most unpacked text of a chunk, and so of a piece. */
export const MAX_CHUNK_BYTES = 64 << 20;

const LINE_FEED = 0x0a;

/** Facts about a piece that are known once its bytes were taken. */
interface PieceEnd {
  readonly byteLength: number;
  /** Physical lines; one that lacks its line end counts. */
  readonly lineCount: number;
  /** Whether the object has no text after it. */
  readonly isLast: boolean;
}

interface TextPiece {
  /** The physical line on which the piece starts, from 1. */
  readonly firstLine: number;
  /** Where in the unpacked text it starts. */
  readonly firstByte: number;
  /** Text that a scanner needs to start here (`Framer.header`). */
  readonly header: string | undefined;
  /** The text. It has to be taken to its end before the next piece. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** @throws {Error} When the bytes were not taken to their end. */
  end(): PieceEnd;
}

interface CutOptions {
  readonly framer: Framer;
  /** The most text of a piece. Only a single record that is longer makes it larger. */
  readonly maxPieceBytes?: number;
}

/**
 * Cuts a text. Pieces are as large as they may be, however the text comes in blocks. A text without bytes has no piece.
 *
 * ```ts
 * for await (const piece of cutText(unpack(…), { framer })) {
 *   for await (const bytes of piece.bytes) await upload.write(bytes);
 *   manifest.push({ ...piece.end(), firstLine: piece.firstLine });
 * }
 * ```
 */
export async function* cutText(
  text: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { framer, maxPieceBytes = MAX_CHUNK_BYTES }: CutOptions,
): AsyncGenerator<TextPiece, void, undefined> {
  const cutter = new Cutter(text, framer);
  while (await cutter.hasMore()) {
    let end: PieceEnd | undefined;
    const { firstLine, firstByte, header } = cutter;
    yield {
      firstLine,
      firstByte,
      header,
      bytes: (async function* () {
        end = yield* cutter.piece(maxPieceBytes);
      })(),
      end() {
        if (!end) throw new Error("The piece has no end before all its bytes were taken");
        return end;
      },
    };
    if (!end) throw new Error("The next piece was asked for before all bytes of the one before were taken");
  }
}

class Cutter {
  /** Where the next piece starts. */
  firstLine = 1;
  firstByte = 0;
  header: string | undefined;

  readonly #text: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  readonly #framer: Framer;
  /** The rest of the last block, and the framer's text that has not come to a cut. */
  #block: Uint8Array = new Uint8Array();
  #open: Uint8Array[] = [];
  #openBytes = 0;
  #isEnd = false;

  constructor(text: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, framer: Framer) {
    this.#text = Symbol.asyncIterator in text ? text[Symbol.asyncIterator]() : text[Symbol.iterator]();
    this.#framer = framer;
  }

  /** Whether there is text for one more piece. */
  async hasMore(): Promise<boolean> {
    await this.#fill();
    return this.#openBytes > 0 || this.#block.length > 0;
  }

  /** Gets the next block unless there is one. */
  async #fill(): Promise<void> {
    while (this.#block.length === 0 && !this.#isEnd) {
      const { value, done } = await this.#text.next();
      if (done) this.#isEnd = true;
      else {
        // The one before it was taken.
        discard(value);
        this.#block = value;
      }
    }
  }

  /** Yields the text of one piece: all records that fit in `room` bytes, or one that does not. */
  async *piece(room: number): AsyncGenerator<Uint8Array, PieceEnd, undefined> {
    let byteLength = 0;
    let lineCount = 0;
    let lastByte = LINE_FEED;
    /** In the middle of a record that is longer than a piece: it is not held, and the piece goes on to its end. */
    let isPassing = false;
    const count = (bytes: Uint8Array, lineFeeds = lineFeedsIn(bytes)) => {
      byteLength += bytes.length;
      lineCount += lineFeeds;
      lastByte = bytes.at(-1) ?? lastByte;
      return bytes;
    };
    for (;;) {
      await this.#fill();
      if (this.#isEnd && this.#block.length === 0) {
        // Nothing comes any more: what is open is the last record. It may have to start a piece of its own.
        this.#framer.follow(new Uint8Array(), true);
        if (byteLength > 0 && byteLength + this.#openBytes > room) break;
        for (const bytes of this.#takeOpen()) yield count(bytes);
        break;
      }
      const left = room - byteLength - this.#openBytes;
      if (left <= 0 && byteLength > 0 && !isPassing) break;
      // A record that is longer than a piece is followed to its end.
      const stretch = this.#block.subarray(0, left > 0 ? left : endOfLine(this.#block));
      const cut = this.#framer.follow(stretch, false);
      this.#block = this.#block.subarray(stretch.length);
      if (cut === 0) {
        this.#open.push(stretch);
        this.#openBytes += stretch.length;
        isPassing ||= byteLength === 0 && this.#openBytes >= room;
        if (isPassing) for (const bytes of this.#takeOpen()) yield count(bytes);
        continue;
      }
      isPassing = false;
      this.header = this.#framer.header;
      for (const bytes of this.#takeOpen()) yield count(bytes);
      yield count(stretch.subarray(0, cut), this.#framer.lineFeeds);
      if (cut < stretch.length) {
        this.#open.push(stretch.subarray(cut));
        this.#openBytes += stretch.length - cut;
      }
      // Full: the record that is open did not fit.
      if (byteLength + this.#openBytes >= room) break;
    }
    this.firstByte += byteLength;
    this.firstLine += lineCount;
    await this.#fill();
    const isLast = this.#isEnd && this.#block.length === 0 && this.#openBytes === 0;
    if (lastByte !== LINE_FEED) lineCount++;
    return { byteLength, lineCount, isLast };
  }

  #takeOpen(): Uint8Array[] {
    const open = this.#open;
    this.#open = [];
    this.#openBytes = 0;
    return open;
  }
}

function lineFeedsIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

/** Where the first line of a block ends, so that a record that is too long is cut right after it. */
function endOfLine(block: Uint8Array): number {
  const at = block.indexOf(LINE_FEED);
  return at < 0 ? block.length : at + 1;
}
