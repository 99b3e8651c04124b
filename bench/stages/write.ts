/**
 * The third of the three tasks on local files: joins row groups to the files of the lake (`functions/write-parquet.ts`).
 *
 *     node bench/stages/write.ts KIND STAGING FOLDER
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { FilePlan } from "../../lake/batch/file-plan.ts";
import { writeParquetFile } from "../../lake/columns/parquet-file.ts";
import { unpackRowGroup } from "../../lake/columns/row-group.ts";
import { type BenchKind, benchColumns } from "../columns/subject.ts";
import { measure } from "../measured.ts";
import { Staging, writeAll } from "./staging.ts";

const [kind, from, folder] = process.argv.slice(2) as [BenchKind, string, string];

rmSync(folder, { recursive: true, force: true });
await measure(async () => {
  const staging = new Staging(from);
  let written = 0;
  for (const [n, { date, rows, rowGroups }] of staging.readJson<FilePlan[]>("files.json").entries()) {
    mkdirSync(join(folder, `date=${date}`), { recursive: true });
    const bytes = writeParquetFile({
      schema: benchColumns(kind),
      rowGroups: (function* () {
        for (const key of rowGroups) yield unpackRowGroup(staging.read(key));
      })(),
    });
    await writeAll(join(folder, `date=${date}/${n}.parquet`), bytes);
    written += rows;
  }
  return { rows: written };
});
