import { FIELD_STRIDE } from "../../lake/rows/block-layout.ts";
import type { RowBlock } from "../../lake/rows/row-block.ts";

/** Slots of the map of what was seen, a power of two. */
const SLOTS = 1 << 16;

/**
 * Tells lines whose outcome is new: a null or a length where none was before, a reason, a pair of neighbouring fields in
 * a new state. Such lines are worth mutating further, as they got to places where others did not.
 */
export class Novelty {
  readonly #seen = new Uint8Array(SLOTS);
  count = 0;

  /** Line numbers of the entries with a new outcome. */
  novelLines(block: RowBlock, firstRow: number, firstRejection: number): number[] {
    const lines: number[] = [];
    for (let row = firstRow; row < block.rowCount; row++)
      if (this.#isNovelRow(block, row)) lines.push(block.lines[row]!);
    for (let i = firstRejection; i < block.rejections.length; i++) {
      const { reason, start, end, line } = block.rejections[i]!;
      const [first = 0, last = 0] = [block.bytes[start], block.bytes[end - 1]];
      if (
        this.#isNew(reason.length * 7919 + reason.charCodeAt(8) * 31 + sizeClass(end - start) * 263 + first * 3 + last)
      )
        lines.push(line);
    }
    return lines;
  }

  #isNovelRow({ fields, columnCount, bytes }: RowBlock, row: number): boolean {
    let isNovel = false;
    let before = 0;
    for (let column = 0, at = 2 * row; column <= columnCount; column++, at += 2 * FIELD_STRIDE) {
      const length = fields[at + 1]!;
      let state = length < 0 ? 0 : 1 + sizeClass(length);
      if (length > 0) {
        // What a value starts with says which way it takes through the parsers.
        const first = bytes[fields[at]!]!;
        state += 16 * (first >= 0x80 ? 3 : first >= 0x40 ? 2 : first >= 0x30 && first < 0x3a ? 1 : 0);
      }
      if (this.#isNew((column * 4096 + before * 64 + state) | 0)) isNovel = true;
      before = state;
    }
    return isNovel;
  }

  #isNew(feature: number): boolean {
    const slot = (Math.imul(feature, 0x9e3779b1) >>> 16) & (SLOTS - 1);
    if (this.#seen[slot] === 1) return false;
    this.#seen[slot] = 1;
    this.count++;
    return true;
  }
}

function sizeClass(length: number): number {
  return length === 0 ? 0 : Math.min(14, 32 - Math.clz32(length));
}
