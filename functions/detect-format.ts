import { z } from "zod";
import { rangesOf, readHead, streamVersion } from "../aws/objects.ts";
import { stagedObject } from "../aws/staging.ts";
import { batchRef, type ManifestObject } from "../lake/batch/batch.ts";
import { reading } from "../lake/batch/failure.ts";
import { EmptyObject } from "../lake/errors.ts";
import { cloudFrontKeys } from "../lake/formats/cloudfront/cloudfront-parquet.ts";
import { type FormatName, formatOf } from "../lake/formats/index.ts";
import { mayQuote } from "../lake/pii/policy.ts";
import { withholding } from "../lake/pii/withhold.ts";
import { acceptedFormat, acceptedParquet, hasNoWholeLine } from "../lake/sources/detection.ts";
import { Archive, limitsOf } from "../lake/unpack/archive.ts";
import { checkForBomb, compressionOf, unpackHead } from "../lake/unpack/compression.ts";
import { ParquetObject, startsLikeParquet } from "../lake/unpack/parquet/object.ts";
import config from "../sluice.config.ts";
import { task } from "./task.ts";

/** Enough for the header and first record of every format we read, gzipped or not. */
const HEAD_BYTES = 16 << 10;
/** zstd and bzip2 unpack by the block. This holds the largest block of either. */
const BLOCK_HEAD_BYTES = 1 << 20;

const detectFormatInput = z.object({ batch: batchRef, index: z.int().min(0) });

/**
 * Names the log format of an object from its first bytes, not its key.
 *
 * @throws {UnknownFormat} When it is not the format of the batch's source.
 * @throws {CorruptArchive} When it is a Parquet file that does not say what is in it.
 * @throws {ArchiveTooLarge} When it is not a log and unpacks to too much.
 * @throws {EmptyObject} When it was overwritten by an object of no bytes, or is the test file of a load balancer.
 * @throws {MissingHeader} When the fields of its records cannot be named.
 * @throws {ObjectVanished} When the version that was claimed is gone.
 * @throws {ObjectUnreadable} When S3 does not let us read it.
 * @throws {ReadFailed} When reading it fails in a way that nobody foresaw.
 */
export async function detectFormat({
  batch,
  index,
}: z.output<typeof detectFormatInput>): Promise<{ format: FormatName }> {
  const object = await stagedObject(batch, index);
  return reading(object, () => formatOfObject(object, batch.source));
}

async function formatOfObject(object: ManifestObject, sourceName: string): Promise<{ format: FormatName }> {
  // New objects of no bytes are never claimed: this one had some when its batch was formed.
  if (object.sizeBytes === 0) throw new EmptyObject(object);
  const source = config.sources[sourceName]!;
  const { format: expected, formatOptions, pii } = source;
  let head = await readHead(object, HEAD_BYTES);
  if (startsLikeParquet(head)) {
    const { keys } = await ParquetObject.open(
      rangesOf(object),
      new Archive({ object, mayQuote: mayQuote(pii) }),
      cloudFrontKeys,
    );
    return { format: acceptedParquet(object, keys, expected, mayQuote(pii)) };
  }
  const compression = compressionOf(head);
  let { text, goesOn } = await unpackHead(head, compression, object);
  if (text.length === 0 && object.sizeBytes > HEAD_BYTES) {
    head = await readHead(object, BLOCK_HEAD_BYTES);
    ({ text, goesOn } = await unpackHead(head, compression, object));
  }
  // A packed object of which nothing can be unpacked is empty or damaged; Decompress says which.
  if (text.length === 0 && compression !== "none") return { format: expected };
  // An archive that is truncated within its first line has no format and gives no row; Decompress says so.
  if (goesOn && head.length >= object.sizeBytes && hasNoWholeLine(text)) return { format: expected };
  // A bomb is refused as one, whatever comes out of it.
  if (compression !== "none" && formatOf(text) === undefined)
    await checkForBomb(await streamVersion(object), compression, { object, limits: limitsOf(source) });
  return withholding(pii, () => ({
    format: acceptedFormat(object, text, expected, formatOptions, mayQuote(pii)),
  }));
}

export const handler = task(detectFormatInput, detectFormat);
