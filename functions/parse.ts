import { z } from "zod";
import { environment } from "../aws/environment.ts";
import { streamObject, writeObject } from "../aws/objects.ts";
import { inStaging, stagedChunk, stageParsed } from "../aws/staging.ts";
import { batchRef, sourceFileOf } from "../lake/batch.ts";
import type { Chunk } from "../lake/chunk-plan.ts";
import { type Piece, parsePieces } from "../lake/columns/parse.ts";
import { packRowGroup } from "../lake/columns/row-group.ts";
import type { StagedRowGroup } from "../lake/file-plan.ts";
import { formatNamed } from "../lake/formats/index.ts";
import { countedLines } from "../lake/outcome.ts";
import { rejectedLinesKey, rowGroupKey } from "../lake/places.ts";
import { RejectedLines } from "../lake/rejected-lines.ts";
import { batchOptions } from "../lake/source-format.ts";
import config from "../sluice.config.ts";
import { task } from "./task.ts";

export const parseInput = z.object({ batch: batchRef, chunk: z.int().min(0) });

/**
 * Turns one chunk of text into row groups by date in staging, and its rejected lines into a file in quarantine.
 *
 * @throws {Error} When lines were lost on the way: the format's scanner counts others than were unpacked.
 */
export async function parse({
  batch,
  chunk,
}: z.output<typeof parseInput>): Promise<{ rows: number; rejected: number }> {
  const { format, pieces } = await stagedChunk(batch, chunk);
  const formatOptions = batchOptions(config.sources[batch.source]!, format, batch);
  const rowGroups: StagedRowGroup[] = [];
  const rejected = new RejectedLines();
  const result = await parsePieces({
    format: formatNamed(format),
    ...(formatOptions && { formatOptions }),
    pieces: openPieces(pieces),
    processedAtMs: batch.claimedAtMs,
    onRowGroup: async (date, rowGroup) => {
      const { rowCount: rows, byteLength } = rowGroup.metadata;
      const stagedKey = rowGroupKey(batch.batchId, chunk, date, rowGroups.length);
      await writeObject(inStaging(stagedKey), packRowGroup(rowGroup));
      rowGroups.push({ stagedKey, date, rows, byteLength });
    },
    onRejected: (entry) => rejected.add(entry),
  });
  const counts = countedLines(format, pieces, result.pieces);
  const rejectedFile = rejected.finish();
  const rejectedKey = rejectedFile && rejectedLinesKey(batch, chunk);
  if (rejectedFile) await writeObject({ bucket: environment("QUARANTINE_BUCKET"), key: rejectedKey! }, rejectedFile);
  await stageParsed(batch, chunk, {
    pieces: counts,
    rowGroups,
    ...(rejectedKey && { rejectedKey }),
    invalidFields: result.invalidFields,
  });
  return { rows: rowGroups.reduce((sum, { rows }) => sum + rows, 0), rejected: rejected.count };
}

/** Opens each piece when the one before has been read. */
async function* openPieces(pieces: Chunk["pieces"]): AsyncGenerator<Piece> {
  for (const { object, firstLine, firstByte, header, stagedKey } of pieces) {
    const bytes = await streamObject(inStaging(stagedKey));
    yield { object, sourceFile: sourceFileOf(object), firstLine, firstByte, header, bytes };
  }
}

export const handler = task(parseInput, parse);
