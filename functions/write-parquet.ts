import { z } from "zod";
import { environment } from "../aws/environment.ts";
import { readBytes, writeStream } from "../aws/objects.ts";
import { inStaging, stagedFile } from "../aws/staging.ts";
import { batchRef } from "../lake/batch/batch.ts";
import { PARSER_VERSION } from "../lake/batch/ledger.ts";
import { writeParquetFile } from "../lake/columns/parquet-file.ts";
import { unpackRowGroup } from "../lake/columns/row-group.ts";
import { sourceColumns } from "../lake/sources/source-format.ts";
import config from "../sluice.config.ts";
import { task } from "./task.ts";

const writeParquetInput = z.object({ batch: batchRef, file: z.int().min(0) });

/** Joins row groups to one file of the lake. They pass through one at a time. */
export async function writeParquet({
  batch,
  file,
}: z.output<typeof writeParquetInput>): Promise<{ key: string; rows: number }> {
  const { key, rows, rowGroups } = await stagedFile(batch, file);
  const bytes = writeParquetFile({
    schema: sourceColumns(config.sources[batch.source]!),
    rowGroups: readRowGroups(rowGroups),
    keyValueMetadata: { "sluice.batch": batch.batchId, "sluice.parser": String(PARSER_VERSION) },
  });
  await writeStream({ bucket: environment("LAKE_BUCKET"), key }, bytes);
  return { key, rows };
}

async function* readRowGroups(stagedKeys: readonly string[]) {
  for (const key of stagedKeys) yield unpackRowGroup(await readBytes(inStaging(key)));
}

export const handler = task(writeParquetInput, writeParquet);
