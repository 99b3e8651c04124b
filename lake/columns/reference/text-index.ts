/** Slots for recent texts, as a power of two. Neighbouring rows repeat a few texts, which are found there without a hash. */
const RECENT_BITS = 12;
/** The same for small columns. */
const FIRST_RECENT_BITS = 6;

/** Places of number and length before the text in `words`. */
const NUMBER_BEFORE = 2;
const LENGTH_BEFORE = 1;

const WORD = 0x9e3779b1;
const MIX = 0x85ebca6b;
const MIX2 = 0xc2b2ae35;

/** Columns start small: there may be hundreds, one for each day and field. */
const FIRST_SLOTS = 64;
const FIRST_TEXTS = 32;
const FIRST_WORDS = 256;

/**
 * Numbers texts in the order of their first appearance, reading and comparing whole words of bytes.
 *
 * Each index has its own salt for hashes, so input cannot be made to collide. The numbers do not depend on the salt.
 */
export class TextIndex {
  count = 0;
  /** Where each text begins in `words`, and how many bytes it has. The rest of its last word is zero. */
  starts = new Int32Array(FIRST_TEXTS);
  lengths = new Int32Array(FIRST_TEXTS);
  /** The texts, each after its number and its length: a search finds all it needs in one place. */
  words = new Int32Array(FIRST_WORDS);
  /** Bytes of all texts. */
  textBytes = 0;

  // Open addressing: slot i holds a hash in [2i] and in [2i + 1] where the text begins in `words`, which is never at 0.
  #slots = new Int32Array(2 * FIRST_SLOTS);
  #slotMask = FIRST_SLOTS - 1;
  #wordTop = 0;
  #lastSlot = 0;
  #lastRecent = 0;
  #recent = new Int32Array(1 << FIRST_RECENT_BITS).fill(-1);
  #recentShift = 32 - FIRST_RECENT_BITS;
  readonly #salt = (Math.random() * 2 ** 32) | 0;

  /** Forgets all texts and keeps the memory. */
  clear(): void {
    if (this.count === 0) return;
    this.count = 0;
    this.textBytes = 0;
    this.#wordTop = 0;
    this.#slots.fill(0);
    this.#recent.fill(-1);
  }

  /** The number of the text at `view[start, start + length)`; it equals `count` before the call when the text is new. */
  numberOf(view: DataView, start: number, length: number): number {
    const { words } = this;
    let weak: number;
    if (length < 5) {
      const word = length === 4 ? view.getInt32(start, true) : view.getInt32(start, true) & ((1 << (8 * length)) - 1);
      weak = Math.imul(word ^ length, WORD) >>> this.#recentShift;
      const candidate = this.#recent[weak]!;
      if (
        candidate >= 0 &&
        words[candidate - LENGTH_BEFORE] === length &&
        (length === 0 || words[candidate] === word)
      ) {
        return words[candidate - NUMBER_BEFORE]!;
      }
    } else {
      weak =
        Math.imul(
          view.getInt32(start, true) ^
            Math.imul(view.getInt32(start + length - 4, true), MIX) ^
            Math.imul(view.getInt32(start + (length >> 1) - 2, true), MIX2) ^
            length,
          WORD,
        ) >>> this.#recentShift;
      const candidate = this.#recent[weak]!;
      if (
        candidate >= 0 &&
        words[candidate - LENGTH_BEFORE] === length &&
        isTextAt(words, candidate, view, start, length)
      ) {
        return words[candidate - NUMBER_BEFORE]!;
      }
    }
    const found = this.#lookUp(view, start, length);
    this.#recent[weak] = found;
    this.#lastRecent = weak;
    return this.words[found - NUMBER_BEFORE]!;
  }

  /** Forgets the text that the last call of `numberOf` added. */
  dropLast(): void {
    this.count--;
    this.textBytes -= this.lengths[this.count]!;
    this.#wordTop = this.starts[this.count]! - NUMBER_BEFORE;
    this.#slots[2 * this.#lastSlot] = 0;
    this.#slots[2 * this.#lastSlot + 1] = 0;
    this.#recent[this.#lastRecent] = -1;
  }

  /** Where in `words` the text begins, which is added if it is new. */
  #lookUp(view: DataView, start: number, length: number): number {
    const hash = this.#hash(view, start, length);
    // Before the search: a text that is added stays in the slot where the search ended.
    if (2 * (this.count + 1) > this.#slotMask) this.#growSlots();
    const slots = this.#slots;
    const { words } = this;
    const mask = this.#slotMask;
    let slot = hash & mask;
    for (;;) {
      const at = slots[2 * slot + 1]!;
      if (at === 0) break;
      if (
        slots[2 * slot] === hash &&
        words[at - LENGTH_BEFORE] === length &&
        isTextAt(words, at, view, start, length)
      ) {
        return at;
      }
      slot = (slot + 1) & mask;
    }
    return this.#add(view, start, length, hash, slot);
  }

  #hash(view: DataView, start: number, length: number): number {
    let a = this.#salt ^ length;
    let b = 0x3c6ef372;
    let i = start;
    for (const end = start + (length & ~7); i < end; i += 8) {
      a = Math.imul(a ^ view.getInt32(i, true), WORD);
      b = Math.imul(b ^ view.getInt32(i + 4, true), MIX);
      a = (a << 13) | (a >>> 19);
      b = (b << 15) | (b >>> 17);
    }
    a ^= b;
    if ((length & 4) !== 0) {
      a = Math.imul(a ^ view.getInt32(i, true), WORD);
      a ^= a >>> 15;
      i += 4;
    }
    const rest = length & 3;
    if (rest !== 0) {
      a = Math.imul(a ^ (view.getInt32(i, true) & ((1 << (8 * rest)) - 1)), WORD);
      a ^= a >>> 15;
    }
    a = Math.imul(a, MIX);
    return a ^ (a >>> 13);
  }

  #add(view: DataView, start: number, length: number, hash: number, slot: number): number {
    const number = this.count++;
    if (number === this.starts.length) {
      this.starts = doubled(this.starts, 0);
      this.lengths = doubled(this.lengths, 0);
      if (this.#recent.length < 1 << RECENT_BITS) {
        this.#recent = new Int32Array(1 << RECENT_BITS).fill(-1);
        this.#recentShift = 32 - RECENT_BITS;
      }
    }
    const wholeWords = length >> 2;
    const needed = NUMBER_BEFORE + wholeWords + 1;
    if (this.#wordTop + needed > this.words.length) this.words = doubled(this.words, needed);
    const words = this.words;
    const textAt = this.#wordTop + NUMBER_BEFORE;
    words[textAt - NUMBER_BEFORE] = number;
    words[textAt - LENGTH_BEFORE] = length;
    let top = textAt;
    this.starts[number] = textAt;
    this.lengths[number] = length;
    let i = start;
    for (const end = top + wholeWords; top < end; top++, i += 4) words[top] = view.getInt32(i, true);
    const rest = length & 3;
    if (rest !== 0) words[top++] = view.getInt32(i, true) & ((1 << (8 * rest)) - 1);
    this.#wordTop = top;
    this.textBytes += length;
    this.#slots[2 * slot] = hash;
    this.#slots[2 * slot + 1] = textAt;
    this.#lastSlot = slot;
    return textAt;
  }

  #growSlots(): void {
    const old = this.#slots;
    const slotCount = old.length; // Twice as many slots as before, two numbers each.
    const slots = new Int32Array(2 * slotCount);
    const mask = slotCount - 1;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue;
      let slot = old[i]! & mask;
      while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
      slots[2 * slot] = old[i]!;
      slots[2 * slot + 1] = old[i + 1]!;
    }
    this.#slots = slots;
    this.#slotMask = mask;
  }
}

/** Whether the text that begins at a place in `words` is the one at `view[start, start + length)`; they are as long. */
function isTextAt(words: Int32Array, textAt: number, view: DataView, start: number, length: number): boolean {
  let at = textAt;
  let i = start;
  const wholeEnd = start + (length & ~3);
  for (; i < wholeEnd; i += 4, at++) if (words[at] !== view.getInt32(i, true)) return false;
  const rest = length & 3;
  return rest === 0 || words[at] === (view.getInt32(i, true) & ((1 << (8 * rest)) - 1));
}

/** A copy with room for twice as many numbers and `extra` more. */
function doubled(array: Int32Array, extra: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2 + extra);
  grown.set(array);
  return grown;
}
