/** Turns the rules of a source into transforms that fill its derived columns. */

import { FIELD_STRIDE, NULL_LENGTH } from "../rows/block-layout.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { RowTransform } from "../rows/row-transform.ts";
import type { ColumnDefinition } from "../rows/schema.ts";
import { itemsAmountOf } from "./amount.ts";
import { AmountColumn } from "./amount-column.ts";
import { CalendarColumns, type CalendarOutput } from "./calendar-columns.ts";
import { type Derivation, DistinctColumns, type DistinctOutput } from "./distinct-columns.ts";
import { QueryParameter } from "./query-parameter.ts";
import type { DeriveConfig, DeriveRule } from "./rule.ts";
import { pathSegment, urlPart } from "./url.ts";
import { USER_AGENT_BYTES, userAgentFact } from "./user-agent.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Makes the transforms that fill the derived columns. In a block these come after the format's. Columns with the same input
 * are filled together.
 *
 * @param formatColumns - Columns of the format that is read. It may be a sibling of the source's format without an optional
 *   column: then columns that are derived from it are null.
 */
export function deriveTransforms(
  derive: DeriveConfig | undefined,
  formatColumns: readonly ColumnDefinition[],
): readonly RowTransform[] {
  const distinct = new Map<number, DistinctOutput[]>();
  const calendar = new Map<string, { input: number; timeZone: string; outputs: CalendarOutput[] }>();
  const others: RowTransform[] = [];
  const indexOf = (name: string) => formatColumns.findIndex((column) => column.name === name);
  for (const [i, rule] of Object.values(derive ?? {}).entries()) {
    const column = formatColumns.length + i;
    const input = rule.kind === "amount" ? indexOf(rule.price) : indexOf(inputOf(rule));
    const quantity = rule.kind === "amount" && rule.quantity !== undefined ? indexOf(rule.quantity) : undefined;
    if (input < 0 || (quantity !== undefined && quantity < 0)) others.push(new NullColumn(column));
    else if (rule.kind === "amount")
      others.push(new AmountColumn({ price: input, quantity, output: column }, rule.decimals));
    else if (rule.kind === "calendar") {
      const key = `${input} ${rule.timeZone}`;
      const group = calendar.get(key) ?? { input, timeZone: rule.timeZone, outputs: [] };
      group.outputs.push({ column, field: rule.field });
      calendar.set(key, group);
    } else distinct.set(input, [...(distinct.get(input) ?? []), { column, derive: derivationOf(rule) }]);
  }
  return [
    ...[...distinct].map(
      ([input, outputs]) => new DistinctColumns({ input, decoding: formatColumns[input]!.decoding }, outputs),
    ),
    ...[...calendar.values()].map(
      ({ input, timeZone, outputs }) =>
        new CalendarColumns({ input, type: formatColumns[input]!.type, timeZone }, outputs),
    ),
    ...others,
  ];
}

type OfOneText = Exclude<DeriveRule, { kind: "amount" | "calendar" }>;

const inputOf = (rule: Exclude<DeriveRule, { kind: "amount" }>) =>
  rule.kind === "items-amount" ? rule.items : rule.from;

function derivationOf(rule: OfOneText): Derivation {
  switch (rule.kind) {
    case "part":
      return (text) => urlPart(text, rule.part);
    case "segment":
      return (text) => pathSegment(text, rule.segment);
    case "parameter": {
      const parameter = new QueryParameter(rule.parameter);
      return rule.in === "query" ? (text) => parameter.ofQuery(text) : (text) => parameter.ofUrl(text);
    }
    case "user-agent":
      return (text) => encoded(userAgentFact(decoder.decode(text.subarray(0, USER_AGENT_BYTES)), rule.fact));
    case "items-amount":
      return (text) => encoded(itemsAmountOf(decoder.decode(text), rule, rule.decimals));
  }
}

const encoded = (text: string | undefined) => (text === undefined ? undefined : encoder.encode(text));

/** Fills a column with nulls: its input is not a column of the format that is read. */
class NullColumn implements RowTransform {
  readonly #column: number;

  constructor(column: number) {
    this.#column = column;
  }

  apply(block: RowBlock): void {
    for (let row = 0; row < block.rowCount; row++)
      block.fields[2 * (this.#column * FIELD_STRIDE + row) + 1] = NULL_LENGTH;
  }
}
