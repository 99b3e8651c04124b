/** Reads one JSON object into a row: which member goes to which column, and what no column takes. */
import { isUtf8 } from "node:buffer";
import type { RowBlock } from "../../rows/row-block.ts";
import type { LineOutcome } from "../../rows/scanner.ts";
import type { ColumnDefinition } from "../../rows/schema.ts";
import type { Sibling } from "./json-envelope.ts";
import {
  INCOMPLETE,
  INVALID,
  sawEscape,
  skipColon,
  skipSpace,
  skipString,
  skipValue,
  stringText,
} from "./json-text.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const LETTER_N = 0x6e;
const CLOSING_BRACE = 0x7d;

interface RecordOptions {
  /** Columns of the table; the keys are their upstream names. */
  readonly columns: readonly ColumnDefinition[];
  /** Ends a record when all its members are set: gives the row its day, or returns why it is rejected. */
  endRecord(block: RowBlock): LineOutcome;
  /** A text that stands for null. */
  readonly nothing?: string;
  /** Further keys, each with the upstream name of its column. */
  readonly otherKeys?: ReadonlyMap<string, string>;
}

/** The column of each key. */
export function columnsByKey({ columns, otherKeys = new Map() }: Pick<RecordOptions, "columns" | "otherKeys">) {
  const columnOfKey = new Map(columns.map(({ upstreamName }, index) => [upstreamName, index]));
  for (const [key, upstreamName] of otherKeys) columnOfKey.set(key, columnOfKey.get(upstreamName)!);
  return columnOfKey;
}

/** Numbers of a member that is kept for later: its column (or -1), where its key and its value start and end. */
const KEPT_NUMBERS = 5;

/** Reads records in one pass over their bytes. */
export class RecordReader {
  readonly #keys: readonly Uint8Array[];
  readonly #columnOfKey: ReadonlyMap<string, number>;
  readonly #options: RecordOptions;
  /** The text that stands for null, with its quotes. */
  readonly #nothing: Uint8Array | undefined;
  /**
   * Members whose text has to be made: strings with escapes, and members for `_extra`. That waits until the record is known to
   * be whole, because an incomplete one is read several times.
   */
  readonly #kept: number[] = [];
  /** What stands beside the records in their envelope: each of them gets it. */
  siblings: readonly Sibling[] = [];

  constructor(options: RecordOptions) {
    this.#options = options;
    this.#columnOfKey = columnsByKey(options);
    this.#keys = options.columns.map(({ upstreamName }) => Buffer.from(JSON.stringify(upstreamName)));
    this.#nothing = options.nothing === undefined ? undefined : Buffer.from(JSON.stringify(options.nothing));
  }

  get hasColumns(): boolean {
    return this.#columnOfKey.size > 0;
  }

  /** The column of a key; undefined when it has none. */
  columnOf(key: string): number | undefined {
    return this.#columnOfKey.get(key);
  }

  /** Whether a key has a column. */
  hasColumn(key: string): boolean {
    return this.#columnOfKey.has(key);
  }

  /**
   * Finds the members of the object at `start` and notes them in the block's row. `read` has to follow, or the row is
   * forgotten.
   *
   * @returns What `skipValue` returns.
   */
  pass(block: RowBlock, start: number, end: number): number {
    const { bytes } = block;
    block.startRow();
    this.#kept.length = 0;
    let guess = 0;
    let at = skipSpace(bytes, start + 1, end);
    if (bytes[at] === CLOSING_BRACE && at < end) return at + 1;
    for (;;) {
      if (at >= end) return INCOMPLETE;
      // Records of one stream have their keys in the same order: the next key is guessed before it is looked up.
      let keyEnd = this.#endOfKey(bytes, at, guess);
      const isGuessed = keyEnd > 0;
      if (!isGuessed) {
        if (bytes[at] !== QUOTE) return INVALID;
        keyEnd = skipString(bytes, at, end);
        if (keyEnd < 0) return keyEnd;
      }
      const value = skipColon(bytes, keyEnd, end);
      if (value < 0) return value;
      if (value >= end) return INCOMPLETE;
      const isString = bytes[value] === QUOTE;
      const after = isString ? skipString(bytes, value, end) : skipValue(bytes, value, end);
      if (after < 0) return after;
      const column = isGuessed ? guess : (this.#columnOfKey.get(stringText(bytes, at, keyEnd)) ?? -1);
      const isEscaped = isString && sawEscape;
      if (column >= 0) {
        guess = column + 1 < this.#keys.length ? column + 1 : 0;
        if (bytes[value] === LETTER_N || this.#isNothing(bytes, value, after)) block.setNull(column);
        else if (isString) block.setField(column, value + 1, after - 1);
        else block.setField(column, value, after);
      }
      if (column < 0 || isEscaped) this.#kept.push(column, at, keyEnd, value, after);
      at = skipSpace(bytes, after, end);
      if (at >= end) return INCOMPLETE;
      if (bytes[at] === CLOSING_BRACE) return at + 1;
      if (bytes[at] !== COMMA) return INVALID;
      at = skipSpace(bytes, at + 1, end);
    }
  }

  /** Reads the record that `pass` found. */
  read(block: RowBlock, start: number, end: number): LineOutcome {
    if (!isUtf8(block.bytes.subarray(start, end))) return "INVALID_UTF8";
    const kept = this.#kept;
    for (let i = 0; i < kept.length; i += KEPT_NUMBERS) {
      const column = kept[i]!;
      const value = kept[i + 3]!;
      const valueEnd = kept[i + 4]!;
      if (column < 0) this.#keepExtra(block, stringText(block.bytes, kept[i + 1]!, kept[i + 2]!), value, valueEnd);
      // A key that comes twice counts with its last value, as JSON readers do.
      else if (block.startOf(column) === value + 1)
        block.setText(column, Buffer.from(stringText(block.bytes, value, valueEnd)));
    }
    if (this.siblings.length > 0) this.#addSiblings(block);
    return this.#options.endRecord(block);
  }

  /** Adds the members of the envelope. Where the record has a key of the same name, its own value counts. */
  #addSiblings(block: RowBlock): void {
    const kept = this.#kept;
    const own = new Set<string>();
    for (let i = 0; i < kept.length; i += KEPT_NUMBERS)
      if (kept[i]! < 0) own.add(stringText(block.bytes, kept[i + 1]!, kept[i + 2]!));
    for (const { name, column, json, text } of this.siblings) {
      const isFree = column >= 0 && block.startOf(column) < 0;
      if (isFree && text) block.setText(column, text);
      else if (!isFree) block.extra.addJson(column >= 0 || own.has(name) ? `envelope.${name}` : name, json);
    }
  }

  /** Where the key of a column ends, if it stands at `at`; else 0. */
  #endOfKey(bytes: Uint8Array, at: number, column: number): number {
    const key = this.#keys[column];
    if (key === undefined) return 0;
    for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return 0;
    return at + key.length;
  }

  #isNothing(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#nothing !== undefined && isText(bytes, start, end, this.#nothing);
  }

  #keepExtra(block: RowBlock, name: string, start: number, end: number): void {
    if (this.#isNothing(block.bytes, start, end)) return;
    block.extra.addJson(name, Buffer.from(block.bytes.subarray(start, end)).toString());
  }
}

function isText(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}
