import { z } from "zod";
import { rangesOf, streamVersion, writeStream } from "../aws/objects.ts";
import { inStaging, stagedObject, stagePrepared } from "../aws/staging.ts";
import { batchRef, claimDateOf, type ManifestObject } from "../lake/batch/batch.ts";
import type { StagedPiece } from "../lake/batch/chunk-plan.ts";
import { reading } from "../lake/batch/failure.ts";
import { pieceKey } from "../lake/batch/places.ts";
import { EmptyObject } from "../lake/errors.ts";
import { cloudFrontKeys } from "../lake/formats/cloudfront/cloudfront-parquet.ts";
import { type FormatName, formatNamed } from "../lake/formats/index.ts";
import { mayQuote } from "../lake/pii/policy.ts";
import { withholding } from "../lake/pii/withhold.ts";
import { lineFramer } from "../lake/rows/line-framer.ts";
import { hintWarnings } from "../lake/sources/format-hint.ts";
import { batchOptions } from "../lake/sources/source-format.ts";
import { Archive, type ArchiveOptions, limitsOf } from "../lake/unpack/archive.ts";
import { withHead } from "../lake/unpack/byte-stream.ts";
import { compressionOf, UntilTruncated, unpack } from "../lake/unpack/compression.ts";
import { cutText } from "../lake/unpack/cut-text.ts";
import { parquetText, startsLikeParquet } from "../lake/unpack/parquet/object.ts";
import config from "../sluice.config.ts";
import { task } from "./task.ts";

/** Bytes needed to recognise a compression format. */
const HEAD_BYTES = 5;

const decompressInput = z.object({
  batch: batchRef,
  index: z.int().min(0),
  format: z.custom<FormatName>((name) => typeof name === "string", "a format's name"),
});

/**
 * Unpacks an object into pieces of text in staging, each cut where a record ends and no larger than a chunk.
 *
 * @throws {TruncatedArchive} When the archive is truncated. The text before that is staged all the same and goes on.
 * @throws {CorruptArchive} When the archive, or the Parquet file, is damaged.
 * @throws {ArchiveTooLarge} When it unpacks to more than the limits allow.
 * @throws {EmptyObject} When it unpacks to nothing.
 * @throws {ObjectVanished} When the version that was claimed is gone.
 * @throws {ObjectUnreadable} When S3 does not let us read it.
 * @throws {ReadFailed} When reading it fails in a way that nobody foresaw.
 */
export async function decompress(input: z.output<typeof decompressInput>): Promise<{ pieceCount: number }> {
  const object = await stagedObject(input.batch, input.index);
  return reading(object, () => stagePieces(object, input));
}

async function stagePieces(
  object: ManifestObject,
  { batch, index, format }: z.output<typeof decompressInput>,
): Promise<{ pieceCount: number }> {
  const source = config.sources[batch.source]!;
  const framer = formatNamed(format).openFramer?.(batchOptions(source, format, claimDateOf(batch))) ?? lineFramer();
  const warnings = hintWarnings(source.format, format);
  const onWarning = (warning: string) => warnings.push(warning);
  const { pii } = source;
  const text = new UntilTruncated(
    textOf(object, { object, limits: limitsOf(source), mayQuote: mayQuote(pii), onWarning }),
  );
  const pieces: StagedPiece[] = [];
  await withholding(pii, async () => {
    for await (const piece of cutText(text, { framer })) {
      const stagedKey = pieceKey(batch.batchId, index, pieces.length);
      await writeStream(inStaging(stagedKey), piece.bytes);
      const { byteLength, lineCount } = piece.end();
      const { firstLine, firstByte, header } = piece;
      pieces.push({ stagedKey, byteLength, lineCount, firstLine, firstByte, header });
    }
  });
  if (text.cut) {
    const { name: reason, message: detail } = text.cut;
    pieces.push(...pieces.splice(-1).map((last) => ({ ...last, isTruncated: true as const })));
    await stagePrepared(batch, index, { status: "truncated", object, format, pieces, warnings, reason, detail });
    throw text.cut;
  }
  if (pieces.length === 0) throw new EmptyObject(object);
  await stagePrepared(batch, index, { status: "prepared", object, format, pieces, warnings });
  return { pieceCount: pieces.length };
}

/** The text of an object, however it is packed. A Parquet file gives a line of JSON for each row. */
async function* textOf(object: ManifestObject, options: ArchiveOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const { head, bytes, close } = await withHead(await streamVersion(object), HEAD_BYTES);
  if (!startsLikeParquet(head)) return yield* unpack(bytes, compressionOf(head), options);
  await close();
  yield* parquetText(rangesOf(object), new Archive(options), cloudFrontKeys);
}

export const handler = task(decompressInput, decompress);
