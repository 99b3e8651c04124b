/**
 * The plain TypeScript implementation of `ColumnEncoder`: the reference that the kernel is checked against, and what runs
 * where the kernel cannot.
 */

import {
  MAX_DICTIONARY_BYTES,
  MAX_DISTINCT_NUMBER_PERCENT,
  MAX_DISTINCT_TEXT_PERCENT,
  MIN_VALUES_TO_JUDGE,
  PAGE_ROWS,
} from "../../kernel/shared-numbers.ts";
import { FIELD_STRIDE } from "../../rows/block-layout.ts";
import { GrowingBytes } from "../../rows/growing-bytes.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import type { ColumnDefinition, ColumnType } from "../../rows/schema.ts";
import { storedText } from "../../rows/text-decoding.ts";
import { parseValue, valueByteLength } from "../../rows/typed-value.ts";
import type { Bounds, ColumnEncoder, EncodedPage, InvalidField } from "../column-encoder.ts";
import { encodeDeltas, encodeTextDeltas } from "../delta-encoding.ts";
import { encodeHybrid, hybridBound, writeVarInt } from "../hybrid-encoding.ts";
import type { Encodings } from "../parquet-options.ts";
import type { PageEncoding } from "../row-group.ts";
import { TextIndex } from "./text-index.ts";

/** Memory that all columns encode their pages in, one after the other. */
export interface Scratch {
  readonly levels: GrowingBytes;
  readonly body: GrowingBytes;
}

export function openReferenceEncoder(
  definition: ColumnDefinition,
  encodings: Encodings,
  scratch: Scratch,
): ColumnEncoder {
  const isDelta = encodings === "delta";
  return definition.type === "string"
    ? new TextColumn(definition, isDelta, scratch)
    : new TypedColumn(definition.type, isDelta, scratch);
}

/** What text and typed columns share: the dictionary, the choice for or against it, levels and ids. */
abstract class DictionaryColumn implements ColumnEncoder {
  abstract readonly isText: boolean;
  protected readonly index = new TextIndex();
  /** PLAIN-encoded values of the page, when it has no dictionary. */
  protected readonly plain = new GrowingBytes(256);
  protected ids = new Int32Array(256);
  protected valueCount = 0;
  protected isPlain: boolean;
  /** Row groups after one that did without a dictionary start without. */
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

  /** After the first page: a dictionary of values that hardly repeat is worth nothing. */
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

const HIGH_BITS = 0x80808080 | 0;
const ONES = 0x01010101;
const PERCENT_WORD = 0x25252525;
const BACKSLASH_WORD = 0x5c5c5c5c;

class TextColumn extends DictionaryColumn {
  readonly isText = true;
  readonly #isDelta: boolean;
  readonly #decoding: ColumnDefinition["decoding"];
  readonly #escapeWord: number;
  // Texts of dictionary entries that are not what stands in the log, by id; and their ids in order.
  readonly #changed = new Map<number, Uint8Array>();
  #changedBytes = 0;
  /** Of the page, when it has no dictionary. */
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

/** Follows the least and greatest of texts, in the order of their bytes. */
class TextBounds {
  #min: Uint8Array | undefined;
  #max: Uint8Array | undefined;
  // The first four bytes of each as a number, which settles nearly every comparison.
  #minPrefix = 0;
  #maxPrefix = 0;

  add(view: DataView, bytes: Uint8Array, start: number, length: number): void {
    const prefix = prefixOf(view, bytes, start, length);
    if (this.#min === undefined || this.#max === undefined) {
      this.#min = this.#max = bytes.slice(start, start + length);
      this.#minPrefix = this.#maxPrefix = prefix;
      return;
    }
    if (prefix <= this.#minPrefix && compareBytes(bytes, start, length, this.#min) < 0) {
      this.#min = bytes.slice(start, start + length);
      this.#minPrefix = prefix;
    } else if (prefix >= this.#maxPrefix && compareBytes(bytes, start, length, this.#max) > 0) {
      this.#max = bytes.slice(start, start + length);
      this.#maxPrefix = prefix;
    }
  }

  get(): Bounds | undefined {
    return this.#min && this.#max ? { min: this.#min, max: this.#max } : undefined;
  }

  clear(): void {
    this.#min = undefined;
    this.#max = undefined;
  }
}

function prefixOf(view: DataView, bytes: Uint8Array, start: number, length: number): number {
  if (length >= 4) return view.getUint32(start, false);
  let prefix = 0;
  for (let i = 0; i < 4; i++) prefix = prefix * 256 + (i < length ? bytes[start + i]! : 0);
  return prefix;
}

function compareBytes(bytes: Uint8Array, start: number, length: number, other: Uint8Array): number {
  const shared = Math.min(length, other.length);
  for (let i = 0; i < shared; i++) {
    const difference = bytes[start + i]! - other[i]!;
    if (difference !== 0) return difference;
  }
  return length - other.length;
}

/** Numbers, times, dates and booleans: parsed once for each distinct text. */
class TypedColumn extends DictionaryColumn {
  readonly isText = false;
  readonly #isDelta: boolean;
  readonly #type: Exclude<ColumnType, "string">;
  readonly #width: 1 | 4 | 8;
  /** PLAIN-encoded values of the dictionary, by id. */
  readonly #values = new GrowingBytes(256);
  readonly #chunkBounds: TypedBounds;
  readonly #pageBounds: TypedBounds;

  constructor(type: Exclude<ColumnType, "string">, isDelta: boolean, scratch: Scratch) {
    // Parquet has no dictionary of booleans.
    super(scratch, MAX_DISTINCT_NUMBER_PERCENT, type === "boolean");
    this.#type = type;
    this.#width = valueByteLength(type);
    this.#isDelta = isDelta && type !== "boolean" && type !== "double";
    this.#chunkBounds = new TypedBounds(type);
    this.#pageBounds = new TypedBounds(type);
  }

  protected get dictionaryByteLength(): number {
    return this.index.count * this.#width;
  }

  protected addDictionaryValue(block: RowBlock, id: number, start: number, length: number): boolean {
    const values = this.#values;
    values.length = id * this.#width;
    values.reserve(8);
    if (!parseValue(this.#type, block.bytes, start, start + length, values.view, values.length)) return false;
    values.length += this.#width;
    return true;
  }

  protected addPlainValue(block: RowBlock, start: number, length: number): boolean {
    const { plain } = this;
    plain.reserve(8);
    if (!parseValue(this.#type, block.bytes, start, start + length, plain.view, plain.length)) return false;
    plain.length += this.#width;
    return true;
  }

  protected copyToPlain(id: number): void {
    const from = id * this.#width;
    this.plain.append(this.#values.bytes.subarray(from, from + this.#width));
  }

  protected pageBounds(): Bounds | undefined {
    const page = this.#pageBounds;
    page.clear();
    if (this.isPlain) {
      for (let at = 0; at < this.plain.length; at += this.#width) page.add(this.plain.view, at);
    } else {
      const { ids } = this;
      for (let i = 0; i < this.valueCount; i++) page.add(this.#values.view, ids[i]! * this.#width);
    }
    this.#chunkBounds.merge(page);
    return page.get();
  }

  protected encodePlain(scratch: GrowingBytes): { encoding: PageEncoding; body: Uint8Array } {
    if (this.#type === "boolean") return { encoding: "PLAIN", body: this.#packBooleans() };
    const { plain } = this;
    if (!this.#isDelta) return { encoding: "PLAIN", body: plain.written() };
    scratch.length = 0;
    if (this.#width === 4) encodeDeltas((i) => BigInt(plain.view.getInt32(4 * i, true)), this.valueCount, 32, scratch);
    else encodeDeltas((i) => plain.view.getBigInt64(8 * i, true), this.valueCount, 64, scratch);
    return { encoding: "DELTA_BINARY_PACKED", body: scratch.written() };
  }

  #packBooleans(): Uint8Array {
    const values = this.plain.written();
    const packed = new Uint8Array(Math.ceil(values.length / 8));
    for (let i = 0; i < values.length; i++) packed[i >> 3]! |= values[i]! << (i & 7);
    return packed;
  }

  protected encodeDictionary(): Uint8Array {
    return this.#values.bytes.subarray(0, this.index.count * this.#width);
  }

  bounds(): Bounds | undefined {
    return this.#chunkBounds.get();
  }

  override reset(): void {
    super.reset();
    this.#values.length = 0;
    this.#chunkBounds.clear();
  }
}

const NUMBER_OF_HIGH_WORD = 2 ** 32;
/** Beyond it, two INT64 may be one double. */
const MAX_EXACT = Number.MAX_SAFE_INTEGER;

/** Follows the least and greatest of PLAIN-encoded values of one type. */
class TypedBounds {
  readonly #type: Exclude<ColumnType, "string">;
  #isEmpty = true;
  #min = 0;
  #max = 0;
  // INT64 beyond 2^53 are compared as such.
  #bigMin = 0n;
  #bigMax = 0n;
  #isBig = false;

  constructor(type: Exclude<ColumnType, "string">) {
    this.#type = type;
  }

  clear(): void {
    this.#isEmpty = true;
    this.#isBig = false;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
  }

  add(view: DataView, at: number): void {
    let value: number;
    switch (this.#type) {
      case "boolean":
        value = view.getUint8(at);
        break;
      case "int32":
      case "date":
        value = view.getInt32(at, true);
        break;
      case "double":
        value = view.getFloat64(at, true);
        break;
      default:
        value = view.getInt32(at + 4, true) * NUMBER_OF_HIGH_WORD + view.getUint32(at, true);
        if (value > MAX_EXACT || value < -MAX_EXACT || this.#isBig) {
          this.#addBig(view.getBigInt64(at, true));
          return;
        }
    }
    if (this.#isEmpty) {
      this.#isEmpty = false;
      this.#min = value;
      this.#max = value;
    } else if (value < this.#min) this.#min = value;
    else if (value > this.#max) this.#max = value;
  }

  #addBig(value: bigint): void {
    if (!this.#isBig) {
      this.#bigMin = this.#isEmpty ? value : BigInt(this.#min);
      this.#bigMax = this.#isEmpty ? value : BigInt(this.#max);
      this.#isBig = true;
      this.#isEmpty = false;
    }
    if (value < this.#bigMin) this.#bigMin = value;
    if (value > this.#bigMax) this.#bigMax = value;
  }

  merge(other: TypedBounds): void {
    const bounds = other.get();
    if (bounds === undefined) return;
    for (const { buffer, byteOffset, byteLength } of [bounds.min, bounds.max]) {
      this.add(new DataView(buffer, byteOffset, byteLength), 0);
    }
  }

  get(): Bounds | undefined {
    return this.#isEmpty ? undefined : { min: this.#encode(true), max: this.#encode(false) };
  }

  #encode(isMin: boolean): Uint8Array {
    const value = isMin ? this.#min : this.#max;
    const out = new DataView(new ArrayBuffer(valueByteLength(this.#type)));
    switch (this.#type) {
      case "boolean":
        out.setUint8(0, value);
        break;
      case "int32":
      case "date":
        out.setInt32(0, value, true);
        break;
      case "double":
        // Readers may take -0 and +0 for different: the bounds have to contain both.
        out.setFloat64(0, value === 0 ? (isMin ? -0 : 0) : value, true);
        break;
      default:
        out.setBigInt64(0, this.#isBig ? (isMin ? this.#bigMin : this.#bigMax) : BigInt(value), true);
    }
    return new Uint8Array(out.buffer);
  }
}
