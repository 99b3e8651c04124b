/**
 * The event time of formats whose columns a source configures: which column holds it, and what texts it is read from.
 */
import { z } from "zod";
import { dayAt, MS_PER_DAY, NO_DAY } from "../columns/calendar.ts";
import { FIELD_STRIDE, type RowBatch } from "../columns/row-batch.ts";
import type { ColumnDefinition } from "../columns/schema.ts";
import { ascii, latin1 } from "./ascii.ts";
import { columnFinder } from "./column-list.ts";

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

export const eventTimeOptions = {
  /** The column that says when the event was, and so which partition it is in: a timestamp or date column. */
  time: z.string().optional(),
  /** The partition of every row where there is no such column: when the object was delivered, `YYYY-MM-DD`. */
  deliveryDate: z.iso.date().optional(),
};

/** Reports a `time` that is no column of which a day can be read. */
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

/** Seconds, milliseconds or microseconds by their number of digits: all within the years 1973 to 2286. */
const EPOCH = /^(\d{9,10}|\d{12,13}|\d{15,16})(\.\d+)?$/;
const UTC = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d+)?Z?)?$/;
const ZONED = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:?\d\d|Z)$/;

/** As web servers write it: `17/May/2015:10:05:03 +0000`. */
const COMMON_LOG = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/;
/** As Java's loggers write it, taken for UTC: `2016-12-19 16:32:17,514`. */
const COMMA_FRACTION = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d,\d+$/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export class EventTime {
  readonly #column: number | undefined;
  readonly #isDate: boolean;
  readonly #deliveryDay: number;

  constructor(
    columns: readonly ColumnDefinition[],
    { time, deliveryDate }: { time?: string | undefined; deliveryDate?: string | undefined },
  ) {
    this.#column = time === undefined ? undefined : columnFinder(columns)(time);
    this.#isDate = this.#column !== undefined && columns[this.#column]!.type === "date";
    this.#deliveryDay = deliveryDate === undefined ? NO_DAY : dayAt(ascii(deliveryDate), 0);
  }

  /** Sets the day of the row under way. A time in another zone, or an epoch, becomes text that the column's type reads. */
  setDay(batch: RowBatch): boolean {
    if (this.#column === undefined) {
      batch.setDayNumber(this.#deliveryDay);
      return this.#deliveryDay !== NO_DAY;
    }
    const at = 2 * (this.#column * FIELD_STRIDE + batch.rowCount);
    const start = batch.fields[at]!;
    const length = batch.fields[at + 1]!;
    if (length <= 0) return false;
    const text = latin1(batch.bytes, start, start + length);
    if (UTC.test(text)) return batch.setDay(start);
    const [, digits] = this.#isDate ? [] : (EPOCH.exec(text) ?? []);
    if (digits)
      return this.#setInstant(batch, Number(text) * 10 ** (digits.length <= 10 ? 3 : digits.length <= 13 ? 0 : -3));
    if (COMMA_FRACTION.test(text)) return this.#setDotted(batch, text);
    const [, day, month, year, time, hours, minutes] = COMMON_LOG.exec(text) ?? [];
    if (year) {
      const number = String(MONTHS.indexOf(month!) + 1).padStart(2, "0");
      return this.#setInstant(batch, Date.parse(`${year}-${number}-${day}T${time}${hours}:${minutes}`));
    }
    return ZONED.test(text) && this.#setInstant(batch, Date.parse(text));
  }

  #setDotted(batch: RowBatch, text: string): boolean {
    batch.setText(this.#column!, ascii(text.replace(",", ".")));
    return batch.setDay(batch.fields[2 * (this.#column! * FIELD_STRIDE + batch.rowCount)]!);
  }

  #setInstant(batch: RowBatch, ms: number): boolean {
    if (!(ms >= 0 && ms < 8.64e15)) return false;
    batch.setText(this.#column!, ascii(new Date(ms).toISOString()));
    batch.setDayNumber(Math.floor(ms / MS_PER_DAY));
    return true;
  }
}
