import { z } from "zod";
import { registerPartitions as register } from "../aws/catalog.ts";
import { markRegistered } from "../aws/ledger.ts";
import { tableOf } from "../lake/sources/config.ts";
import { task } from "./task.ts";

const date = z.iso.date();

export const registerPartitionsInput = z.object({
  source: z.string(),
  dates: z.array(date),
  rejectedDates: z.array(date),
});

/** Adds partitions to the table of a source and to that of its rejected lines, and tells the ledger. */
export async function registerPartitions({
  source,
  dates,
  rejectedDates,
}: z.output<typeof registerPartitionsInput>): Promise<{ registered: number }> {
  const rows = await register(tableOf(source), dates, (date) => `date=${date}/`);
  // Beside the lines of a day lie its rejected objects, which are no Parquet.
  const lines = await register(`${tableOf(source)}_rejected`, rejectedDates, (date) => `date=${date}/lines/`);
  await markRegistered(source, { dates, rejectedDates });
  return { registered: rows + lines };
}

export const handler = task(registerPartitionsInput, registerPartitions);
