import type { Kernel } from "../kernel/kernel.ts";
import type { BlockMemory, WindowMemory } from "../rows/block-memory.ts";
import type { ColumnDefinition } from "../rows/schema.ts";
import type { ColumnEncoder } from "./column-encoder.ts";
import type { Encodings } from "./parquet-options.ts";

/** Encodes columns: the WASM kernel, or plain TypeScript, which is the reference and the fallback. */
export interface ColumnEngine {
  readonly name: "typescript" | "kernel";
  /** Text of the input goes to `memory.bytes[window.start, window.start + window.byteLength)`. */
  readonly memory: BlockMemory & WindowMemory;
  openColumn(definition: ColumnDefinition, encodings: Encodings): ColumnEncoder;
  /** The kernel, where this engine is the kernel: then it may scan the text as well. */
  readonly kernel?: Kernel;
  /** Compresses with Snappy. Valid until the next call on the engine. */
  snappy(bytes: Uint8Array): Uint8Array;
  /** Ends the work, when all columns are closed: the next engine may reuse the memory. */
  close?(): void;
}
