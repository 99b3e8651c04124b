import { snappyCompressor } from "hysnappy";
import { BLOCK_ROWS, FIELD_STRIDE, TEXT_PADDING } from "../../rows/block-layout.ts";
import type { BlockMemory, SideRegion, WindowMemory } from "../../rows/block-memory.ts";
import { GrowingBytes } from "../../rows/growing-bytes.ts";
import type { ColumnDefinition } from "../../rows/schema.ts";
import type { ColumnEncoder } from "../column-encoder.ts";
import type { ColumnEngine } from "../column-engine.ts";
import type { Scratch } from "./dictionary-column.ts";
import { IndexedTexts } from "./reference-text-numbers.ts";
import { TextColumn } from "./text-column.ts";
import { TypedColumn } from "./typed-column.ts";

/** The first size of the region for text made beside the input. */
const SIDE_BYTES = 64 << 10;

/** Opens the engine in plain TypeScript: the reference that the kernel is checked against, and what runs where it cannot. */
export function openReferenceEngine(fieldColumns: number): ColumnEngine {
  const scratch: Scratch = { levels: new GrowingBytes(1 << 12), body: new GrowingBytes(1 << 16) };
  return {
    name: "typescript",
    memory: new ArrayMemory(fieldColumns),
    openColumn: (definition, encodings) => openColumn(definition, encodings === "delta", scratch),
    snappy: snappyCompressor(),
  };
}

function openColumn(definition: ColumnDefinition, isDelta: boolean, scratch: Scratch): ColumnEncoder {
  return definition.type === "string"
    ? new TextColumn(definition, isDelta, scratch)
    : new TypedColumn(definition.type, isDelta, scratch);
}

/** Window and side text in one array: window first, side text behind it. */
class ArrayMemory implements BlockMemory, WindowMemory {
  bytes = new Uint8Array(2 * TEXT_PADDING + SIDE_BYTES);
  readonly fields: Int32Array;
  readonly days = new Int32Array(BLOCK_ROWS);
  readonly lines = new Float64Array(BLOCK_ROWS);
  readonly windowStart = TEXT_PADDING;
  windowByteLength = 0;

  constructor(fieldColumns: number) {
    this.fields = new Int32Array(2 * fieldColumns * FIELD_STRIDE);
  }

  get #sideStart(): number {
    return this.windowStart + this.windowByteLength + TEXT_PADDING;
  }

  openSide(byteLength: number): SideRegion {
    const start = this.bytes.length;
    const grown = new Uint8Array(Math.max(start + byteLength, 2 * start));
    grown.set(this.bytes);
    this.bytes = grown;
    return { start, end: grown.length };
  }

  reopenSide(): SideRegion {
    return { start: this.#sideStart, end: this.bytes.length };
  }

  openTextNumbers(): IndexedTexts {
    return new IndexedTexts();
  }

  growWindow(byteLength: number): void {
    if (byteLength <= this.windowByteLength) return;
    const window = this.bytes.subarray(0, this.windowStart + this.windowByteLength);
    this.windowByteLength = byteLength;
    const grown = new Uint8Array(this.#sideStart + SIDE_BYTES);
    grown.set(window);
    this.bytes = grown;
  }
}
