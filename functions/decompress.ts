import { z } from "zod";
import { streamVersion, writeStream } from "../aws/objects.ts";
import { inStaging, stagedObject, stagePrepared } from "../aws/staging.ts";
import { batchRef } from "../lake/batch.ts";
import { withHead } from "../lake/byte-stream.ts";
import type { StagedPiece } from "../lake/chunk-plan.ts";
import { cutText } from "../lake/chunks.ts";
import { lineFramer } from "../lake/columns/line-framer.ts";
import { compressionOf, inflate } from "../lake/compression.ts";
import { EmptyObject } from "../lake/errors.ts";
import { type FormatName, formatNamed } from "../lake/formats/index.ts";
import { pieceKey } from "../lake/places.ts";
import { batchOptions } from "../lake/source-format.ts";
import config from "../sluice.config.ts";
import { task } from "./task.ts";

/** Tells how an object is packed. */
const HEAD_BYTES = 4;

export const decompressInput = z.object({
  batch: batchRef,
  index: z.int().min(0),
  format: z.custom<FormatName>((name) => typeof name === "string", "a format's name"),
});

/**
 * Unpacks an object into pieces of text in staging, each cut where a record ends and no larger than a chunk.
 *
 * @throws {CorruptArchive} When the archive cannot be unpacked to its end.
 * @throws {ArchiveTooLarge} When it unpacks to more than the limits allow.
 * @throws {EmptyObject} When it unpacks to nothing.
 * @throws {ObjectVanished} When the version that was claimed is not there any more.
 */
export async function decompress({
  batch,
  index,
  format,
}: z.output<typeof decompressInput>): Promise<{ pieceCount: number }> {
  const object = await stagedObject(batch, index);
  const framer =
    formatNamed(format).openFramer?.(batchOptions(config.sources[batch.source]!, format, batch)) ?? lineFramer();
  const { head, bytes } = await withHead(await streamVersion(object), HEAD_BYTES);
  const text = inflate(bytes, compressionOf(head), { object });
  const pieces: StagedPiece[] = [];
  for await (const part of cutText(text, { framer })) {
    const stagedKey = pieceKey(batch.batchId, index, pieces.length);
    await writeStream(inStaging(stagedKey), part.bytes);
    const { byteLength, lineCount } = part.end();
    const { firstLine, firstByte, header } = part;
    pieces.push({ stagedKey, byteLength, lineCount, firstLine, firstByte, header });
  }
  if (pieces.length === 0) throw new EmptyObject(object);
  await stagePrepared(batch, index, { status: "prepared", object, format, pieces });
  return { pieceCount: pieces.length };
}

export const handler = task(decompressInput, decompress);
