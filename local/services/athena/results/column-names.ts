/** Names of a result's columns. */
import type { Node } from "../sql/sql-tree.ts";
import type { Statement } from "../sql/translate.ts";

/**
 * Names columns as Athena does. A column without a name is `_col0`, by its place, where DuckDB shows its expression.
 *
 * @param names - DuckDB's names, in order.
 */
export function resultColumnNames(names: readonly string[], statement: Statement): string[] {
  return names.map((name, index) => columnName(name, index, names.length, statement));
}

function columnName(name: string, index: number, columnCount: number, { tree }: Statement): string {
  let select = tree;
  for (;;) {
    const next = select.union?.left ?? select.except?.left ?? select.intersect?.left ?? select.subquery?.this;
    if (!next) break;
    select = next;
  }
  const expressions: Node[] = select.select?.expressions ?? [];
  // A star stands for as many columns as the others leave over; with two of them the places are lost.
  const star = expressions.findIndex((item) => item.star);
  const starWidth = star < 0 ? 0 : columnCount - (expressions.length - 1);
  if (star >= 0 && (index >= star || expressions.slice(star + 1).some((item) => item.star))) {
    if (index < star + starWidth || expressions.slice(star + 1).some((item) => item.star)) return name.toLowerCase();
  }
  const item = expressions[star >= 0 && index > star ? index - starWidth + 1 : index];
  return !item || item.alias || item.column || item.dot ? name.toLowerCase() : `_col${index}`;
}
