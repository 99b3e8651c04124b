/**
 * S3's REST interface over the object store: path-style addresses, XML documents, streaming bodies.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { FaultPlan } from "../../faults.ts";
import { ServiceError } from "../../service-error.ts";
import { childText, document, element, parseXml, type XmlElement, type XmlFields } from "../../wire/xml.ts";
import { readChunked } from "./aws-chunked.ts";
import { ALGORITHMS, type ChecksumAlgorithm, headerOf } from "./checksum.ts";
import { listObjects } from "./list-objects.ts";
import { notificationsFromXml } from "./notification-config.ts";
import {
  type Conditions,
  type Expectation,
  matchesEtag,
  type ObjectStore,
  preconditionFailed,
  type StoredObject,
} from "./object-store.ts";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
const OWNER = { ID: "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a", DisplayName: "sluice" };
/** Headers that belong to an object and come back with it, besides `x-amz-meta-…`. */
const KEPT_HEADERS = [
  "content-type",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "expires",
];
/** The largest request document: a thousand keys of a kilobyte, escaped. */
const LARGEST_DOCUMENT_BYTES = 8 * 1024 * 1024;

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  method: string;
  bucket: string;
  key: string;
  query: URLSearchParams;
  header(name: string): string | undefined;
}

export interface S3Options {
  store: ObjectStore;
  region: string;
  now(): number;
  log(line: string): void;
  faults: FaultPlan;
  /** Takes a bucket's notification configuration, as the deployer does. */
  setNotifications(bucket: string, notifications: ReturnType<typeof notificationsFromXml>): void;
}

export class S3Http {
  readonly #options: S3Options;

  constructor(options: S3Options) {
    this.#options = options;
  }

  /** Answers one request. Never throws. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomBytes(8).toString("hex").toUpperCase();
    response.setHeader("x-amz-request-id", requestId);
    response.setHeader("x-amz-id-2", randomBytes(32).toString("base64"));
    const exchange = exchangeOf(request, response);
    try {
      this.#authorize(exchange);
      const { method, query, bucket, key } = exchange;
      this.#options.faults.pass(`s3:${method}:${subresource(query)}:${bucket}/${key}`);
      await this.#dispatch(exchange);
    } catch (error) {
      if (response.headersSent || request.socket.destroyed) {
        response.destroy();
        return;
      }
      const known = error instanceof ServiceError ? error : this.#unexpected(error);
      // What is left of the body must be read, or the client never gets to the answer.
      request.resume();
      response.statusCode = known.statusCode;
      for (const name of response.getHeaderNames())
        if (/^(content-|etag|last-mod)/.test(name)) response.removeHeader(name);
      if (exchange.method === "HEAD" || known.statusCode === 304) {
        response.end();
        return;
      }
      const fields = {
        Code: known.code,
        Message: known.message,
        ...(exchange.bucket && { BucketName: exchange.bucket }),
        ...(exchange.key && { Key: exchange.key }),
        Resource: request.url?.split("?")[0],
        RequestId: requestId,
        HostId: requestId,
      };
      sendXml(response, document("Error", fields));
    }
  }

  #unexpected(error: unknown): ServiceError {
    this.#options.log(`s3: ${error instanceof Error ? error.stack : String(error)}`);
    return new ServiceError("InternalError", error instanceof Error ? error.message : String(error), 500);
  }

  /** Any key may do anything here, but what AWS refuses without looking at a policy is refused: strangers and old links. */
  #authorize({ request, query }: Exchange): void {
    const signedAt = query.get("X-Amz-Date");
    if (signedAt) {
      const start = Date.parse(signedAt.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
      const expiresMs = start + Number(query.get("X-Amz-Expires")) * 1000;
      if (!(this.#options.now() < expiresMs)) throw new ServiceError("AccessDenied", "Request has expired", 403);
      if (!query.get("X-Amz-Signature")) throw new ServiceError("AccessDenied", "Access Denied", 403);
    } else if (!request.headers.authorization) throw new ServiceError("AccessDenied", "Access Denied", 403);
  }

  async #dispatch(exchange: Exchange): Promise<void> {
    if (!exchange.bucket) return this.#service(exchange);
    if (!exchange.key) return this.#bucket(exchange);
    return this.#object(exchange);
  }

  #service({ method, response }: Exchange): void {
    if (method !== "GET") throw methodNotAllowed();
    const Bucket = this.#options.store
      .buckets()
      .map(({ name, createdMs }) => ({ Name: name, CreationDate: new Date(createdMs).toISOString() }));
    sendXml(response, document("ListAllMyBucketsResult", { Owner: OWNER, Buckets: { Bucket } }, NAMESPACE));
  }

  async #bucket(exchange: Exchange): Promise<void> {
    const { method, bucket, query, response } = exchange;
    const { store, region } = this.#options;
    if (method === "PUT" && !subresource(query)) {
      if (store.hasBucket(bucket)) {
        throw new ServiceError(
          "BucketAlreadyOwnedByYou",
          "Your previous request to create the named bucket succeeded and you already own it.",
          409,
        );
      }
      store.createBucket(bucket);
      response.setHeader("location", `/${bucket}`);
      response.end();
      return;
    }
    const config = store.bucketConfig(bucket);
    const notImplemented = () =>
      new ServiceError("NotImplemented", `The embedded cloud has no ${method} ?${subresource(query)}`, 501);
    switch (`${method} ${subresource(query)}`) {
      case "HEAD ":
        response.setHeader("x-amz-bucket-region", region);
        response.end();
        return;
      case "GET ":
        return this.#list(exchange);
      case "DELETE ":
        store.deleteBucket(bucket);
        response.statusCode = 204;
        response.end();
        return;
      case "POST delete":
        return this.#deleteObjects(exchange);
      case "GET location": {
        const text = element("LocationConstraint", region === "us-east-1" ? "" : region, ` xmlns="${NAMESPACE}"`);
        return sendXml(response, `<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
      }
      case "GET uploads":
        return this.#listUploads(exchange);
      case "GET versioning":
        return sendXml(
          response,
          document("VersioningConfiguration", { Status: config.versioning as string | undefined }, NAMESPACE),
        );
      case "GET tagging":
        throw new ServiceError("NoSuchTagSet", "The TagSet does not exist", 404);
      case "GET policy":
        if (!config.policy) throw new ServiceError("NoSuchBucketPolicy", "The bucket policy does not exist", 404);
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(config.policy));
        return;
      case "PUT notification":
        this.#options.setNotifications(bucket, notificationsFromXml(parseDocument(await readDocument(exchange))));
        response.end();
        return;
      default:
        throw notImplemented();
    }
  }

  async #object(exchange: Exchange): Promise<void> {
    const { method, query, header, bucket, key, response } = exchange;
    const { store } = this.#options;
    const part = `${method} ${subresource(query)}`;
    if (part === "GET " || part === "HEAD ") return this.#read(exchange);
    if (part === "PUT ") return header("x-amz-copy-source") ? this.#copy(exchange) : this.#put(exchange);
    if (part === "DELETE ") {
      store.delete(bucket, key);
      response.statusCode = 204;
      response.end();
      return;
    }
    if (part === "POST uploads") return this.#createUpload(exchange);
    if (part === "PUT uploadId") return this.#putPart(exchange);
    if (part === "POST uploadId") return this.#completeUpload(exchange);
    if (part === "GET uploadId") return this.#listParts(exchange);
    if (part === "DELETE uploadId") {
      store.abortUpload(store.upload(bucket, key, query.get("uploadId")!));
      response.statusCode = 204;
      response.end();
      return;
    }
    if (part === "GET tagging") {
      const Tag = Object.entries(store.get(bucket, key).tags).map(([Key, Value]) => ({ Key, Value }));
      return sendXml(response, document("Tagging", { TagSet: { Tag } }, NAMESPACE));
    }
    if (part === "PUT tagging") {
      const set = parseDocument(await readDocument(exchange)).children.find((child) => child.name === "TagSet");
      store.setTags(bucket, key, tagsOf(set?.children ?? []));
      response.end();
      return;
    }
    throw new ServiceError(
      "NotImplemented",
      `The embedded cloud has no ${method} ?${subresource(query)} for objects`,
      501,
    );
  }

  // Reading

  async #read({ method, bucket, key, query, header, response }: Exchange): Promise<void> {
    const { object, file } = await this.#options.store.open(bucket, key);
    try {
      checkReadConditions(header, object);
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
      const stream = file.createReadStream({
        start: startByte,
        end: endByte - 1,
        highWaterMark: 256 * 1024,
        autoClose: false,
      });
      await pipeline(stream, response);
    } finally {
      await file.close();
    }
  }

  #list({ bucket, query, response }: Exchange): void {
    const isV2 = query.get("list-type") === "2";
    const maxKeys = Math.min(Number(query.get("max-keys") ?? 1000), 1000);
    const prefix = query.get("prefix") ?? "";
    const delimiter = query.get("delimiter") ?? "";
    const token = query.get("continuation-token");
    const start = query.get(isV2 ? "start-after" : "marker") ?? "";
    const page = listObjects(this.#options.store, {
      bucket,
      prefix,
      delimiter,
      after: token ? Buffer.from(token, "base64url").toString("utf8") : start,
      maxKeys,
    });
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
    sendXml(response, document("ListBucketResult", fields, NAMESPACE));
  }

  // Writing

  async #put(exchange: Exchange): Promise<void> {
    const { bucket, key, header, response } = exchange;
    const { body, expected } = bodyOf(exchange);
    const target = { bucket, key, headers: keptHeaders(exchange), tags: tagsFromHeader(header("x-amz-tagging")) };
    const object = await this.#options.store.put(target, body, expected, writeConditions(exchange));
    setWrittenHeaders(response, object);
    response.end();
  }

  async #copy(exchange: Exchange): Promise<void> {
    const { bucket, key, header, response } = exchange;
    const { store } = this.#options;
    const { object: source, file } = await this.#openSource(exchange);
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
      const object = await store.put(target, bytes, { algorithm }, writeConditions(exchange), "ObjectCreated:Copy");
      const result = { ETag: `"${object.etag}"`, LastModified: new Date(object.modifiedMs).toISOString() };
      sendXml(response, document("CopyObjectResult", result, NAMESPACE));
    } finally {
      await file.close();
    }
  }

  async #openSource({ header }: Exchange) {
    const [path] = header("x-amz-copy-source")!.replace(/^\//, "").split("?");
    const slash = path!.indexOf("/");
    const source = await this.#options.store.open(path!.slice(0, slash), decodeURIComponent(path!.slice(slash + 1)));
    try {
      checkReadConditions((name) => header(`x-amz-copy-source-${name}`), source.object, true);
    } catch (error) {
      await source.file.close();
      throw error;
    }
    return source;
  }

  async #deleteObjects(exchange: Exchange): Promise<void> {
    const root = parseDocument(await readDocument(exchange));
    const keys = root.children.filter((child) => child.name === "Object").map((child) => childText(child, "Key"));
    if (keys.length === 0 || keys.length > 1000 || keys.some((key) => !key)) throw malformed();
    for (const key of keys) this.#options.store.delete(exchange.bucket, key!);
    const Deleted = childText(root, "Quiet") === "true" ? [] : keys.map((Key) => ({ Key }));
    sendXml(exchange.response, document("DeleteResult", { Deleted }, NAMESPACE));
  }

  #createUpload(exchange: Exchange): void {
    const { bucket, key, header, response } = exchange;
    const algorithm = algorithmNamed(header("x-amz-checksum-algorithm"));
    const whole = algorithm === "CRC64NVME" || header("x-amz-checksum-type") === "FULL_OBJECT";
    const upload = this.#options.store.createUpload({
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
    sendXml(response, document("InitiateMultipartUploadResult", fields, NAMESPACE));
  }

  async #putPart(exchange: Exchange): Promise<void> {
    const { bucket, key, query, header, response } = exchange;
    const { store } = this.#options;
    const upload = store.upload(bucket, key, query.get("uploadId")!);
    const partNumber = Number(query.get("partNumber"));
    if (!header("x-amz-copy-source")) {
      const { body, expected } = bodyOf(exchange);
      setWrittenHeaders(response, await store.putPart(upload, partNumber, body, expected));
      response.end();
      return;
    }
    const { object, file } = await this.#openSource(exchange);
    try {
      const range = rangeOf(object, header("x-amz-copy-source-range"), null) ?? { startByte: 0, endByte: object.size };
      const bytes = file.createReadStream({ start: range.startByte, end: range.endByte - 1, autoClose: false });
      const part = await store.putPart(upload, partNumber, bytes, {});
      const result = { ETag: `"${part.etag}"`, LastModified: new Date(part.modifiedMs).toISOString() };
      sendXml(response, document("CopyPartResult", result, NAMESPACE));
    } finally {
      await file.close();
    }
  }

  async #completeUpload(exchange: Exchange): Promise<void> {
    const { bucket, key, query, request, response } = exchange;
    const { store } = this.#options;
    const upload = store.upload(bucket, key, query.get("uploadId")!);
    const parts = parseDocument(await readDocument(exchange))
      .children.filter((child) => child.name === "Part")
      .map((part) => ({ partNumber: Number(childText(part, "PartNumber")), etag: childText(part, "ETag") ?? "" }));
    const object = await store.completeUpload(upload, parts, writeConditions(exchange));
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
    sendXml(response, document("CompleteMultipartUploadResult", fields, NAMESPACE));
  }

  #listParts({ bucket, key, query, response }: Exchange): void {
    const { store } = this.#options;
    const upload = store.upload(bucket, key, query.get("uploadId")!);
    const after = Number(query.get("part-number-marker") ?? 0);
    const maxParts = Math.min(Number(query.get("max-parts") ?? 1000), 1000);
    const rest = store.parts(upload.uploadId).filter((part) => part.partNumber > after);
    const shown = rest.slice(0, maxParts);
    const fields: XmlFields = {
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
    };
    sendXml(response, document("ListPartsResult", fields, NAMESPACE));
  }

  #listUploads({ bucket, query, response }: Exchange): void {
    const prefix = query.get("prefix") ?? "";
    const uploads = this.#options.store.uploads(bucket).filter((upload) => upload.key.startsWith(prefix));
    const fields: XmlFields = {
      Bucket: bucket,
      Prefix: prefix,
      MaxUploads: 1000,
      IsTruncated: false,
      Upload: uploads.map((upload) => ({
        Key: upload.key,
        UploadId: upload.uploadId,
        Initiator: OWNER,
        Owner: OWNER,
        StorageClass: "STANDARD",
        Initiated: new Date(upload.startedMs).toISOString(),
      })),
    };
    sendXml(response, document("ListMultipartUploadsResult", fields, NAMESPACE));
  }
}

function exchangeOf(request: IncomingMessage, response: ServerResponse): Exchange {
  // Not the URL class: it would resolve the dots in a key such as "a/../b".
  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  const path = (mark < 0 ? url : url.slice(0, mark)).slice(1);
  const slash = path.indexOf("/");
  const header = (name: string) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(",") : value;
  };
  return {
    request,
    response,
    method: request.method ?? "GET",
    bucket: decodeURIComponent(slash < 0 ? path : path.slice(0, slash)),
    key: slash < 0 ? "" : decodeURIComponent(path.slice(slash + 1)),
    query: new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)),
    header,
  };
}

/** Query parameters that name another operation on the same address, rather than a detail of this one. */
const SUBRESOURCES = [
  "uploads",
  "uploadId",
  "delete",
  "location",
  "tagging",
  "versioning",
  "versions",
  "notification",
  "policy",
  "policyStatus",
  "encryption",
  "lifecycle",
  "cors",
  "acl",
  "website",
  "logging",
  "replication",
  "publicAccessBlock",
  "ownershipControls",
  "accelerate",
  "requestPayment",
  "object-lock",
  "attributes",
  "torrent",
  "restore",
  "select",
  "legal-hold",
  "retention",
  "inventory",
  "analytics",
  "metrics",
  "intelligent-tiering",
];
const subresource = (query: URLSearchParams) => SUBRESOURCES.find((name) => query.has(name)) ?? "";

function algorithmNamed(name: string | undefined): ChecksumAlgorithm | undefined {
  if (!name) return undefined;
  const found = ALGORITHMS.find((algorithm) => algorithm === name.toUpperCase());
  if (!found) throw new ServiceError("InvalidRequest", `The embedded cloud cannot compute ${name} checksums`);
  return found;
}

/** The body without its transfer wrapping, and what the headers promise about it. */
function bodyOf({ request, header }: Exchange): { body: AsyncIterable<Buffer>; expected: Expectation } {
  const contentHash = header("x-amz-content-sha256") ?? "";
  const isChunked = contentHash.startsWith("STREAMING-") || (header("content-encoding") ?? "").includes("aws-chunked");
  const trailers: Record<string, string> = {};
  const trailer = header("x-amz-trailer");
  const sent = ALGORITHMS.find((algorithm) => header(headerOf(algorithm)) || trailer === headerOf(algorithm));
  const algorithm = sent ?? algorithmNamed(header("x-amz-sdk-checksum-algorithm"));
  if (trailer?.startsWith("x-amz-checksum-")) algorithmNamed(trailer.slice("x-amz-checksum-".length));
  const length = header(isChunked ? "x-amz-decoded-content-length" : "content-length");
  // Not the request itself: leaving its own loop early would cut the connection before the refusal is sent.
  const bytes = request.iterator({ destroyOnReturn: false });
  return {
    body: isChunked ? readChunked(bytes, trailers) : bytes,
    expected: {
      algorithm,
      checksum: () => (sent ? (header(headerOf(sent)) ?? trailers[headerOf(sent)]) : undefined),
      md5: header("content-md5"),
      sha256: /^[0-9a-f]{64}$/.test(contentHash) ? contentHash : undefined,
      sizeBytes: length === undefined ? undefined : Number(length),
    },
  };
}

function keptHeaders({ request }: Exchange): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value !== "string") continue;
    if (name.startsWith("x-amz-meta-")) kept[name] = value;
    else if (KEPT_HEADERS.includes(name)) kept[name] = value;
  }
  const encodings = kept["content-encoding"]?.split(",").map((item) => item.trim());
  const real = encodings?.filter((item) => item !== "aws-chunked").join(",");
  if (real) kept["content-encoding"] = real;
  else delete kept["content-encoding"];
  kept["content-type"] ??= "binary/octet-stream";
  return kept;
}

function tagsFromHeader(text: string | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text ?? ""));
}

function tagsOf(tags: XmlElement[]): Record<string, string> {
  return Object.fromEntries(tags.map((tag) => [childText(tag, "Key") ?? "", childText(tag, "Value") ?? ""]));
}

const writeConditions = ({ header }: Exchange): Conditions => ({
  ifNoneMatch: header("if-none-match"),
  ifMatch: header("if-match"),
});

/** @param always412 - A copy's source fails where a read would say "not modified". */
function checkReadConditions(header: (name: string) => string | undefined, object: StoredObject, always412 = false) {
  const [ifMatch, ifNoneMatch] = [header("if-match"), header("if-none-match")];
  const since = header("if-modified-since");
  const unmodifiedSince = header("if-unmodified-since");
  if (ifMatch !== undefined && !matchesEtag(ifMatch, object.etag)) throw preconditionFailed();
  // A matching If-Match overrules the date, RFC 9110 section 13.2.2.
  if (ifMatch === undefined && unmodifiedSince && object.modifiedMs > Date.parse(unmodifiedSince))
    throw preconditionFailed();
  const notModified =
    ifNoneMatch !== undefined ? matchesEtag(ifNoneMatch, object.etag) : since && object.modifiedMs <= Date.parse(since);
  if (notModified) throw always412 ? preconditionFailed() : new ServiceError("NotModified", "Not Modified", 304);
}

/** The bytes asked for, `endByte` exclusive; undefined for all. A header that makes no sense asks for all, as in HTTP. */
function rangeOf(object: StoredObject, header: string | undefined, partNumber: string | null) {
  if (partNumber !== null) return partRange(object, Number(partNumber));
  const range = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (!range || (range[1] === "" && range[2] === "")) return undefined;
  const [first, last] = [range[1], range[2]];
  const startByte = first === "" ? Math.max(0, object.size - Number(last)) : Number(first);
  const endByte = first === "" || last === "" ? object.size : Math.min(Number(last) + 1, object.size);
  if (startByte >= object.size || (first === "" && last === "0")) {
    throw new ServiceError("InvalidRange", "The requested range is not satisfiable", 416);
  }
  return endByte > startByte ? { startByte, endByte } : undefined;
}

function partRange(object: StoredObject, partNumber: number) {
  const sizes = object.partSizes ?? [object.size];
  if (!(partNumber >= 1 && partNumber <= sizes.length)) {
    throw new ServiceError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416);
  }
  const startByte = sizes.slice(0, partNumber - 1).reduce((sum, size) => sum + size, 0);
  return { startByte, endByte: startByte + sizes[partNumber - 1]! };
}

function setObjectHeaders(response: ServerResponse, object: StoredObject): void {
  for (const [name, value] of Object.entries(object.headers)) response.setHeader(name, value);
  response.setHeader("etag", `"${object.etag}"`);
  response.setHeader("last-modified", new Date(object.modifiedMs).toUTCString());
  response.setHeader("accept-ranges", "bytes");
  response.setHeader("x-amz-server-side-encryption", "AES256");
  const tagCount = Object.keys(object.tags).length;
  if (tagCount > 0) response.setHeader("x-amz-tagging-count", tagCount);
}

function setWrittenHeaders(response: ServerResponse, written: Pick<StoredObject, "etag" | "checksum">): void {
  response.setHeader("etag", `"${written.etag}"`);
  response.setHeader("x-amz-server-side-encryption", "AES256");
  if (written.checksum) {
    response.setHeader(headerOf(written.checksum.algorithm), written.checksum.value);
    response.setHeader("x-amz-checksum-type", written.checksum.type);
  }
}

async function readDocument(exchange: Exchange): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(exchange).body) {
    size += chunk.length;
    if (size > LARGEST_DOCUMENT_BYTES) throw malformed();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseDocument(text: string): XmlElement {
  try {
    return parseXml(text);
  } catch {
    throw malformed();
  }
}

const malformed = () =>
  new ServiceError(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
const methodNotAllowed = () =>
  new ServiceError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405);

function sendXml(response: ServerResponse, xml: string): void {
  response.setHeader("content-type", "application/xml");
  response.setHeader("content-length", Buffer.byteLength(xml));
  response.end(xml);
}
