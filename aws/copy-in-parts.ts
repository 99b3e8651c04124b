import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import type { ObjectRef } from "../lake/object-ref.ts";
import { s3 } from "./clients.ts";
import { inParallel } from "./in-parallel.ts";

/** Large enough for 5 TiB, the largest object: S3 takes up to 10,000 parts. */
const PART_BYTES = 1024 ** 3;
const CONCURRENT_PARTS = 8;

/**
 * Copies an object of any size within S3, part by part; a failure leaves nothing behind.
 *
 * @param source.copySource - The text of the header `x-amz-copy-source`.
 * @param source.etag - Only the version with it is copied.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsMPUapi.html
 */
export async function copyInParts(
  source: { copySource: string; sizeBytes: number; etag: string | undefined },
  { bucket, key }: ObjectRef,
  partBytes = PART_BYTES,
): Promise<void> {
  const target = { Bucket: bucket, Key: key };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
  const upload = { ...target, UploadId };
  try {
    const parts = Array.from({ length: Math.ceil(source.sizeBytes / partBytes) }, (_, part) => ({
      startByte: part * partBytes,
      endByte: Math.min(source.sizeBytes, (part + 1) * partBytes),
    }));
    const copied = await inParallel(parts, CONCURRENT_PARTS, async ({ startByte, endByte }, part) => {
      const PartNumber = part + 1;
      const { CopyPartResult } = await s3.send(
        new UploadPartCopyCommand({
          ...upload,
          PartNumber,
          CopySource: source.copySource,
          CopySourceRange: `bytes=${startByte}-${endByte - 1}`,
          ...(source.etag && { CopySourceIfMatch: `"${source.etag}"` }),
        }),
      );
      return { PartNumber, ETag: CopyPartResult!.ETag };
    });
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: copied } }));
  } catch (error) {
    await s3.send(new AbortMultipartUploadCommand(upload));
    throw error;
  }
}
