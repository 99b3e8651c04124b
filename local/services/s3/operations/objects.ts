/** Objects: reading, writing, copying and deleting them. */
import { pipeline } from "node:stream/promises";
import { ServiceError } from "../../../service-error.ts";
import { childText } from "../../../wire/xml.ts";
import { type ChecksumAlgorithm, headerOf } from "../checksum.ts";
import { isUnmodified, preconditionFailed, type ReadConditions, type WriteConditions } from "../conditions.ts";
import { bodyOf, malformed, readDocument } from "../http/body.ts";
import { rangeOf } from "../http/byte-range.ts";
import { type Exchange, sendDocument, sendNothing } from "../http/exchange.ts";
import { KEPT_HEADERS, keptHeaders, setObjectHeaders, setWrittenHeaders } from "../http/object-headers.ts";
import type { Objects } from "../objects.ts";
import type { S3Operation } from "./operation.ts";
import { tagsFromHeader } from "./tags.ts";

const MOST_KEYS = 1000;

/** GET and HEAD. */
export const getObject: S3Operation = async (exchange, { objects }) => {
  const { method, bucket, key, query, header, response } = exchange;
  const { object, file } = await objects.open(bucket, key);
  try {
    if (isUnmodified(readConditions(header), object)) throw new ServiceError("NotModified", "Not Modified", 304);
    const range = rangeOf(object, header("range"), query.get("partNumber"));
    setObjectHeaders(response, object);
    for (const [name, value] of query) {
      const override = /^response-(.+)$/.exec(name)?.[1];
      if (override && KEPT_HEADERS.includes(override)) response.setHeader(override, value);
    }
    if (header("x-amz-checksum-mode") === "ENABLED" && object.checksum && !range) {
      response.setHeader(headerOf(object.checksum.algorithm), object.checksum.value);
      response.setHeader("x-amz-checksum-type", object.checksum.type);
    }
    const { startByte, endByte } = range ?? { startByte: 0, endByte: object.size };
    if (query.has("partNumber") && object.partSizes)
      response.setHeader("x-amz-mp-parts-count", object.partSizes.length);
    if (range) {
      response.statusCode = 206;
      response.setHeader("content-range", `bytes ${startByte}-${endByte - 1}/${object.size}`);
    }
    response.setHeader("content-length", endByte - startByte);
    if (method === "HEAD" || endByte === startByte) {
      response.end();
      return;
    }
    const options = { start: startByte, end: endByte - 1, highWaterMark: 256 * 1024, autoClose: false };
    await pipeline(file.createReadStream(options), response);
  } finally {
    await file.close();
  }
};

/** PUT, of a body or as a copy of another object. */
export const putObject: S3Operation = async (exchange, parts) => {
  const { bucket, key, header, response } = exchange;
  if (header("x-amz-copy-source")) return copyObject(exchange, parts);
  const { body, expected } = bodyOf(exchange);
  const target = { bucket, key, headers: keptHeaders(exchange), tags: tagsFromHeader(header("x-amz-tagging")) };
  const object = await parts.objects.put(target, body, expected, writeConditions(exchange));
  setWrittenHeaders(response, object);
  response.end();
};

const copyObject: S3Operation = async (exchange, { objects }) => {
  const { bucket, key, header } = exchange;
  const { object: source, file } = await openSource(exchange, objects);
  try {
    const replace = header("x-amz-metadata-directive") === "REPLACE";
    if (source.bucket === bucket && source.key === key && !replace) {
      const why =
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
      throw new ServiceError("InvalidRequest", why);
    }
    const replaceTags = header("x-amz-tagging-directive") === "REPLACE";
    const target = {
      bucket,
      key,
      headers: replace ? keptHeaders(exchange) : source.headers,
      tags: replaceTags ? tagsFromHeader(header("x-amz-tagging")) : source.tags,
    };
    const bytes = file.createReadStream({ highWaterMark: 1024 * 1024, autoClose: false });
    const algorithm =
      (header("x-amz-checksum-algorithm") as ChecksumAlgorithm | undefined) ?? source.checksum?.algorithm;
    const object = await objects.put(target, bytes, { algorithm }, writeConditions(exchange), "ObjectCreated:Copy");
    const result = { ETag: `"${object.etag}"`, LastModified: new Date(object.modifiedMs).toISOString() };
    sendDocument(exchange, "CopyObjectResult", result);
  } finally {
    await file.close();
  }
};

/** Opens the object that `x-amz-copy-source` names. The caller closes the file. */
export async function openSource({ header }: Exchange, objects: Objects) {
  const [path] = header("x-amz-copy-source")!.replace(/^\//, "").split("?");
  const slash = path!.indexOf("/");
  const source = await objects.open(path!.slice(0, slash), decodeURIComponent(path!.slice(slash + 1)));
  try {
    // A copy's source fails where a read would say "not modified".
    if (
      isUnmodified(
        readConditions((name) => header(`x-amz-copy-source-${name}`)),
        source.object,
      )
    )
      throw preconditionFailed();
  } catch (error) {
    await source.file.close();
    throw error;
  }
  return source;
}

export const deleteObject: S3Operation = (exchange, { objects }) => {
  objects.delete(exchange.bucket, exchange.key);
  sendNothing(exchange, 204);
};

/** Many at once. */
export const deleteObjects: S3Operation = async (exchange, { objects }) => {
  const root = await readDocument(exchange);
  const keys = root.children.filter((child) => child.name === "Object").map((child) => childText(child, "Key"));
  if (keys.length === 0 || keys.length > MOST_KEYS || keys.some((key) => !key)) throw malformed();
  for (const key of keys) objects.delete(exchange.bucket, key!);
  const Deleted = childText(root, "Quiet") === "true" ? [] : keys.map((Key) => ({ Key }));
  sendDocument(exchange, "DeleteResult", { Deleted });
};

export const writeConditions = ({ header }: Exchange): WriteConditions => ({
  ifNoneMatch: header("if-none-match"),
  ifMatch: header("if-match"),
});

const readConditions = (header: Exchange["header"]): ReadConditions => ({
  ifMatch: header("if-match"),
  ifNoneMatch: header("if-none-match"),
  ifModifiedSince: header("if-modified-since"),
  ifUnmodifiedSince: header("if-unmodified-since"),
});
