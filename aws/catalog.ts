/** The Glue catalog: partitions and crawlers. */
import {
  BatchCreatePartitionCommand,
  CrawlerRunningException,
  GetCrawlerCommand,
  GetTableCommand,
  StartCrawlerCommand,
} from "@aws-sdk/client-glue";
import type { CrawlerState } from "../lake/batch/crawl.ts";
import { glue } from "./clients.ts";
import { environment } from "./environment.ts";

/** Glue's limit for one call. */
const PARTITIONS_A_CALL = 100;

/**
 * Registers partitions of a table by date. Existing partitions stay as they are.
 *
 * @param folderOf - Where a date's files lie, relative to the table; ends in a slash.
 * @returns How many were new.
 */
export async function registerPartitions(
  table: string,
  dates: readonly string[],
  folderOf: (date: string) => string,
): Promise<number> {
  if (dates.length === 0) return 0;
  const DatabaseName = environment("GLUE_DATABASE");
  const { Table } = await glue.send(new GetTableCommand({ DatabaseName, Name: table }));
  const { Location, ...storage } = Table!.StorageDescriptor!;
  let registered = 0;
  for (let start = 0; start < dates.length; start += PARTITIONS_A_CALL) {
    const slice = dates.slice(start, start + PARTITIONS_A_CALL);
    const { Errors = [] } = await glue.send(
      new BatchCreatePartitionCommand({
        DatabaseName,
        TableName: table,
        PartitionInputList: slice.map((date) => ({
          Values: [date],
          StorageDescriptor: { ...storage, Location: `${Location!.replace(/\/?$/, "/")}${folderOf(date)}` },
        })),
      }),
    );
    const failed = Errors.find(({ ErrorDetail }) => ErrorDetail?.ErrorCode !== "AlreadyExistsException");
    if (failed) {
      const { ErrorCode, ErrorMessage } = failed.ErrorDetail ?? {};
      throw new Error(`Cannot register partition ${failed.PartitionValues} of ${table}: ${ErrorCode}: ${ErrorMessage}`);
    }
    registered += slice.length - Errors.length;
  }
  return registered;
}

/** Starts a crawler. One that runs already goes on. */
export async function startCrawler(name: string): Promise<void> {
  try {
    await glue.send(new StartCrawlerCommand({ Name: name }));
  } catch (error) {
    if (!(error instanceof CrawlerRunningException)) throw error;
  }
}

export async function crawlerState(name: string): Promise<CrawlerState> {
  const { Crawler } = await glue.send(new GetCrawlerCommand({ Name: name }));
  const { State, LastCrawl } = Crawler!;
  return {
    name,
    isRunning: State !== "READY",
    last: LastCrawl?.StartTime && {
      status: LastCrawl.Status === "SUCCEEDED" ? "succeeded" : "failed",
      startedAtMs: LastCrawl.StartTime.getTime(),
      reason: LastCrawl.ErrorMessage ?? LastCrawl.Status,
    },
  };
}
