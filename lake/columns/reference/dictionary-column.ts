import { MAX_DICTIONARY_BYTES, MIN_VALUES_TO_JUDGE, PAGE_ROWS } from "../../kernel/shared-numbers.ts";
import { FIELD_STRIDE } from "../../rows/block-layout.ts";
import { GrowingBytes } from "../../rows/growing-bytes.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import type { Bounds, ColumnEncoder, EncodedPage, InvalidField } from "../column-encoder.ts";
import { encodeHybrid, hybridBound, writeVarInt } from "../encodings/hybrid-encoding.ts";
import type { PageEncoding } from "../row-group.ts";
import { TextIndex } from "./text-index.ts";

/** Memory that all columns encode their pages in, one after the other. */
export interface Scratch {
  readonly levels: GrowingBytes;
  readonly body: GrowingBytes;
}

/** The common part of text and typed columns: the dictionary, the choice for or against it, levels and ids. */
export abstract class DictionaryColumn implements ColumnEncoder {
  abstract readonly isText: boolean;
  protected readonly index = new TextIndex();
  /** PLAIN-encoded values of the page, when it has no dictionary. */
  protected readonly plain = new GrowingBytes(256);
  protected ids = new Int32Array(256);
  protected valueCount = 0;
  protected isPlain: boolean;
  /** Set when a row group gave its dictionary up: the next ones start without one. */
  #startsPlain: boolean;
  #levels = new Uint8Array(256);
  #rowCount = 0;
  #dictionaryPages = 0;
  #pages = 0;
  readonly #scratch: Scratch;
  readonly #maxDistinctPercent: number;

  constructor(scratch: Scratch, maxDistinctPercent: number, isPlain: boolean) {
    this.#scratch = scratch;
    this.#maxDistinctPercent = maxDistinctPercent;
    this.#startsPlain = isPlain;
    this.isPlain = isPlain;
  }

  get heldBytes(): number {
    return 2 * this.index.textBytes + 32 * this.index.count + this.plain.length;
  }

  append(block: RowBlock, column: number, startRow: number, endRow: number, invalid: InvalidField[]): void {
    this.#reserveRows(endRow - startRow);
    const { fields, view } = block;
    const levels = this.#levels;
    let rowCount = this.#rowCount;
    let at = 2 * (column * FIELD_STRIDE + startRow);
    if (this.isPlain) {
      for (let row = startRow; row < endRow; row++, at += 2) {
        const length = fields[at + 1]!;
        levels[rowCount++] = length >= 0 && this.#appendPlain(block, fields[at]!, length, row, column, invalid) ? 1 : 0;
      }
    } else {
      const { index, ids } = this;
      let known = index.count;
      let valueCount = this.valueCount;
      for (let row = startRow; row < endRow; row++, at += 2) {
        const length = fields[at + 1]!;
        if (length < 0) {
          levels[rowCount++] = 0;
          continue;
        }
        const id = index.numberOf(view, fields[at]!, length);
        if (id === known) {
          if (!this.addDictionaryValue(block, id, fields[at]!, length)) {
            index.dropLast();
            if (length > 0) invalid.push({ row, column });
            levels[rowCount++] = 0;
            continue;
          }
          known++;
        }
        ids[valueCount++] = id;
        levels[rowCount++] = 1;
      }
      this.valueCount = valueCount;
    }
    this.#rowCount = rowCount;
  }

  #appendPlain(
    block: RowBlock,
    start: number,
    length: number,
    row: number,
    column: number,
    invalid: InvalidField[],
  ): boolean {
    if (this.addPlainValue(block, start, length)) {
      this.valueCount++;
      return true;
    }
    if (length > 0) invalid.push({ row, column });
    return false;
  }

  /** Takes the text of a new dictionary entry; false when the column's type cannot hold it. */
  protected abstract addDictionaryValue(block: RowBlock, id: number, start: number, length: number): boolean;
  /** Adds a value to `plain`; false when the column's type cannot hold it. */
  protected abstract addPlainValue(block: RowBlock, start: number, length: number): boolean;
  /** Writes the dictionary's value to `plain`. */
  protected abstract copyToPlain(id: number): void;
  /** Bytes of the PLAIN-encoded dictionary. */
  protected abstract get dictionaryByteLength(): number;
  protected abstract pageBounds(): Bounds | undefined;
  /** The page's values without a dictionary. `scratch` may be used for them. */
  protected abstract encodePlain(scratch: GrowingBytes): { encoding: PageEncoding; body: Uint8Array };
  protected abstract encodeDictionary(): Uint8Array;
  abstract bounds(): Bounds | undefined;

  takePage(): EncodedPage {
    this.#judgeDictionary();
    const rowCount = this.#rowCount;
    const nullCount = rowCount - this.valueCount;
    const bounds = this.valueCount > 0 ? this.pageBounds() : undefined;
    // A page without a value must be PLAIN: there may be no dictionary for it to refer to.
    const usesDictionary = !this.isPlain && this.valueCount > 0;
    const page: EncodedPage = {
      rowCount,
      nullCount,
      levels: this.#encodeLevels(nullCount),
      ...(usesDictionary
        ? { encoding: "RLE_DICTIONARY", body: this.#encodeIds() }
        : this.valueCount > 0
          ? this.encodePlain(this.#scratch.body)
          : { encoding: "PLAIN", body: new Uint8Array() }),
      bounds,
    };
    this.#rowCount = 0;
    this.valueCount = 0;
    this.plain.length = 0;
    this.#pages++;
    if (usesDictionary) {
      this.#dictionaryPages++;
      if (this.dictionaryByteLength > MAX_DICTIONARY_BYTES) this.isPlain = true;
    }
    return page;
  }

  takeDictionary(): { readonly valueCount: number; readonly body: Uint8Array } | undefined {
    if (this.#dictionaryPages === 0) return undefined;
    return { valueCount: this.index.count, body: this.encodeDictionary() };
  }

  reset(): void {
    this.index.clear();
    this.plain.length = 0;
    this.valueCount = 0;
    this.#rowCount = 0;
    this.#dictionaryPages = 0;
    this.#pages = 0;
    this.isPlain = this.#startsPlain;
  }

  close(): void {}

  /** Gives the dictionary up, after the first page, where values hardly repeat. */
  #judgeDictionary(): void {
    if (this.isPlain || this.#pages > 0 || this.valueCount <= MIN_VALUES_TO_JUDGE) return;
    if (this.index.count * 100 <= this.valueCount * this.#maxDistinctPercent) return;
    for (let i = 0; i < this.valueCount; i++) this.copyToPlain(this.ids[i]!);
    this.index.clear();
    this.isPlain = true;
    this.#startsPlain = true;
  }

  #reserveRows(count: number): void {
    const needed = this.#rowCount + count;
    if (needed > PAGE_ROWS) throw new Error(`A page of ${needed} rows: it may have ${PAGE_ROWS}`);
    if (needed <= this.#levels.length) return;
    const capacity = Math.min(PAGE_ROWS, Math.max(needed, 2 * this.#levels.length));
    const levels = new Uint8Array(capacity);
    levels.set(this.#levels.subarray(0, this.#rowCount));
    this.#levels = levels;
    const ids = new Int32Array(capacity);
    ids.set(this.ids.subarray(0, this.valueCount));
    this.ids = ids;
  }

  #encodeLevels(nullCount: number): Uint8Array {
    const { levels } = this.#scratch;
    const rowCount = this.#rowCount;
    levels.length = 0;
    levels.reserve(hybridBound(rowCount, 1));
    if (nullCount === 0 || nullCount === rowCount) {
      levels.length = writeVarInt(levels.bytes, 0, rowCount << 1);
      levels.bytes[levels.length++] = nullCount === 0 ? 1 : 0;
    } else levels.length = encodeHybrid(this.#levels, rowCount, 1, levels.bytes, levels.view, 0);
    return levels.written();
  }

  #encodeIds(): Uint8Array {
    const { body } = this.#scratch;
    const { ids, valueCount } = this;
    let greatest = 0;
    for (let i = 0; i < valueCount; i++) if (ids[i]! > greatest) greatest = ids[i]!;
    const bitWidth = 32 - Math.clz32(greatest);
    body.length = 0;
    body.reserve(hybridBound(valueCount, bitWidth) + 1);
    body.bytes[0] = bitWidth;
    body.length = encodeHybrid(ids, valueCount, bitWidth, body.bytes, body.view, 1);
    return body.written();
  }
}
