/**
 * The event time of formats whose columns a source configures: which column holds it, and what texts it is read from.
 */
import { z } from "zod";
import { LONGEST_TIME } from "../kernel/shared-numbers.ts";
import { FIELD_STRIDE, NO_DAY } from "../rows/block-layout.ts";
import { dayAt, isTimeOfDay } from "../rows/calendar.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { ColumnDefinition } from "../rows/schema.ts";
import { ascii, latin1 } from "./ascii.ts";
import { columnFinder } from "./column-list.ts";
import { instantText } from "./instant.ts";

/** The columns that a source configures for its table; `upstreamName` is the key or header they are found under. */
export const configuredColumns = z
  .array(
    z.strictObject({
      name: z
        .string()
        .regex(/^[a-z][a-z0-9_]*$/, "lower snake case")
        .refine((name) => name !== "date", 'another name than "date", which is that of the partition'),
      type: z.enum(["string", "int32", "int64", "double", "boolean", "timestamp_millis", "timestamp_micros", "date"]),
      upstreamName: z.string().min(1),
    }),
  )
  .refine(
    (columns) => new Set(columns.map(({ name }) => name)).size === columns.length,
    "names that are all different",
  );

/** Reports a key or header that two columns name: a record has one value for it. */
export function checkUpstreamNames(
  { columns = [] }: { columns?: readonly ColumnDefinition[] | undefined },
  context: z.RefinementCtx,
): void {
  for (const [i, { name, upstreamName }] of columns.entries()) {
    const first = columns.find((other) => other.upstreamName === upstreamName)!;
    if (first.name === name) continue;
    context.addIssue({
      code: "custom",
      path: ["columns", i, "upstreamName"],
      input: upstreamName,
      message: `a name that no other column has: it is that of "${first.name}"`,
    });
  }
}

export const eventTimeOptions = {
  /** The column that says when the event was, and so which partition it is in: a timestamp or date column. */
  time: z.string().optional(),
  /** The partition of every row where there is no such column: when the object was delivered, `YYYY-MM-DD`. */
  deliveryDate: z.iso.date().optional(),
};

/** Reports a `time` that is not a timestamp or date column. */
export function checkTime(
  { columns = [], time }: { columns?: readonly ColumnDefinition[] | undefined; time?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (time === undefined) return;
  const dated = columns.filter(({ type }) => type === "date" || type.startsWith("timestamp"));
  if (!dated.some(({ name }) => name === time))
    context.addIssue({
      code: "custom",
      path: ["time"],
      input: time,
      message: `the name of a timestamp or date column: ${dated.map(({ name }) => name).join(", ") || "there is none"}`,
    });
}

/** Texts that the columns' types read as they are: in UTC, with a time to the second. */
const PLAIN = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?$/;
const PLAIN_DATE = /^\d{4}-\d\d-\d\d$/;
const TIME_OF_DAY_OFFSET = "YYYY-MM-DDT".length;

/** Where the day of a row comes from. */
export type DaySource =
  | { readonly from: "delivery"; readonly day: number }
  | { readonly from: "column"; readonly column: number };

/** The timestamp and date columns of a table: spells them plainly, and reads the day of the row's event from one of them. */
export class EventTime {
  readonly #time: number | undefined;
  readonly #columns: readonly { readonly index: number; readonly isDate: boolean }[];
  readonly #deliveryDay: number;

  constructor(
    columns: readonly ColumnDefinition[],
    { time, deliveryDate }: { time?: string | undefined; deliveryDate?: string | undefined },
  ) {
    this.#time = time === undefined ? undefined : columnFinder(columns)(time);
    this.#columns = columns.flatMap(({ type }, index) =>
      type === "date" || type.startsWith("timestamp") ? [{ index, isDate: type === "date" }] : [],
    );
    this.#deliveryDay = deliveryDate === undefined ? NO_DAY : dayAt(ascii(deliveryDate), 0);
  }

  /** The same as data, for the kernel, which does the ordinary part. */
  get spelling(): { readonly moments: readonly { index: number; isDate: boolean }[]; readonly day: DaySource } {
    const day: DaySource =
      this.#time === undefined ? { from: "delivery", day: this.#deliveryDay } : { from: "column", column: this.#time };
    return { moments: this.#columns, day };
  }

  /**
   * Sets the day of the current row. Times in another zone, epochs and other spellings become text that the columns' type
   * reads. Text that is not a time stays as it is: the type does not take it.
   *
   * @returns False when the row has no event time.
   */
  setDay(block: RowBlock): boolean {
    let isTimed = false;
    for (const { index, isDate } of this.#columns) {
      const isPlain = this.#spellPlainly(block, index, isDate);
      if (index === this.#time) isTimed = isPlain;
    }
    if (this.#time === undefined) {
      block.setDayNumber(this.#deliveryDay);
      return this.#deliveryDay !== NO_DAY;
    }
    if (!isTimed) return false;
    const at = 2 * (this.#time * FIELD_STRIDE + block.rowCount);
    const start = block.fields[at]!;
    const hasTime = block.fields[at + 1]! > DATE_LENGTH;
    return (!hasTime || isTimeOfDay(block.bytes, start + TIME_OF_DAY_OFFSET)) && block.setDay(start);
  }

  /** @returns Whether the text has the form that the column's type reads. Its digits need not be a valid date. */
  #spellPlainly(block: RowBlock, column: number, isDate: boolean): boolean {
    const at = 2 * (column * FIELD_STRIDE + block.rowCount);
    const start = block.fields[at]!;
    const length = block.fields[at + 1]!;
    if (length <= 0 || length > LONGEST_TIME) return false;
    const text = latin1(block.bytes, start, start + length);
    if ((isDate ? PLAIN_DATE : PLAIN).test(text)) return true;
    // A number in a date column could be anything.
    const instant = isDate && /^[\d.]+$/.test(text) ? undefined : instantText(text);
    if (instant) block.setText(column, ascii(isDate ? instant.slice(0, DATE_LENGTH) : instant));
    return instant !== undefined;
  }
}

const DATE_LENGTH = "YYYY-MM-DD".length;
