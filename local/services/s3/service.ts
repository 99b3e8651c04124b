/**
 * S3: path-style addresses, XML documents, streaming bodies.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { FaultPlan } from "../../faults.ts";
import { ServiceError } from "../../service-error.ts";
import { document } from "../../wire/xml.ts";
import { type Exchange, exchangeOf, sendXml } from "./http/exchange.ts";
import { subresource } from "./http/subresource.ts";
import * as buckets from "./operations/buckets.ts";
import { listObjects, listUploads } from "./operations/listings.ts";
import * as objects from "./operations/objects.ts";
import type { S3Operation, S3Parts } from "./operations/operation.ts";
import * as tags from "./operations/tags.ts";
import * as uploads from "./operations/uploads.ts";

/** By method and subresource. */
type S3Operations = Record<string, S3Operation>;

const BUCKET_OPERATIONS: S3Operations = {
  "PUT ": buckets.createBucket,
  "HEAD ": buckets.headBucket,
  "DELETE ": buckets.deleteBucket,
  "GET ": listObjects,
  "GET uploads": listUploads,
  "POST delete": objects.deleteObjects,
  "GET location": buckets.getBucketLocation,
  "GET versioning": buckets.getBucketVersioning,
  "GET tagging": buckets.getBucketTagging,
  "GET policy": buckets.getBucketPolicy,
  "PUT notification": buckets.putBucketNotification,
};

const OBJECT_OPERATIONS: S3Operations = {
  "GET ": objects.getObject,
  "HEAD ": objects.getObject,
  "PUT ": objects.putObject,
  "DELETE ": objects.deleteObject,
  "GET tagging": tags.getObjectTagging,
  "PUT tagging": tags.putObjectTagging,
  "POST uploads": uploads.createUpload,
  "PUT uploadId": uploads.putPart,
  "POST uploadId": uploads.completeUpload,
  "GET uploadId": uploads.listParts,
  "DELETE uploadId": uploads.abortUpload,
};

interface S3Options extends S3Parts {
  now(): number;
  log(line: string): void;
  faults: FaultPlan;
}

/** Answers requests. It never throws: what goes wrong is an answer, too. */
type S3Service = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function s3Service(options: S3Options): S3Service {
  return async (request, response) => {
    const requestId = randomBytes(8).toString("hex").toUpperCase();
    response.setHeader("x-amz-request-id", requestId);
    response.setHeader("x-amz-id-2", randomBytes(32).toString("base64"));
    const exchange = exchangeOf(request, response);
    try {
      authorize(exchange, options.now());
      const { method, query, bucket, key } = exchange;
      options.faults.pass(`s3:${method}:${subresource(query)}:${bucket}/${key}`);
      await operationOf(exchange, options)(exchange, options);
    } catch (error) {
      if (response.headersSent || request.socket.destroyed) response.destroy();
      else refuse(exchange, requestId, error instanceof ServiceError ? error : unexpected(error, options.log));
    }
  };
}

function operationOf({ method, bucket, key, query }: Exchange, parts: S3Parts): S3Operation {
  if (!bucket) {
    if (method === "GET") return buckets.listBuckets;
    throw new ServiceError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405);
  }
  const name = `${method} ${subresource(query)}`;
  // Whatever is asked of a bucket, it has to be there.
  if (!key && name !== "PUT ") parts.buckets.configuration(bucket);
  const operation = (key ? OBJECT_OPERATIONS : BUCKET_OPERATIONS)[name];
  if (operation) return operation;
  const what = `${method} ?${subresource(query)}${key ? " for objects" : ""}`;
  throw new ServiceError("NotImplemented", `The embedded cloud has no ${what}`, 501);
}

/** Any key may do anything here, but what AWS refuses without looking at a policy is refused: strangers and old links. */
function authorize({ request, query }: Exchange, nowMs: number): void {
  const signedAt = query.get("X-Amz-Date");
  if (signedAt) {
    const start = Date.parse(signedAt.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
    const expiresMs = start + Number(query.get("X-Amz-Expires")) * 1000;
    if (!(nowMs < expiresMs)) throw new ServiceError("AccessDenied", "Request has expired", 403);
    if (!query.get("X-Amz-Signature")) throw new ServiceError("AccessDenied", "Access Denied", 403);
  } else if (!request.headers.authorization) throw new ServiceError("AccessDenied", "Access Denied", 403);
}

function refuse({ request, response, method, bucket, key }: Exchange, requestId: string, error: ServiceError): void {
  // What is left of the body must be read, or the client never gets to the answer.
  request.resume();
  response.statusCode = error.statusCode;
  for (const name of response.getHeaderNames()) if (/^(content-|etag|last-mod)/.test(name)) response.removeHeader(name);
  if (method === "HEAD" || error.statusCode === 304) {
    response.end();
    return;
  }
  const fields = {
    Code: error.code,
    Message: error.message,
    ...(bucket && { BucketName: bucket }),
    ...(key && { Key: key }),
    Resource: request.url?.split("?")[0],
    RequestId: requestId,
    HostId: requestId,
  };
  sendXml(response, document("Error", fields));
}

function unexpected(error: unknown, log: (line: string) => void): ServiceError {
  log(`s3: ${error instanceof Error ? error.stack : String(error)}`);
  return new ServiceError("InternalError", error instanceof Error ? error.message : String(error), 500);
}
