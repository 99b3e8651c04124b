import { FIELD_STRIDE } from "../../rows/block-layout.ts";
import type { RowBlock } from "../../rows/row-block.ts";
import type { TextNumbers } from "../../rows/text-numbers.ts";
import { TextIndex } from "./text-index.ts";

/** Numbers texts in plain TypeScript. */
export class IndexedTexts implements TextNumbers {
  readonly #index = new TextIndex();

  get count(): number {
    return this.#index.count;
  }

  get textBytes(): number {
    return this.#index.textBytes;
  }

  number({ fields, view, rowCount }: RowBlock, column: number, numbers: Int32Array): void {
    for (let row = 0, at = 2 * column * FIELD_STRIDE; row < rowCount; row++, at += 2) {
      const length = fields[at + 1]!;
      numbers[row] = length < 0 ? -1 : this.#index.numberOf(view, fields[at]!, length);
    }
  }

  clear(): void {
    this.#index.clear();
  }
}
