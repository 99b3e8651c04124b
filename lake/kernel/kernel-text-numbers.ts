import { FIELD_STRIDE } from "../rows/block-layout.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { TextNumbers } from "../rows/text-numbers.ts";
import type { KernelExports } from "./kernel-exports.ts";
import { DECODING_NONE, KIND_STRING } from "./shared-numbers.ts";

/** The part of a kernel that `KernelTexts` uses. */
interface TextKernel {
  readonly exports: KernelExports;
  readonly bytes: Uint8Array;
  readonly fieldsAt: number;
  result(position: number): number;
}

/** Numbers texts in the kernel, with the dictionary of a column that is never written. */
export class KernelTexts implements TextNumbers {
  readonly #kernel: TextKernel;
  readonly #column: number;
  count = 0;
  textBytes = 0;

  constructor(kernel: TextKernel) {
    this.#kernel = kernel;
    this.#column = kernel.exports.openColumn(KIND_STRING, DECODING_NONE, 0);
  }

  number(block: RowBlock, column: number, numbers: Int32Array): void {
    const kernel = this.#kernel;
    const { rowCount } = block;
    this.count = kernel.exports.numberTexts(this.#column, kernel.fieldsAt + column * FIELD_STRIDE * 8, rowCount);
    block.renewViews();
    this.textBytes = kernel.result(1);
    // There, nulls have no number.
    const ofTexts = new Int32Array(kernel.bytes.buffer, kernel.result(0), rowCount);
    const { fields } = block;
    for (let row = 0, text = 0, at = 2 * column * FIELD_STRIDE + 1; row < rowCount; row++, at += 2)
      numbers[row] = fields[at]! < 0 ? -1 : ofTexts[text++]!;
  }

  /** Gives the memory back to the kernel. */
  close(): void {
    this.#kernel.exports.closeColumn(this.#column);
  }

  clear(): void {
    this.#kernel.exports.resetColumn(this.#column);
    this.count = 0;
    this.textBytes = 0;
  }
}
