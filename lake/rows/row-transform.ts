import type { RowBlock } from "./row-block.ts";

/**
 * Changes the rows of a block after they were scanned and before they are written to columns: fills derived columns,
 * takes personal data out.
 *
 * A transform sets fields of the block's rows, by column, as a scanner would have: in the escaped form that the column's
 * `decoding` undoes. It never changes the text that stands in the input, as other fields may lie over it; new text is made
 * with `RowBlock.addText`. The result for a row depends on that row alone, because rows come in blocks of any size.
 */
export interface RowTransform {
  apply(block: RowBlock): void;
  /**
   * Returns the text to keep in `_extra` for a field that its typed column cannot hold. It is called after `apply`, when the
   * column is written; without it the whole text is kept.
   *
   * @param column - Column of the block.
   * @returns Null when the field leaves no trace.
   */
  keptMisfit?(column: number, text: string): string | null;
}
