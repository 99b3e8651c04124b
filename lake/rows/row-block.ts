import { BLOCK_ROWS, FIELD_STRIDE, NO_DAY, NULL_LENGTH, TEXT_PADDING } from "./block-layout.ts";
import type { BlockMemory, SideRegion } from "./block-memory.ts";
import { dayAt } from "./calendar.ts";
import type { RejectReason } from "./rejection.ts";
import { repairUtf8 } from "./text-decoding.ts";
import type { TextNumbers } from "./text-numbers.ts";

const LINE_FEED = 0x0a;

/** A block is full once this much text has been made beside the input. */
const SIDE_TEXT_LIMIT = 4 << 20;

interface Rejection {
  readonly reason: RejectReason;
  /** The text, in the block's `bytes`. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** The text goes on with that of the rejection before, which was too long for one. */
  readonly isContinued?: boolean;
}

/**
 * The entries of a text, as a scanner found them: where each field of each row lies, and which text is not a row.
 *
 * It is filled and emptied over and over; nothing in it lives longer than the columns' next `append`.
 */
export class RowBlock {
  /** The text. Read it again after `setText` and `extra`: it may have moved to a larger array. */
  bytes: Uint8Array;
  /** The same memory, for reading words. */
  view: DataView;
  /** `fields[2 * (column * FIELD_STRIDE + row)]` is a field's start, the next number its length or `NULL_LENGTH`. */
  fields: Int32Array;
  readonly columnCount: number;
  /** A longer entry is rejected. */
  readonly maxEntryBytes: number;
  rowCount = 0;
  /** The physical line on which the next entry begins, from 1. Scanners advance it. */
  line = 1;
  commentCount = 0;
  /** Bytes of rows, of comments and of rejected texts, and of what separates entries: together, all that was scanned. */
  rowBytes = 0;
  commentBytes = 0;
  rejectedBytes = 0;
  separatorBytes = 0;
  readonly rejections: Rejection[] = [];
  /** UTC day of each row, days since 1970. */
  days: Int32Array;
  lines: Float64Array;
  /** Collects the row's fields that have no column. */
  readonly extra: ExtraFields;

  readonly #memory: BlockMemory;
  #side: SideRegion;
  #sideTop: number;
  #sideTextBytes = 0;
  #day = NO_DAY;
  /** The entry whose bytes are to be counted, and the rejected bytes that are counted. */
  #entryKind: "row" | "comment" | "rejected" | undefined;
  #countedRejectedBytes = 0;
  // The text of the last valid date and its day: neighbours almost always share it.
  readonly #lastDate = new Uint8Array(10);
  #lastDay = NO_DAY;

  /** @param columnCount - Columns of the format and derived ones; `_extra` comes right after them. */
  constructor(memory: BlockMemory, columnCount: number, maxEntryBytes: number) {
    this.#memory = memory;
    this.bytes = memory.bytes;
    this.view = viewOf(memory.bytes);
    this.fields = memory.fields;
    this.days = memory.days;
    this.lines = memory.lines;
    this.columnCount = columnCount;
    this.maxEntryBytes = maxEntryBytes;
    this.#side = memory.reopenSide();
    this.#sideTop = this.#side.start;
    this.extra = new ExtraFields(this);
  }

  /** Whether a scanner has to stop before the next entry. */
  get isFull(): boolean {
    return this.rowCount === BLOCK_ROWS || this.#sideTextBytes > SIDE_TEXT_LIMIT;
  }

  /** Forgets all entries; the line number goes on. */
  clear(): void {
    this.rowCount = 0;
    this.commentCount = 0;
    this.rejections.length = 0;
    this.rowBytes = 0;
    this.commentBytes = 0;
    this.rejectedBytes = 0;
    this.separatorBytes = 0;
    this.#entryKind = undefined;
    this.#countedRejectedBytes = 0;
    this.#side = this.#memory.reopenSide();
    this.#sideTop = this.#side.start;
    this.#sideTextBytes = 0;
    this.renewViews();
  }

  /** Takes the arrays from the memory again, after something may have moved them. */
  renewViews(): void {
    const { bytes } = this.#memory;
    if (this.bytes === bytes) return;
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.fields = this.#memory.fields;
    this.days = this.#memory.days;
    this.lines = this.#memory.lines;
  }

  /** Begins a row: all its fields are null, its day is not set. */
  startRow(): void {
    const { fields, columnCount } = this;
    // `_extra` is the column after the format's own.
    for (let column = 0, at = 2 * this.rowCount + 1; column <= columnCount; column++, at += 2 * FIELD_STRIDE) {
      fields[at] = NULL_LENGTH;
    }
    this.#day = NO_DAY;
  }

  /** Says that a column's text is `bytes[start, end)`. */
  setField(column: number, start: number, end: number): void {
    const at = 2 * (column * FIELD_STRIDE + this.rowCount);
    this.fields[at] = start;
    this.fields[at + 1] = end - start;
  }

  /** Says that a column has nothing, whatever was said before. */
  setNull(column: number): void {
    this.fields[2 * (column * FIELD_STRIDE + this.rowCount) + 1] = NULL_LENGTH;
  }

  /** Where a column's text starts; -1 when it has none. */
  startOf(column: number): number {
    const at = 2 * (column * FIELD_STRIDE + this.rowCount);
    return this.fields[at + 1] === NULL_LENGTH ? -1 : this.fields[at]!;
  }

  /** Gives a column a text that does not stand in the input. */
  setText(column: number, text: Uint8Array): void {
    const start = this.addText(text);
    this.setField(column, start, start + text.length);
  }

  /** Keeps a text beside the input for as long as the block lives, and says where it starts in `bytes`. */
  addText(text: Uint8Array): number {
    const start = this.reserveText(text.length);
    this.bytes.set(text, start);
    return start;
  }

  /** Makes room for a text beside the input and says where it starts in `bytes`, which may have moved. */
  reserveText(length: number): number {
    if (this.#sideTop + length + TEXT_PADDING > this.#side.end) {
      this.#side = this.#memory.openSide(length + TEXT_PADDING);
      this.#sideTop = this.#side.start;
      this.renewViews();
    }
    const start = this.#sideTop;
    this.#sideTop += length + 8;
    this.#sideTextBytes += length + 8;
    return start;
  }

  /** Numbers for the different texts of a field, which live as long as the block. */
  openTextNumbers(): TextNumbers {
    return this.#memory.openTextNumbers();
  }

  /**
   * Sets the day of the row's event from `YYYY-MM-DD` at `bytes[at, at + 10)`.
   *
   * @returns Whether it is a date from 1970 on; if not, the row has no day and has to be rejected.
   */
  setDay(at: number): boolean {
    const { bytes } = this;
    const last = this.#lastDate;
    let same = this.#lastDay !== NO_DAY;
    for (let i = 9; same && i >= 0; i--) same = bytes[at + i] === last[i];
    if (!same) {
      this.#lastDay = dayAt(bytes, at);
      last.set(bytes.subarray(at, at + 10));
    }
    this.#day = this.#lastDay;
    return this.#day !== NO_DAY;
  }

  /** Sets the day of the row's event, in days since 1970-01-01. */
  setDayNumber(day: number): void {
    this.#day = day;
  }

  /** The text of a field that is not null, as it stands in the input. */
  fieldText(row: number, column: number): string {
    const at = 2 * (column * FIELD_STRIDE + row);
    const start = this.fields[at]!;
    return textOf(this.bytes.subarray(start, start + this.fields[at + 1]!));
  }

  /** Adds a text to the `_extra` of a finished row, under a name. */
  keepInExtra(row: number, name: string, text: string): void {
    const { fields } = this;
    const extraAt = 2 * (this.columnCount * FIELD_STRIDE + row);
    const member = `${JSON.stringify(name)}:${JSON.stringify(text)}}`;
    const extraLength = fields[extraAt + 1]!;
    const before =
      extraLength < 0
        ? "{"
        : `${decoder.decode(this.bytes.subarray(fields[extraAt]!, fields[extraAt]! + extraLength - 1))},`;
    const json = encoder.encode(before + member);
    const start = this.addText(json);
    this.fields[extraAt] = start;
    this.fields[extraAt + 1] = json.length;
  }

  /** Ends the row that began with `startRow`. */
  endRow(): void {
    if (this.#day === NO_DAY) throw new Error(`A scanner ended a row without a day at line ${this.line}`);
    this.extra.endRow();
    this.days[this.rowCount] = this.#day;
    this.lines[this.rowCount] = this.line;
    this.rowCount++;
    this.#entryKind ??= "row";
  }

  /**
   * Counts bytes that a scanner went over: of the entry that it found in them, and of the line feed after it; or, without an
   * entry, of what separates entries.
   */
  countBytes(start: number, next: number): void {
    const rejected = this.rejectedBytes - this.#countedRejectedBytes;
    const length = next - start - rejected;
    const feed = next > start && this.bytes[next - 1] === LINE_FEED ? 1 : 0;
    if (this.#entryKind === "row") this.rowBytes += length - feed;
    else if (this.#entryKind === "comment") this.commentBytes += length - feed;
    this.separatorBytes += this.#entryKind === "row" || this.#entryKind === "comment" ? feed : length;
    this.#entryKind = undefined;
    this.#countedRejectedBytes = this.rejectedBytes;
  }

  /** Rejects `bytes[start, end)` with a reason. A row that was begun for it is forgotten. */
  reject(reason: RejectReason, start: number, end: number): void {
    this.extra.clear();
    this.rejections.push({ reason, start, end, line: this.line });
    this.rejectedBytes += end - start;
    this.#entryKind ??= "rejected";
  }

  /** Adds `bytes[start, end)` to the rejected entry before. */
  rejectMore(reason: RejectReason, start: number, end: number): void {
    this.rejections.push({ reason, start, end, line: this.line, isContinued: true });
    this.rejectedBytes += end - start;
  }

  /** Counts an entry that is not a record: a header line, a remark, a blank line. */
  comment(): void {
    this.extra.clear();
    this.commentCount++;
    this.#entryKind ??= "comment";
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A text of the log as a string; bytes that are not UTF-8 as columns write them. */
function textOf(bytes: Uint8Array): string {
  return decoder.decode(repairUtf8(bytes));
}

/**
 * Builds the `_extra` column: a JSON object of text values, `{"name":"value"}`, in the order they came.
 *
 * It is rare, so it may make strings.
 */
class ExtraFields {
  readonly #block: RowBlock;
  readonly #members: string[] = [];

  constructor(block: RowBlock) {
    this.#block = block;
  }

  /** Keeps the text `bytes[start, end)` under a name. */
  add(name: string, start: number, end: number): void {
    this.addValue(name, textOf(this.#block.bytes.subarray(start, end)));
  }

  /** Keeps a value under a name. */
  addValue(name: string, value: string): void {
    this.#members.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
  }

  /** Keeps a value that is JSON text already. */
  addJson(name: string, json: string): void {
    this.#members.push(`${JSON.stringify(name)}:${json}`);
  }

  clear(): void {
    this.#members.length = 0;
  }

  endRow(): void {
    if (this.#members.length === 0) return;
    this.#block.setText(this.#block.columnCount, encoder.encode(`{${this.#members.join(",")}}`));
    this.clear();
  }
}
