import { FIELD_STRIDE, NULL_LENGTH } from "../rows/block-layout.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { RowTransform } from "../rows/row-transform.ts";
import { amountOf } from "./amount.ts";

/** Fills a column with price times quantity of the row's own columns. */
export class AmountColumn implements RowTransform {
  readonly #columns: { readonly price: number; readonly quantity: number | undefined; readonly output: number };
  readonly #decimals: number;

  constructor(columns: { price: number; quantity: number | undefined; output: number }, decimals: number) {
    this.#columns = columns;
    this.#decimals = decimals;
  }

  apply(block: RowBlock): void {
    const { price, quantity, output } = this.#columns;
    for (let row = 0; row < block.rowCount; row++) {
      const amount = this.#amountOf(block, row, price, quantity);
      const start = amount === undefined ? 0 : block.addText(Buffer.from(amount));
      const at = 2 * (output * FIELD_STRIDE + row);
      block.fields[at] = start;
      block.fields[at + 1] = amount === undefined ? NULL_LENGTH : amount.length;
    }
  }

  #amountOf(block: RowBlock, row: number, price: number, quantity: number | undefined): string | undefined {
    if (isNull(block, row, price) || (quantity !== undefined && isNull(block, row, quantity))) return undefined;
    const count = quantity === undefined ? undefined : block.fieldText(row, quantity);
    return amountOf(block.fieldText(row, price), count, this.#decimals);
  }
}

const isNull = (block: RowBlock, row: number, column: number) =>
  block.fields[2 * (column * FIELD_STRIDE + row) + 1]! < 0;
