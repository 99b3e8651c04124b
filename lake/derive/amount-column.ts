import { FIELD_STRIDE, NULL_LENGTH } from "../rows/block-layout.ts";
import type { RowBatch } from "../rows/row-block.ts";
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

  apply(batch: RowBatch): void {
    const { price, quantity, output } = this.#columns;
    for (let row = 0; row < batch.rowCount; row++) {
      const amount = this.#amountOf(batch, row, price, quantity);
      const start = amount === undefined ? 0 : batch.addText(Buffer.from(amount));
      const at = 2 * (output * FIELD_STRIDE + row);
      batch.fields[at] = start;
      batch.fields[at + 1] = amount === undefined ? NULL_LENGTH : amount.length;
    }
  }

  #amountOf(batch: RowBatch, row: number, price: number, quantity: number | undefined): string | undefined {
    if (isNull(batch, row, price) || (quantity !== undefined && isNull(batch, row, quantity))) return undefined;
    const count = quantity === undefined ? undefined : batch.fieldText(row, quantity);
    return amountOf(batch.fieldText(row, price), count, this.#decimals);
  }
}

const isNull = (batch: RowBatch, row: number, column: number) =>
  batch.fields[2 * (column * FIELD_STRIDE + row) + 1]! < 0;
