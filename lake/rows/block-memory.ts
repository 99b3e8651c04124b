import type { TextNumbers } from "./text-numbers.ts";

/** Where the text and the positions of a block lie: plain arrays, or the memory of the WASM kernel. */
export interface BlockMemory {
  /** Text. Field positions are offsets into it. */
  readonly bytes: Uint8Array;
  /** Start and length of each field, column by column. */
  readonly fields: Int32Array;
  /** UTC day of each row, days since 1970. */
  readonly days: Int32Array;
  /** Line of each row. */
  readonly lines: Float64Array;
  /** Opens a region of at least `byteLength` bytes for text made beside the input. All text stays where it is. */
  openSide(byteLength: number): SideRegion;
  /** Takes all regions back but one, which is opened again. */
  reopenSide(): SideRegion;
  openTextNumbers(): TextNumbers;
}

/** `bytes[start, end)`. */
export interface SideRegion {
  readonly start: number;
  readonly end: number;
}

/** The region that input text is copied to. */
export interface WindowMemory {
  readonly windowStart: number;
  readonly windowByteLength: number;
  /** Makes the window at least `byteLength` bytes large and keeps its text, perhaps at another place. The side text is lost. */
  growWindow(byteLength: number): void;
}
