import { FIELD_STRIDE, NULL_LENGTH } from "../rows/block-layout.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { RowTransform } from "../rows/row-transform.ts";
import type { ColumnType } from "../rows/schema.ts";
import { parseValue } from "../rows/typed-value.ts";
import { type LocalDay, localDay } from "./local-day.ts";
import type { CalendarField } from "./rule.ts";
import { ZoneOffset } from "./zone-offset.ts";

const SECONDS_PER_DAY = 86_400;
const TWO_TO_32 = 2 ** 32;

const encoder = new TextEncoder();

export interface CalendarOutput {
  readonly column: number;
  readonly field: CalendarField;
}

/**
 * Fills columns from a timestamp and the calendar of a time zone. Instants differ from row to row, so their texts are not
 * remembered; the results are few numbers.
 */
export class CalendarColumns implements RowTransform {
  readonly #input: number;
  readonly #isDate: boolean;
  readonly #zone: ZoneOffset;
  readonly #outputs: readonly { column: number; field: CalendarField; texts: BlockTexts }[];
  readonly #value = new DataView(new ArrayBuffer(8));
  #day = Number.NaN;
  #localDay: LocalDay = localDay(0);

  /** @param type - The input's: a timestamp or a date. */
  constructor(
    { input, type, timeZone }: { input: number; type: ColumnType; timeZone: string },
    outputs: readonly CalendarOutput[],
  ) {
    this.#input = input;
    this.#isDate = type === "date";
    this.#zone = new ZoneOffset(timeZone);
    this.#outputs = outputs.map((output) => ({ ...output, texts: new BlockTexts() }));
  }

  apply(block: RowBlock): void {
    for (const { texts } of this.#outputs) texts.clear();
    for (let row = 0, at = 2 * this.#input * FIELD_STRIDE; row < block.rowCount; row++, at += 2) {
      const length = block.fields[at + 1]!;
      const seconds = length < 0 ? Number.NaN : this.#secondsOf(block.bytes, block.fields[at]!, length);
      const local = seconds + (Number.isNaN(seconds) ? 0 : this.#zone.at(seconds));
      for (const { column, field, texts } of this.#outputs)
        texts.set(block, 2 * (column * FIELD_STRIDE + row), this.#fieldOf(local, field));
    }
  }

  /** Seconds since 1970; NaN for a text that the input's column cannot hold. */
  #secondsOf(bytes: Uint8Array, start: number, length: number): number {
    const value = this.#value;
    if (this.#isDate)
      return parseValue("date", bytes, start, start + length, value, 0)
        ? value.getInt32(0, true) * SECONDS_PER_DAY
        : Number.NaN;
    if (!parseValue("timestamp_millis", bytes, start, start + length, value, 0)) return Number.NaN;
    return Math.floor((value.getInt32(4, true) * TWO_TO_32 + value.getUint32(0, true)) / 1000);
  }

  #fieldOf(localSeconds: number, field: CalendarField): number | string | undefined {
    if (Number.isNaN(localSeconds)) return undefined;
    const day = Math.floor(localSeconds / SECONDS_PER_DAY);
    if (field === "hour") return Math.floor((localSeconds - day * SECONDS_PER_DAY) / 3600);
    if (day !== this.#day) {
      this.#day = day;
      this.#localDay = localDay(day);
    }
    return this.#localDay[field];
  }
}

/** Puts the texts of a few different values into a block, each text once. */
class BlockTexts {
  readonly #places = new Map<number | string, { start: number; length: number }>();
  #last: number | string | undefined;
  #lastPlace = { start: 0, length: NULL_LENGTH };

  /** Forgets all texts: the block was cleared, or it is another one. */
  clear(): void {
    this.#places.clear();
    this.#last = undefined;
    this.#lastPlace = { start: 0, length: NULL_LENGTH };
  }

  /** @param at - Where the field's start stands in the block's `fields`. */
  set(block: RowBlock, at: number, value: number | string | undefined): void {
    if (value !== this.#last) {
      this.#last = value;
      this.#lastPlace = value === undefined ? { start: 0, length: NULL_LENGTH } : this.#placeOf(block, value);
    }
    const { fields } = block;
    fields[at] = this.#lastPlace.start;
    fields[at + 1] = this.#lastPlace.length;
  }

  #placeOf(block: RowBlock, value: number | string): { start: number; length: number } {
    const known = this.#places.get(value);
    if (known) return known;
    const text = encoder.encode(String(value));
    const place = { start: block.addText(text), length: text.length };
    this.#places.set(value, place);
    return place;
  }
}
