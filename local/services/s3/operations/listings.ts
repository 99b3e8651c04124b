/** Listings of a bucket: its objects, in both versions of the call, and its uploads in progress. */
import type { XmlFields } from "../../../wire/xml.ts";
import { sendDocument } from "../http/exchange.ts";
import { objectPage } from "../object-page.ts";
import type { S3Operation } from "./operation.ts";
import { OWNER } from "./owner.ts";

const PAGE_SIZE = 1000;

export const listObjects: S3Operation = (exchange, { objects }) => {
  const { bucket, query } = exchange;
  const isV2 = query.get("list-type") === "2";
  const maxKeys = Math.min(Number(query.get("max-keys") ?? PAGE_SIZE), PAGE_SIZE);
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const token = query.get("continuation-token");
  const start = query.get(isV2 ? "start-after" : "marker") ?? "";
  const after = token ? Buffer.from(token, "base64url").toString("utf8") : start;
  const page = objectPage(objects, { bucket, prefix, delimiter, after, maxKeys });
  const encodingType = query.get("encoding-type");
  const encode = (text: string) => (encodingType === "url" ? encodeURIComponent(text).replaceAll("%2F", "/") : text);
  const Contents = page.objects.map((object) => ({
    Key: encode(object.key),
    LastModified: new Date(object.modifiedMs).toISOString(),
    ETag: `"${object.etag}"`,
    ChecksumAlgorithm: object.checksum?.algorithm,
    ChecksumType: object.checksum?.type,
    Size: object.size,
    StorageClass: "STANDARD",
    ...(isV2 ? {} : { Owner: OWNER }),
  }));
  const fields: XmlFields = {
    Name: bucket,
    Prefix: encode(prefix),
    ...(delimiter && { Delimiter: encode(delimiter) }),
    MaxKeys: maxKeys,
    EncodingType: encodingType,
    IsTruncated: page.nextAfter !== undefined,
    ...(isV2
      ? {
          KeyCount: page.objects.length + page.commonPrefixes.length,
          ContinuationToken: token,
          NextContinuationToken: page.nextAfter && Buffer.from(page.nextAfter).toString("base64url"),
          StartAfter: start ? encode(start) : undefined,
        }
      : { Marker: encode(start), NextMarker: page.nextAfter && encode(page.nextAfter) }),
    Contents,
    CommonPrefixes: page.commonPrefixes.map((common) => ({ Prefix: encode(common) })),
  };
  sendDocument(exchange, "ListBucketResult", fields);
};

export const listUploads: S3Operation = (exchange, { uploads }) => {
  const { bucket, query } = exchange;
  const prefix = query.get("prefix") ?? "";
  const found = uploads.list(bucket).filter((upload) => upload.key.startsWith(prefix));
  sendDocument(exchange, "ListMultipartUploadsResult", {
    Bucket: bucket,
    Prefix: prefix,
    MaxUploads: 1000,
    IsTruncated: false,
    Upload: found.map((upload) => ({
      Key: upload.key,
      UploadId: upload.uploadId,
      Initiator: OWNER,
      Owner: OWNER,
      StorageClass: "STANDARD",
      Initiated: new Date(upload.startedMs).toISOString(),
    })),
  });
};
