/** Multipart uploads. */
import { childText, type XmlFields } from "../../../wire/xml.ts";
import { algorithmNamed, bodyOf, readDocument } from "../http/body.ts";
import { rangeOf } from "../http/byte-range.ts";
import { type Exchange, sendDocument, sendNothing } from "../http/exchange.ts";
import { keptHeaders, setWrittenHeaders } from "../http/object-headers.ts";
import type { Upload, Uploads } from "../uploads.ts";
import { openSource, writeConditions } from "./objects.ts";
import type { S3Operation } from "./operation.ts";
import { OWNER } from "./owner.ts";
import { tagsFromHeader } from "./tags.ts";

const PAGE_SIZE = 1000;

export const createUpload: S3Operation = (exchange, { uploads }) => {
  const { bucket, key, header, response } = exchange;
  const algorithm = algorithmNamed(header("x-amz-checksum-algorithm"));
  const whole = algorithm === "CRC64NVME" || header("x-amz-checksum-type") === "FULL_OBJECT";
  const upload = uploads.create({
    bucket,
    key,
    headers: keptHeaders(exchange),
    tags: tagsFromHeader(header("x-amz-tagging")),
    algorithm,
    checksumType: algorithm && (whole ? "FULL_OBJECT" : "COMPOSITE"),
  });
  if (upload.algorithm) {
    response.setHeader("x-amz-checksum-algorithm", upload.algorithm);
    response.setHeader("x-amz-checksum-type", upload.checksumType!);
  }
  const fields = { Bucket: bucket, Key: key, UploadId: upload.uploadId };
  sendDocument(exchange, "InitiateMultipartUploadResult", fields);
};

/** A part's bytes come in the body, or from an object that is there. */
export const putPart: S3Operation = async (exchange, { uploads, objects }) => {
  const { query, header, response } = exchange;
  const upload = uploadOf(exchange, uploads);
  const partNumber = Number(query.get("partNumber"));
  if (!header("x-amz-copy-source")) {
    const { body, expected } = bodyOf(exchange);
    setWrittenHeaders(response, await uploads.putPart(upload, partNumber, body, expected));
    response.end();
    return;
  }
  const { object, file } = await openSource(exchange, objects);
  try {
    const range = rangeOf(object, header("x-amz-copy-source-range"), null) ?? { startByte: 0, endByte: object.size };
    const bytes = file.createReadStream({ start: range.startByte, end: range.endByte - 1, autoClose: false });
    const part = await uploads.putPart(upload, partNumber, bytes, {});
    const result = { ETag: `"${part.etag}"`, LastModified: new Date(part.modifiedMs).toISOString() };
    sendDocument(exchange, "CopyPartResult", result);
  } finally {
    await file.close();
  }
};

export const completeUpload: S3Operation = async (exchange, { uploads }) => {
  const { bucket, key, request } = exchange;
  const upload = uploadOf(exchange, uploads);
  const chosen = (await readDocument(exchange)).children
    .filter((child) => child.name === "Part")
    .map((part) => ({ partNumber: Number(childText(part, "PartNumber")), etag: childText(part, "ETag") ?? "" }));
  const object = await uploads.complete(upload, chosen, writeConditions(exchange));
  const fields: XmlFields = {
    Location: `http://${request.headers.host}/${bucket}/${key}`,
    Bucket: bucket,
    Key: key,
    ETag: `"${object.etag}"`,
    ...(object.checksum && {
      [`Checksum${object.checksum.algorithm}`]: object.checksum.value,
      ChecksumType: object.checksum.type,
    }),
  };
  sendDocument(exchange, "CompleteMultipartUploadResult", fields);
};

export const abortUpload: S3Operation = (exchange, { uploads }) => {
  uploads.abort(uploadOf(exchange, uploads));
  sendNothing(exchange, 204);
};

export const listParts: S3Operation = (exchange, { uploads }) => {
  const { bucket, key, query } = exchange;
  const upload = uploadOf(exchange, uploads);
  const after = Number(query.get("part-number-marker") ?? 0);
  const maxParts = Math.min(Number(query.get("max-parts") ?? PAGE_SIZE), PAGE_SIZE);
  const rest = uploads.parts(upload).filter((part) => part.partNumber > after);
  const shown = rest.slice(0, maxParts);
  sendDocument(exchange, "ListPartsResult", {
    Bucket: bucket,
    Key: key,
    UploadId: upload.uploadId,
    PartNumberMarker: after,
    NextPartNumberMarker: shown.at(-1)?.partNumber ?? 0,
    MaxParts: maxParts,
    IsTruncated: rest.length > shown.length,
    Initiator: OWNER,
    Owner: OWNER,
    StorageClass: "STANDARD",
    Part: shown.map((part) => ({
      PartNumber: part.partNumber,
      LastModified: new Date(part.modifiedMs).toISOString(),
      ETag: `"${part.etag}"`,
      Size: part.size,
      ...(part.checksum && { [`Checksum${part.checksum.algorithm}`]: part.checksum.value }),
    })),
  });
};

const uploadOf = ({ bucket, key, query }: Exchange, uploads: Uploads): Upload =>
  uploads.get(bucket, key, query.get("uploadId")!);
