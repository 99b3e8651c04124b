import { MAX_DISTINCT_TEXT_PERCENT } from "../../kernel/shared-numbers.ts";
import type { GrowingBytes } from "../../rows/growing-bytes.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import type { ColumnDefinition } from "../../rows/schema.ts";
import { storedText } from "../../rows/text-decoding.ts";
import type { Bounds } from "../column-encoder.ts";
import { encodeTextDeltas } from "../encodings/delta-encoding.ts";
import type { PageEncoding } from "../row-group.ts";
import { DictionaryColumn, type Scratch } from "./dictionary-column.ts";
import { TextBounds } from "./text-bounds.ts";

const HIGH_BITS = 0x80808080 | 0;
const ONES = 0x01010101;
const PERCENT_WORD = 0x25252525;
const BACKSLASH_WORD = 0x5c5c5c5c;

/** Texts: escapes undone once for each distinct one. */
export class TextColumn extends DictionaryColumn {
  readonly isText = true;
  readonly #isDelta: boolean;
  readonly #decoding: ColumnDefinition["decoding"];
  readonly #escapeWord: number;
  // Texts of dictionary entries that differ from the log, by id.
  readonly #changed = new Map<number, Uint8Array>();
  #changedBytes = 0;
  /** Bounds of the page, when it has no dictionary. */
  readonly #plainBounds = new TextBounds();
  readonly #pageBounds = new TextBounds();
  readonly #chunkBounds = new TextBounds();
  /** A mark for each text of the dictionary: whether the page has it. */
  #marks = new Uint8Array(256);
  readonly #scratch: Scratch;

  constructor(definition: ColumnDefinition, isDelta: boolean, scratch: Scratch) {
    super(scratch, MAX_DISTINCT_TEXT_PERCENT, false);
    this.#isDelta = isDelta;
    this.#scratch = scratch;
    this.#decoding = definition.decoding;
    this.#escapeWord =
      definition.decoding === "percent" ? PERCENT_WORD : definition.decoding === "backslash" ? BACKSLASH_WORD : 0;
  }

  protected get dictionaryByteLength(): number {
    return this.index.textBytes + this.#changedBytes + 4 * this.index.count;
  }

  protected addDictionaryValue(block: RowBlock, id: number, start: number, length: number): boolean {
    if (!this.#isStoredAsIs(block.view, start, length)) {
      const text = block.bytes.subarray(start, start + length);
      const stored = storedText(text, this.#decoding);
      if (stored !== text) {
        this.#changed.set(id, stored);
        this.#changedBytes += stored.length - length;
      }
    }
    return true;
  }

  /** Whether the text holds neither an escape nor a byte beyond ASCII. May say no for text that stays the same. */
  #isStoredAsIs(view: DataView, start: number, length: number): boolean {
    const escapeWord = this.#escapeWord;
    let suspect = 0;
    let i = start;
    for (const end = start + (length & ~3); i < end; i += 4) {
      const word = view.getInt32(i, true);
      suspect |= word;
      if (escapeWord !== 0) {
        const x = word ^ escapeWord;
        suspect |= (x - ONES) & ~x;
      }
    }
    const rest = length & 3;
    if (rest !== 0) {
      const word = view.getInt32(i, true) & ((1 << (8 * rest)) - 1);
      suspect |= word;
      if (escapeWord !== 0) {
        const x = word ^ escapeWord;
        suspect |= (x - ONES) & ~x;
      }
    }
    return (suspect & HIGH_BITS) === 0;
  }

  protected addPlainValue(block: RowBlock, start: number, length: number): boolean {
    const { plain } = this;
    if (!this.#isStoredAsIs(block.view, start, length)) {
      this.#addPlainText(storedText(block.bytes.subarray(start, start + length), this.#decoding));
      return true;
    }
    plain.reserve(length + 8);
    const { view } = plain;
    let at = plain.length;
    view.setInt32(at, length, true);
    at += 4;
    this.#plainBounds.add(block.view, block.bytes, start, length);
    // Whole words, the last of which may write beyond the text: the room is reserved.
    for (let i = start; i < start + length; i += 4, at += 4) view.setInt32(at, block.view.getInt32(i, true), true);
    plain.length += 4 + length;
    return true;
  }

  #addPlainText(text: Uint8Array): void {
    const { plain } = this;
    plain.reserve(text.length + 8);
    plain.view.setInt32(plain.length, text.length, true);
    const start = plain.length + 4;
    plain.bytes.set(text, start);
    plain.length = start + text.length;
    this.#plainBounds.add(plain.view, plain.bytes, start, text.length);
  }

  #dictionaryText(id: number): Uint8Array {
    const { index } = this;
    return this.#changed.get(id) ?? new Uint8Array(index.words.buffer, 4 * index.starts[id]!, index.lengths[id]!);
  }

  protected copyToPlain(id: number): void {
    this.#addPlainText(this.#dictionaryText(id));
  }

  protected pageBounds(): Bounds | undefined {
    const page = this.isPlain ? this.#plainBounds : this.#dictionaryBounds();
    const bounds = page.get();
    page.clear();
    if (!bounds) return undefined;
    for (const text of [bounds.min, bounds.max]) {
      this.#chunkBounds.add(new DataView(text.buffer, text.byteOffset), text, 0, text.length);
    }
    return bounds;
  }

  #dictionaryBounds(): TextBounds {
    const { index, ids, valueCount } = this;
    if (this.#marks.length < index.count) this.#marks = new Uint8Array(2 * index.count);
    const marks = this.#marks.fill(0, 0, index.count);
    for (let i = 0; i < valueCount; i++) marks[ids[i]!] = 1;
    const bounds = this.#pageBounds;
    const raw = new Uint8Array(index.words.buffer);
    const view = new DataView(index.words.buffer);
    for (let id = marks.indexOf(1); id >= 0 && id < index.count; id = marks.indexOf(1, id + 1)) {
      const changed = this.#changed.size > 0 ? this.#changed.get(id) : undefined;
      if (changed === undefined) bounds.add(view, raw, 4 * index.starts[id]!, index.lengths[id]!);
      else bounds.add(new DataView(changed.buffer, changed.byteOffset), changed, 0, changed.length);
    }
    return bounds;
  }

  protected encodePlain(scratch: GrowingBytes): { encoding: PageEncoding; body: Uint8Array } {
    const plain = this.plain.written();
    if (!this.#isDelta) return { encoding: "PLAIN", body: plain };
    scratch.length = 0;
    encodeTextDeltas(plain, this.valueCount, scratch);
    return { encoding: "DELTA_LENGTH_BYTE_ARRAY", body: scratch.written() };
  }

  protected encodeDictionary(): Uint8Array {
    const { body } = this.#scratch;
    const { index } = this;
    const raw = new Uint8Array(index.words.buffer);
    body.length = 0;
    body.reserve(this.dictionaryByteLength + 8);
    const { view, bytes } = body;
    let at = 0;
    for (let id = 0; id < index.count; id++) {
      const changed = this.#changed.size > 0 ? this.#changed.get(id) : undefined;
      const length = changed === undefined ? index.lengths[id]! : changed.length;
      view.setInt32(at, length, true);
      at += 4;
      if (changed !== undefined) bytes.set(changed, at);
      else {
        const from = 4 * index.starts[id]!;
        for (let i = 0; i < length; i++) bytes[at + i] = raw[from + i]!;
      }
      at += length;
    }
    body.length = at;
    return body.written();
  }

  bounds(): Bounds | undefined {
    return this.#chunkBounds.get();
  }

  override reset(): void {
    super.reset();
    this.#changed.clear();
    this.#changedBytes = 0;
    this.#plainBounds.clear();
    this.#chunkBounds.clear();
  }
}
