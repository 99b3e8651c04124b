import { TextIndex } from "../columns/reference/text-index.ts";
import { FIELD_STRIDE, NULL_LENGTH, type RowBatch } from "../columns/row-batch.ts";
import type { RowTransform } from "../columns/row-transform.ts";
import type { Decoding } from "../columns/schema.ts";
import { storedText } from "../columns/text-decoding.ts";

/**
 * What one text becomes.
 *
 * @param text - As its column would hold it: escapes undone, well-formed UTF-8. It must not be kept.
 * @returns A part of `text`, a text of its own, or undefined for null.
 */
export type Derivation = (text: Uint8Array) => Uint8Array | undefined;

export interface DistinctOutput {
  readonly column: number;
  readonly derive: Derivation;
}

/** What was derived is forgotten when there are more different texts than this, or more bytes of them. */
const MAX_TEXTS = 64 << 10;
const MAX_TEXT_BYTES = 8 << 20;
/** Longer texts are derived from each time: they hardly come twice. */
const MAX_REMEMBERED_BYTES = 8 << 10;

/** Fills columns that are derived from one other, once for each different text of it. */
export class DistinctColumns implements RowTransform {
  readonly #input: number;
  readonly #decoding: Decoding | undefined;
  readonly #outputs: readonly { column: number; derive: Derivation; results: Results }[];
  readonly #texts = new TextIndex();

  constructor(
    { input, decoding }: { input: number; decoding: Decoding | undefined },
    outputs: readonly DistinctOutput[],
  ) {
    this.#input = input;
    this.#decoding = decoding;
    this.#outputs = outputs.map((output) => ({ ...output, results: new Results() }));
  }

  apply(batch: RowBatch): void {
    const texts = this.#texts;
    for (const { results } of this.#outputs) results.leaveBatch();
    for (let row = 0, at = 2 * this.#input * FIELD_STRIDE; row < batch.rowCount; row++, at += 2) {
      const start = batch.fields[at]!;
      const length = batch.fields[at + 1]!;
      if (length < 0) {
        for (const { column } of this.#outputs) setField(batch, column, row, 0, NULL_LENGTH);
        continue;
      }
      if (length > MAX_REMEMBERED_BYTES) {
        this.#deriveOnce(batch, row, start, length);
        continue;
      }
      if (texts.count === MAX_TEXTS || texts.textBytes > MAX_TEXT_BYTES) {
        texts.clear();
        for (const { results } of this.#outputs) results.clear();
      }
      const known = texts.count;
      const id = texts.numberOf(batch.view, start, length);
      if (id === known) this.#remember(batch, id, start, length);
      for (const { column, results } of this.#outputs) results.set(batch, column, row, id, start);
    }
  }

  #remember(batch: RowBatch, id: number, start: number, length: number): void {
    const raw = batch.bytes.subarray(start, start + length);
    const text = storedText(raw, this.#decoding);
    for (const { derive, results } of this.#outputs) results.add(id, derive(text), raw);
  }

  #deriveOnce(batch: RowBatch, row: number, start: number, length: number): void {
    for (const { column, derive } of this.#outputs) {
      // Taken anew for each: what the last one added may have moved the text.
      const raw = batch.bytes.subarray(start, start + length);
      const derived = derive(storedText(raw, this.#decoding));
      if (derived === undefined) setField(batch, column, row, 0, NULL_LENGTH);
      else if (derived.buffer === raw.buffer)
        setField(batch, column, row, start + derived.byteOffset - raw.byteOffset, derived.length);
      else setField(batch, column, row, batch.addText(derived), derived.length);
    }
  }
}

function setField(batch: RowBatch, column: number, row: number, start: number, length: number): void {
  const at = 2 * (column * FIELD_STRIDE + row);
  batch.fields[at] = start;
  batch.fields[at + 1] = length;
}

const FIRST_RESULTS = 64;

/** What was derived for one column, by the number of the text. */
class Results {
  #lengths = new Int32Array(FIRST_RESULTS);
  /** Where the result begins in its text, or -1 for one that is kept in `#own`. */
  #offsets = new Int32Array(FIRST_RESULTS);
  readonly #own = new Map<number, Uint8Array>();
  /** Where a result of its own lies in the batch under way, or -1. */
  #places = new Int32Array(FIRST_RESULTS).fill(-1);
  #placed: number[] = [];

  add(id: number, derived: Uint8Array | undefined, raw: Uint8Array): void {
    if (id === this.#lengths.length) {
      this.#lengths = doubled(this.#lengths);
      this.#offsets = doubled(this.#offsets);
      this.#places = doubled(this.#places);
    }
    this.#places[id] = -1;
    this.#lengths[id] = derived === undefined ? NULL_LENGTH : derived.length;
    const isPart = derived === undefined || derived.buffer === raw.buffer;
    this.#offsets[id] = derived === undefined ? 0 : isPart ? derived.byteOffset - raw.byteOffset : -1;
    if (!isPart) this.#own.set(id, derived.slice());
  }

  /** @param start - Where the text that it was derived from lies. */
  set(batch: RowBatch, column: number, row: number, id: number, start: number): void {
    const offset = this.#offsets[id]!;
    const place = offset >= 0 ? start + offset : this.#placeOf(batch, id);
    setField(batch, column, row, place, this.#lengths[id]!);
  }

  #placeOf(batch: RowBatch, id: number): number {
    const known = this.#places[id]!;
    if (known >= 0) return known;
    const place = batch.addText(this.#own.get(id)!);
    this.#places[id] = place;
    this.#placed.push(id);
    return place;
  }

  /** The batch has been emptied, and with it the text that was made in it. */
  leaveBatch(): void {
    for (const id of this.#placed) this.#places[id] = -1;
    this.#placed = [];
  }

  clear(): void {
    this.#own.clear();
    this.#placed = [];
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2);
  grown.set(array);
  return grown;
}
