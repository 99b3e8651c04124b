import { BLOCK_ROWS, FIELD_STRIDE, NULL_LENGTH } from "../rows/block-layout.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { RowTransform } from "../rows/row-transform.ts";
import type { Decoding } from "../rows/schema.ts";
import { storedText } from "../rows/text-decoding.ts";
import type { TextNumbers } from "../rows/text-numbers.ts";

/**
 * Derives a value from one text.
 *
 * @param text - The text as its column would hold it: escapes undone, well-formed UTF-8. It must not be kept.
 * @returns A slice of `text`, another text, or undefined for null.
 */
export type Derivation = (text: Uint8Array) => Uint8Array | undefined;

export interface DistinctOutput {
  readonly column: number;
  readonly derive: Derivation;
}

/** Results are forgotten when there are more different texts than this, or more bytes of them. */
const MAX_TEXTS = 64 << 10;
const MAX_TEXT_BYTES = 8 << 20;

/** Fills columns that are derived from one other column, computing once for each different text of it. */
export class DistinctColumns implements RowTransform {
  readonly #input: number;
  readonly #decoding: Decoding | undefined;
  readonly #outputs: readonly { column: number; derive: Derivation; results: Results }[];
  readonly #numbers = new Int32Array(BLOCK_ROWS);
  #texts: TextNumbers | undefined;
  #block: RowBlock | undefined;

  constructor(
    { input, decoding }: { input: number; decoding: Decoding | undefined },
    outputs: readonly DistinctOutput[],
  ) {
    this.#input = input;
    this.#decoding = decoding;
    this.#outputs = outputs.map((output) => ({ ...output, results: new Results() }));
  }

  apply(block: RowBlock): void {
    const texts = this.#textsOf(block);
    if (texts.count > MAX_TEXTS || texts.textBytes > MAX_TEXT_BYTES) {
      texts.clear();
      for (const { results } of this.#outputs) results.clear();
    }
    const known = texts.count;
    texts.number(block, this.#input, this.#numbers);
    if (texts.count > known) this.#deriveNew(block, known);
    for (const { column, results } of this.#outputs) results.fill(block, this.#input, column, this.#numbers);
  }

  /** Numbers for texts; they live in the memory of the block. */
  #textsOf(block: RowBlock): TextNumbers {
    if (this.#texts && block === this.#block) return this.#texts;
    for (const { results } of this.#outputs) results.clear();
    this.#block = block;
    this.#texts = block.openTextNumbers();
    return this.#texts;
  }

  #deriveNew(block: RowBlock, known: number): void {
    const { fields, bytes, rowCount } = block;
    for (let row = 0, next = known, at = 2 * this.#input * FIELD_STRIDE; row < rowCount; row++, at += 2) {
      if (this.#numbers[row] !== next) continue;
      const raw = bytes.subarray(fields[at]!, fields[at]! + fields[at + 1]!);
      const text = storedText(raw, this.#decoding);
      for (const { derive, results } of this.#outputs) results.add(next, derive(text), raw);
      next++;
    }
  }
}

const FIRST_RESULTS = 64;
/** In `#places`: the text is not in the block yet. */
const NOWHERE = -1;

/** The results for one column, by the number of the text that they were derived from. */
class Results {
  #lengths = new Int32Array(FIRST_RESULTS);
  /** Offset of the result in its text; for a text of its own, -1 minus its place in `#made`. */
  #offsets = new Int32Array(FIRST_RESULTS);
  /** Texts that were made, each once: many user agents are of few families. */
  readonly #made: Uint8Array[] = [];
  readonly #madeNumbers = new Map<string, number>();
  /** The place of each made text in the block, or `NOWHERE`. */
  #places = new Int32Array(FIRST_RESULTS);

  add(number: number, derived: Uint8Array | undefined, raw: Uint8Array): void {
    if (number === this.#lengths.length) {
      this.#lengths = doubled(this.#lengths);
      this.#offsets = doubled(this.#offsets);
    }
    this.#lengths[number] = derived === undefined ? NULL_LENGTH : derived.length;
    if (derived === undefined) this.#offsets[number] = 0;
    else if (derived.buffer === raw.buffer) this.#offsets[number] = derived.byteOffset - raw.byteOffset;
    else this.#offsets[number] = -1 - this.#keep(derived);
  }

  #keep(text: Uint8Array): number {
    const key = Buffer.from(text.buffer, text.byteOffset, text.length).toString("latin1");
    const known = this.#madeNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.#made.push(text.slice()) - 1;
    this.#madeNumbers.set(key, number);
    if (number === this.#places.length) this.#places = doubled(this.#places);
    this.#places[number] = NOWHERE;
    return number;
  }

  /** Sets the column in all rows of a block, from the numbers of their texts. */
  fill(block: RowBlock, input: number, column: number, numbers: Int32Array): void {
    const lengths = this.#lengths;
    const offsets = this.#offsets;
    const places = this.#places;
    // The texts in the last block are gone.
    places.fill(NOWHERE, 0, this.#made.length);
    const { rowCount } = block;
    let { fields } = block;
    let from = 2 * input * FIELD_STRIDE;
    let at = 2 * column * FIELD_STRIDE;
    for (let row = 0; row < rowCount; row++, from += 2, at += 2) {
      const number = numbers[row]!;
      if (number < 0) {
        fields[at + 1] = NULL_LENGTH;
        continue;
      }
      const offset = offsets[number]!;
      let start = offset < 0 ? places[-1 - offset]! : fields[from]! + offset;
      if (start === NOWHERE) {
        start = block.addText(this.#made[-1 - offset]!);
        places[-1 - offset] = start;
        // The memory may have moved.
        fields = block.fields;
      }
      fields[at] = start;
      fields[at + 1] = lengths[number]!;
    }
  }

  clear(): void {
    this.#made.length = 0;
    this.#madeNumbers.clear();
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2);
  grown.set(array);
  return grown;
}
