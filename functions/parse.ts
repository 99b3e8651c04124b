import { z } from "zod";
import { environment } from "../aws/environment.ts";
import { streamObject, writeObject } from "../aws/objects.ts";
import { piiKey } from "../aws/pii-key.ts";
import { inStaging, stagedChunk, stageParsed } from "../aws/staging.ts";
import { batchRef, claimDateOf, sourceFileOf } from "../lake/batch/batch.ts";
import type { Chunk } from "../lake/batch/chunk-plan.ts";
import { reading } from "../lake/batch/failure.ts";
import type { StagedRowGroup } from "../lake/batch/file-plan.ts";
import { countedLines } from "../lake/batch/outcome.ts";
import { rejectedLinesKey, rowGroupKey } from "../lake/batch/places.ts";
import { RejectedLines } from "../lake/batch/rejected-lines.ts";
import { parquetSettings } from "../lake/columns/parquet-options.ts";
import { type ParseOptions, type Piece, parsePieces } from "../lake/columns/parse.ts";
import { packRowGroup } from "../lake/columns/row-group.ts";
import { deriveTransforms } from "../lake/derive/derive-rows.ts";
import { derivedColumns } from "../lake/derive/derived-columns.ts";
import { formatNamed } from "../lake/formats/index.ts";
import type { ObjectRef } from "../lake/object-ref.ts";
import { keptRejection } from "../lake/pii/kept-rejection.ts";
import { hashes } from "../lake/pii/policy.ts";
import { piiTransform } from "../lake/pii/transform.ts";
import { withholding } from "../lake/pii/withhold.ts";
import { GrowingBytes } from "../lake/rows/growing-bytes.ts";
import { batchOptions } from "../lake/sources/source-format.ts";
import config from "../sluice.config.ts";
import { task } from "./task.ts";

const parseInput = z.object({ batch: batchRef, chunk: z.int().min(0) });

/**
 * Turns one chunk of text into row groups by date in staging, and its rejected lines into a file in quarantine. From here on
 * personal data is as the source's policy says. Pieces that were staged before have the raw text.
 *
 * @throws {PiiKeyUnusable} When values are to be hashed, and the secret for it is missing or weak.
 * @throws {ReadFailed} When it fails in a way that nobody foresaw, also when the format's scanner counts other lines than
 *   were unpacked: some were lost. The workflow finds out which object it is.
 */
export async function parse({
  batch,
  chunk,
}: z.output<typeof parseInput>): Promise<{ rows: number; rejected: number }> {
  const { format, pieces } = await stagedChunk(batch, chunk);
  const source = config.sources[batch.source]!;
  const logFormat = formatNamed(format);
  const formatOptions = batchOptions(source, format, claimDateOf(batch));
  const formatColumns = logFormat.columns(formatOptions);
  const derived = derivedColumns(source.derive);
  const { pii } = source;
  const key = hashes(pii) ? await piiKey() : undefined;
  /** The object that is being read. */
  let current: ObjectRef = pieces[0]!.object;
  const rowGroups: StagedRowGroup[] = [];
  const packing = new GrowingBytes(0);
  const rejected = new RejectedLines();
  const parsing: ParseOptions = {
    format: logFormat,
    ...(formatOptions && { formatOptions }),
    pieces: openPieces(pieces, (object) => {
      current = object;
    }),
    derivedColumns: derived,
    transforms: [
      ...deriveTransforms(source.derive, formatColumns),
      ...(pii ? [piiTransform(pii, [...formatColumns, ...derived], key)] : []),
    ],
    ...parquetSettings(source.parquet),
    processedAtMs: batch.claimedAtMs,
    onRowGroup: async (date, rowGroup) => {
      const { rowCount: rows, byteLength } = rowGroup.metadata;
      const stagedKey = rowGroupKey(batch.batchId, chunk, date, rowGroups.length);
      await writeObject(inStaging(stagedKey), packRowGroup(rowGroup, packing));
      rowGroups.push({ stagedKey, date, rows, byteLength });
    },
    onRejected: (entry) => rejected.add(keptRejection(entry, pii)),
  };
  const { result, counts } = await reading(
    () => current,
    async () => {
      const result = await withholding(pii, () => parsePieces(parsing));
      return { result, counts: countedLines(format, pieces, result.pieces) };
    },
  );
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

/** Opens each piece when the one before it has been read. */
async function* openPieces(pieces: Chunk["pieces"], onOpen: (object: ObjectRef) => void): AsyncGenerator<Piece> {
  for (const { object, firstLine, firstByte, header, isTruncated, stagedKey } of pieces) {
    onOpen(object);
    const bytes = await streamObject(inStaging(stagedKey));
    yield { sourceFile: sourceFileOf(object), firstLine, firstByte, header, isTruncated, bytes };
  }
}

export const handler = task(parseInput, parse);
