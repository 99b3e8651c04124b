/**
 * Records of text that go over several lines, as stack traces do: a pattern says which lines belong to the record before.
 *
 * Only the beginning of a line is matched, so that a long line can be judged before all of it is there. A continuation counts
 * as a comment, so that the lines of an object still add up. Blank lines belong to a record when another of its lines follows.
 */
import type { RE2JS } from "re2js";
import { findByte } from "../rows/find-byte.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { Framer, LineReader, LogScanner } from "../rows/scanner.ts";
import { CARRIAGE_RETURN, LINE_FEED } from "./ascii.ts";

/** The most of a line that is matched. */
const HEAD_BYTES = 1024;

const INCOMPLETE = -1;

export class ContinuedLinesScanner implements LogScanner {
  readonly #reader: LineReader;
  readonly #continuation: RE2JS;

  /** @param reader - Reads the lines of a record together, with the line ends between them. */
  constructor(reader: LineReader, continuation: RE2JS) {
    this.#reader = reader;
    this.#continuation = continuation;
  }

  scan(block: RowBlock, start: number, end: number, isLast: boolean): number {
    let at = start;
    while (at < end && !block.isFull) {
      const { bytes } = block;
      // Looks at no more bytes than an entry may have, including the beginning of the line after it: whether an entry is too
      // long must not depend on how the text comes.
      const limit = Math.min(end, at + block.maxEntryBytes + 1);
      const isEnd = isLast && end - at <= block.maxEntryBytes;
      let lineEnd = endOfLine(bytes, at, limit, isEnd);
      let next = lineEnd + 1;
      let continued = 0;
      // Blank lines after `lineEnd`, and where the line after them starts.
      let blanks = 0;
      const isBlankRecord = isBlank(bytes, at, lineEnd);
      while (!isBlankRecord && lineEnd !== INCOMPLETE && next < limit) {
        const nextEnd = endOfLine(bytes, next, limit, isEnd);
        if (nextEnd !== INCOMPLETE && isBlank(bytes, next, nextEnd)) {
          blanks++;
          next = nextEnd + 1;
          continue;
        }
        const isDecided = nextEnd !== INCOMPLETE || limit - next >= HEAD_BYTES;
        if (isDecided && !isContinuation(this.#continuation, bytes, next, nextEnd === INCOMPLETE ? limit : nextEnd))
          break;
        lineEnd = nextEnd;
        next = nextEnd + 1;
        continued += 1 + blanks;
        blanks = 0;
      }
      // The text after a line end decides about the line.
      if (lineEnd === INCOMPLETE || (next >= limit && !isEnd && !isBlankRecord)) break;
      this.#read(block, at, lineEnd);
      block.line += 1 + continued + blanks;
      for (let comments = continued + blanks; comments > 0; comments--) block.comment();
      next = Math.min(next, end);
      block.countBytes(at, next);
      at = next;
    }
    return at;
  }

  #read(block: RowBlock, start: number, lineEnd: number): void {
    const end = lineEnd > start && block.bytes[lineEnd - 1] === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd;
    if (end === start) block.comment();
    else {
      const outcome = this.#reader.readLine(block, start, end);
      if (outcome === "row") block.endRow();
      else if (outcome === "comment") block.comment();
      else block.reject(outcome, start, end);
    }
  }
}

/** Whether a line has no text; `INCOMPLETE` is no end. */
function isBlank(bytes: Uint8Array, start: number, lineEnd: number): boolean {
  return lineEnd === start || (lineEnd === start + 1 && bytes[start] === CARRIAGE_RETURN);
}

/** The place of the line end; the end of the text for the last line; `INCOMPLETE` when it is not there yet. */
function endOfLine(bytes: Uint8Array, at: number, end: number, isLast: boolean): number {
  const lineFeed = findByte(bytes, LINE_FEED, at, end);
  if (lineFeed >= 0) return lineFeed;
  return isLast ? end : INCOMPLETE;
}

function isContinuation(pattern: RE2JS, bytes: Uint8Array, start: number, lineEnd: number): boolean {
  const end = Math.min(lineEnd, start + HEAD_BYTES);
  // It is not known whether a line that fills the head ends there.
  const isReturn = lineEnd > start && lineEnd - start < HEAD_BYTES && bytes[lineEnd - 1] === CARRIAGE_RETURN;
  return pattern.matcher(bytes.subarray(start, isReturn ? end - 1 : end)).lookingAt();
}

/** Cuts a text before any line that begins a record; never before a blank one, after which the record may go on. */
export class ContinuedLinesFramer implements Framer {
  readonly header = undefined;
  readonly #continuation: RE2JS;
  /** The beginning of the current line, and whether it was judged. */
  #head = new Uint8Array(HEAD_BYTES);
  #headLength = 0;
  #isJudged = false;

  constructor(continuation: RE2JS) {
    this.#continuation = continuation;
  }

  follow(bytes: Uint8Array, isLast: boolean): number {
    let cut = 0;
    let lineStart = -this.#headLength;
    for (let at = 0; at < bytes.length; ) {
      const lineFeed = bytes.indexOf(LINE_FEED, at);
      const end = lineFeed < 0 ? bytes.length : lineFeed;
      const part = bytes.subarray(at, Math.min(end, at + HEAD_BYTES - this.#headLength));
      this.#head.set(part, this.#headLength);
      this.#headLength += part.length;
      if (!this.#isJudged && (lineFeed >= 0 || this.#headLength === HEAD_BYTES)) {
        this.#isJudged = true;
        // A line that is shorter than its head ends where that does.
        const lineEnd = this.#headLength === HEAD_BYTES ? HEAD_BYTES + 1 : this.#headLength;
        const isBlankLine = lineFeed >= 0 && isBlank(this.#head, 0, this.#headLength);
        if (lineStart > 0 && !isBlankLine && !isContinuation(this.#continuation, this.#head, 0, lineEnd))
          cut = lineStart;
      }
      if (lineFeed < 0) break;
      at = lineFeed + 1;
      lineStart = at;
      this.#headLength = 0;
      this.#isJudged = false;
    }
    return isLast ? bytes.length : cut;
  }
}
