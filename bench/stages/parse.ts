/**
 * The second of the three tasks on local files: chunks of text into row groups, one chunk after the other as a warm Lambda
 * function gets them (`functions/parse.ts`).
 *
 *     node bench/stages/parse.ts KIND STAGING [typescript|kernel]
 */
import type { Chunk } from "../../lake/batch/chunk-plan.ts";
import { planFiles, type StagedRowGroup } from "../../lake/batch/file-plan.ts";
import { countedLines } from "../../lake/batch/outcome.ts";
import { parsePieces } from "../../lake/columns/parse.ts";
import { packRowGroup } from "../../lake/columns/row-group.ts";
import { formatNamed } from "../../lake/formats/index.ts";
import { GrowingBytes } from "../../lake/rows/growing-bytes.ts";
import { type BenchKind, benchColumns, benchFormatOptions, engines, PROCESSED_AT_MS } from "../columns/subject.ts";
import { measure } from "../measured.ts";
import { Staging } from "./staging.ts";

const [kind, folder, engine = "kernel"] = process.argv.slice(2) as [BenchKind, string, keyof typeof engines];

await measure(async () => {
  const staging = new Staging(folder);
  const formatOptions = benchFormatOptions(kind);
  const rowGroups: StagedRowGroup[] = [];
  const packing = new GrowingBytes(0);
  let rows = 0;
  for (const { format, pieces } of staging.readJson<Chunk[]>("chunks.json")) {
    const result = await parsePieces({
      format: formatNamed(format),
      ...(formatOptions && { formatOptions }),
      columns: benchColumns(kind),
      processedAtMs: PROCESSED_AT_MS,
      pieces: (function* () {
        for (const { object, stagedKey, firstLine, firstByte, header } of pieces)
          yield { object, sourceFile: object.key, firstLine, firstByte, header, bytes: staging.stream(stagedKey) };
      })(),
      onRowGroup: (date, rowGroup) => {
        const stagedKey = `rowgroups/${rowGroups.length}.rowgroup`;
        staging.write(stagedKey, packRowGroup(rowGroup, packing));
        const { rowCount, byteLength } = rowGroup.metadata;
        rowGroups.push({ stagedKey, date, rows: rowCount, byteLength });
      },
      onRejected: ({ reason, line }) => {
        throw new Error(`Line ${line} was rejected: ${reason}`);
      },
      openEngine: engines[engine],
    });
    for (const counts of countedLines(format, pieces, result.pieces)) rows += counts.rows;
  }
  staging.writeJson("files.json", planFiles({ source: kind, batchId: "bench" }, rowGroups));
  return { rows };
});
