import { snappyCompressor } from "hysnappy";
import type { ColumnEncoder, ColumnEngine, WindowMemory } from "../column-encoder.ts";
import { GrowingBytes } from "../growing-bytes.ts";
import { BATCH_ROWS, type BatchMemory, FIELD_STRIDE, TEXT_PADDING } from "../row-batch.ts";
import type { ColumnDefinition } from "../schema.ts";
import { openReferenceEncoder } from "./column-encoder.ts";

/** The first size of the region for text made beside the input. */
const SIDE_BYTES = 64 << 10;

/** Opens the engine in plain TypeScript. */
export function openReferenceEngine(fieldColumns: number): ColumnEngine {
  const scratch = { levels: new GrowingBytes(1 << 12), body: new GrowingBytes(1 << 16) };
  return {
    name: "typescript",
    memory: new ArrayMemory(fieldColumns),
    openColumn: (definition: ColumnDefinition): ColumnEncoder => openReferenceEncoder(definition, scratch),
    snappy: snappyCompressor(),
  };
}

/** Window and side text in one array: window first, side text behind it. */
class ArrayMemory implements BatchMemory, WindowMemory {
  bytes: Uint8Array;
  readonly fields: Int32Array;
  readonly windowStart = TEXT_PADDING;
  windowByteLength = 0;

  constructor(fieldColumns: number) {
    this.fields = new Int32Array(2 * (fieldColumns * FIELD_STRIDE + BATCH_ROWS));
    this.bytes = new Uint8Array(2 * TEXT_PADDING + SIDE_BYTES);
  }

  get sideStart(): number {
    return this.windowStart + this.windowByteLength + TEXT_PADDING;
  }

  get sideEnd(): number {
    return this.bytes.length;
  }

  growSide(sideEnd: number): void {
    const grown = new Uint8Array(Math.max(sideEnd, this.sideStart + 2 * (this.sideEnd - this.sideStart)));
    grown.set(this.bytes);
    this.bytes = grown;
  }

  growWindow(byteLength: number): void {
    if (byteLength <= this.windowByteLength) return;
    const sideBytes = this.sideEnd - this.sideStart;
    const window = this.bytes.subarray(0, this.windowStart + this.windowByteLength);
    this.windowByteLength = byteLength;
    const grown = new Uint8Array(this.sideStart + sideBytes);
    grown.set(window);
    this.bytes = grown;
  }
}
