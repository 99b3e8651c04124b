import { z } from "zod";
import { environment } from "../aws/environment.ts";
import { inParallel } from "../aws/in-parallel.ts";
import { readBytes, writeStream } from "../aws/objects.ts";
import { inStaging, stagedWrite } from "../aws/staging.ts";
import { batchRef } from "../lake/batch/batch.ts";
import type { FilePlan } from "../lake/batch/file-plan.ts";
import { PARSER_VERSION } from "../lake/batch/ledger.ts";
import { writeParquetFile } from "../lake/columns/parquet-file.ts";
import { unpackRowGroup } from "../lake/columns/row-group.ts";
import { sourceColumns } from "../lake/sources/source-format.ts";
import config from "../sluice.config.ts";
import { task } from "./task.ts";

/** Small files wait for S3 most of the time. Together the files of a task are no larger than the largest file. */
const CONCURRENT_FILES = 8;

const writeParquetInput = z.object({ batch: batchRef, write: z.int().min(0) });

/** Joins row groups to files of the lake: one large file, or many small ones. Row groups of a file pass through one at a time. */
export async function writeParquet({
  batch,
  write,
}: z.output<typeof writeParquetInput>): Promise<{ fileCount: number; rows: number }> {
  const files = await stagedWrite(batch, write);
  const schema = sourceColumns(config.sources[batch.source]!);
  const keyValueMetadata = { "sluice.batch": batch.batchId, "sluice.parser": String(PARSER_VERSION) };
  const bucket = environment("LAKE_BUCKET");
  await inParallel(files, CONCURRENT_FILES, async ({ key, rowGroups }: FilePlan) => {
    const bytes = writeParquetFile({ schema, rowGroups: readRowGroups(rowGroups), keyValueMetadata });
    await writeStream({ bucket, key }, bytes);
  });
  return { fileCount: files.length, rows: files.reduce((sum, { rows }) => sum + rows, 0) };
}

async function* readRowGroups(stagedKeys: readonly string[]) {
  for (const key of stagedKeys) yield unpackRowGroup(await readBytes(inStaging(key)));
}

export const handler = task(writeParquetInput, writeParquet);
