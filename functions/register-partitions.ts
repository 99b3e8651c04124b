import { z } from "zod";
import { registerPartitions as register } from "../aws/catalog.ts";
import { markRegistered } from "../aws/ledger.ts";
import { tableOf } from "../lake/sources/config.ts";
import { task } from "./task.ts";

const date = z.iso.date();

const registerPartitionsInput = z.object({
  source: z.string(),
  dates: z.array(date),
  rejectedDates: z.array(date),
});

/** Adds partitions to the tables of a source, its rows and its rejected lines, and tells the ledger. */
export async function registerPartitions({
  source,
  dates,
  rejectedDates,
}: z.output<typeof registerPartitionsInput>): Promise<{ registered: number }> {
  const rows = await register(tableOf(source), dates, (date) => `date=${date}/`);
  // The quarantined objects of a day are beside its lines, and are not Parquet.
  const lines = await register(`${tableOf(source)}_rejected`, rejectedDates, (date) => `date=${date}/lines/`);
  await markRegistered(source, { dates, rejectedDates });
  return { registered: rows + lines };
}

export const handler = task(registerPartitionsInput, registerPartitions);
