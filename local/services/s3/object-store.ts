/**
 * Buckets and objects: bytes in plain files, everything known about them in the database.
 *
 * An object is written to a file of its own and renamed into its place; only then does its row come to point at it. So
 * a reader sees the old object or the new one, and a process that dies leaves at worst a file to which nothing points.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import { type Checksum, type ChecksumAlgorithm, compositeChecksum, digestOf } from "./checksum.ts";
import { keyPath } from "./key-path.ts";

/** A replaced object stays readable this long for those that opened it by path, as DuckDB does. */
const REPLACED_FILE_LIFE_MS = 60_000;
/** All parts of an upload but the last have at least this size. */
const SMALLEST_PART_BYTES = 5 * 1024 * 1024;

export interface StoredObject {
  bucket: string;
  key: string;
  /** Absolute path of the bytes. */
  path: string;
  size: number;
  /** Without quotes. */
  etag: string;
  modifiedMs: number;
  /** Headers to give back as they came: content type, encoding, `x-amz-meta-…`. */
  headers: Record<string, string>;
  checksum: Checksum | undefined;
  /** Sizes of the parts of a multipart object. */
  partSizes: number[] | undefined;
  tags: Record<string, string>;
}

/** A change to an object, told inside the transaction that makes it. */
export interface ObjectChange {
  bucket: string;
  key: string;
  /** As S3 names it, without the `s3:`, such as `ObjectCreated:Put`. */
  eventName: string;
  size: number;
  etag: string;
  /** Grows with each change; compares as text. */
  sequencer: string;
  timeMs: number;
}

export interface Conditions {
  ifNoneMatch?: string | undefined;
  ifMatch?: string | undefined;
}

/** Bytes that have arrived and been checked, but belong to no object yet. */
interface Landed {
  path: string;
  size: number;
  etag: string;
  checksum: Checksum | undefined;
}

/** What the sender says about the bytes, known only after the last of them when it comes in a trailer. */
export interface Expectation {
  algorithm?: ChecksumAlgorithm | undefined;
  /** Base64 by algorithm. */
  checksum?(): string | undefined;
  /** Base64, from `Content-MD5`. */
  md5?: string | undefined;
  /** Hexadecimal, from `x-amz-content-sha256`. */
  sha256?: string | undefined;
  sizeBytes?: number | undefined;
}

interface ObjectRow {
  bucket: string;
  key: string;
  file: string;
  size: number;
  etag: string;
  modified_ms: number;
  headers: string;
  checksum: string | null;
  part_sizes: string | null;
  tags: string;
}

export interface Upload {
  uploadId: string;
  bucket: string;
  key: string;
  headers: Record<string, string>;
  tags: Record<string, string>;
  algorithm: ChecksumAlgorithm | undefined;
  checksumType: Checksum["type"] | undefined;
  startedMs: number;
}

export interface Part {
  partNumber: number;
  path: string;
  size: number;
  etag: string;
  checksum: Checksum | undefined;
  modifiedMs: number;
}

export class ObjectStore {
  readonly #store: Store;
  readonly #root: string;
  readonly #now: () => number;
  readonly #onChange: (change: ObjectChange) => void;
  #lastSequence = 0;

  /** @param root - The folder for all buckets. */
  constructor(store: Store, root: string, now: () => number, onChange: (change: ObjectChange) => void) {
    this.#store = store;
    this.#root = root;
    this.#now = now;
    this.#onChange = onChange;
    mkdirSync(this.#incoming, { recursive: true });
    store.define(`
      CREATE TABLE IF NOT EXISTS s3_buckets (name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL, config TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS s3_objects (
        bucket TEXT NOT NULL, key TEXT NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
        modified_ms INTEGER NOT NULL, headers TEXT NOT NULL, checksum TEXT, part_sizes TEXT, tags TEXT NOT NULL,
        PRIMARY KEY (bucket, key)) STRICT, WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS s3_uploads (
        upload_id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, details TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS s3_parts (
        upload_id TEXT NOT NULL, part_number INTEGER NOT NULL, details TEXT NOT NULL,
        PRIMARY KEY (upload_id, part_number)) STRICT, WITHOUT ROWID;`);
  }

  get #incoming() {
    return join(this.#root, ".incoming");
  }

  // Buckets

  /** Makes the bucket unless it is there. */
  createBucket(name: string): void {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
      throw new ServiceError("InvalidBucketName", "The specified bucket is not valid.");
    }
    this.#store.run("INSERT OR IGNORE INTO s3_buckets VALUES (?, ?, '{}')", name, this.#now());
  }

  /** Sets one part of the bucket's configuration, such as `notifications`. */
  configureBucket(name: string, section: string, value: unknown): void {
    const config = this.bucketConfig(name);
    if (value === undefined) delete config[section];
    else config[section] = value;
    this.#store.run("UPDATE s3_buckets SET config = ? WHERE name = ?", JSON.stringify(config), name);
  }

  bucketConfig(name: string): Record<string, unknown> {
    const row = this.#store.get<{ config: string }>("SELECT config FROM s3_buckets WHERE name = ?", name);
    if (!row) throw new ServiceError("NoSuchBucket", "The specified bucket does not exist", 404);
    return JSON.parse(row.config);
  }

  hasBucket(name: string): boolean {
    return this.#store.get("SELECT 1 FROM s3_buckets WHERE name = ?", name) !== undefined;
  }

  buckets(): { name: string; createdMs: number }[] {
    return this.#store
      .all<{ name: string; created_ms: number }>("SELECT name, created_ms FROM s3_buckets ORDER BY name")
      .map((row) => ({ name: row.name, createdMs: row.created_ms }));
  }

  deleteBucket(name: string): void {
    this.bucketConfig(name);
    if (this.#store.get("SELECT 1 FROM s3_objects WHERE bucket = ? LIMIT 1", name)) {
      throw new ServiceError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
    }
    this.#store.run("DELETE FROM s3_buckets WHERE name = ?", name);
  }

  // Objects

  find(bucket: string, key: string): StoredObject | undefined {
    const row = this.#store.get<ObjectRow>("SELECT * FROM s3_objects WHERE bucket = ? AND key = ?", bucket, key);
    return row && this.#object(row);
  }

  /** @throws {ServiceError} `NoSuchBucket` or `NoSuchKey`. */
  get(bucket: string, key: string): StoredObject {
    const found = this.find(bucket, key);
    if (found) return found;
    this.bucketConfig(bucket);
    throw new ServiceError("NoSuchKey", "The specified key does not exist.", 404);
  }

  /** Opens the object's bytes, also when it is being replaced at this moment. */
  async open(bucket: string, key: string): Promise<{ object: StoredObject; file: FileHandle }> {
    for (let attempt = 0; ; attempt += 1) {
      const object = this.get(bucket, key);
      try {
        return { object, file: await open(object.path, "r") };
      } catch (error) {
        const replaced = (error as NodeJS.ErrnoException).code === "ENOENT" && attempt < 3;
        if (!replaced) throw error;
      }
    }
  }

  async put(
    target: { bucket: string; key: string; headers: Record<string, string>; tags?: Record<string, string> },
    body: AsyncIterable<Uint8Array>,
    expected: Expectation = {},
    conditions: Conditions = {},
    eventName = "ObjectCreated:Put",
  ): Promise<StoredObject> {
    this.bucketConfig(target.bucket);
    if (Buffer.byteLength(target.key) > 1024) throw new ServiceError("KeyTooLongError", "Your key is too long");
    // Asked again when the object takes its place; asked now so that nobody uploads gigabytes in vain.
    this.#checkConditions(target.bucket, target.key, conditions);
    const landed = await this.#land(body, expected);
    return this.#commit(target, landed, undefined, conditions, eventName);
  }

  /** Deleting what is not there is no error. */
  delete(bucket: string, key: string, eventName = "ObjectRemoved:Delete"): void {
    this.bucketConfig(bucket);
    this.#store.transaction(() => {
      const object = this.find(bucket, key);
      if (!object) return;
      this.#store.run("DELETE FROM s3_objects WHERE bucket = ? AND key = ?", bucket, key);
      this.#tell(object, eventName);
      this.#store.afterCommit(() => this.#retire(object.path));
    });
  }

  setTags(bucket: string, key: string, tags: Record<string, string>): void {
    this.get(bucket, key);
    this.#store.run("UPDATE s3_objects SET tags = ? WHERE bucket = ? AND key = ?", JSON.stringify(tags), bucket, key);
  }

  /** Objects with keys that begin with `prefix` and come after `after`, in the order of their UTF-8 bytes. */
  scan(bucket: string, prefix: string, after: string, limit: number): StoredObject[] {
    // No key sorts above its own prefix followed by the highest code point, however long the keys are.
    return this.#store
      .all<ObjectRow>(
        "SELECT * FROM s3_objects WHERE bucket = ? AND key > ? AND key >= ? AND key < ? ORDER BY key LIMIT ?",
        bucket,
        after,
        prefix,
        `${prefix}\u{10FFFF}`,
        limit,
      )
      .map((row) => this.#object(row));
  }

  // Multipart uploads

  createUpload(details: Omit<Upload, "uploadId" | "startedMs">): Upload {
    this.bucketConfig(details.bucket);
    const upload = { ...details, uploadId: randomBytes(32).toString("base64url"), startedMs: this.#now() };
    const { uploadId, bucket, key } = upload;
    this.#store.run("INSERT INTO s3_uploads VALUES (?, ?, ?, ?)", uploadId, bucket, key, JSON.stringify(upload));
    return upload;
  }

  upload(bucket: string, key: string, uploadId: string): Upload {
    const row = this.#store.get<{ details: string }>(
      "SELECT details FROM s3_uploads WHERE upload_id = ? AND bucket = ? AND key = ?",
      uploadId,
      bucket,
      key,
    );
    if (!row) {
      const why =
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
      throw new ServiceError("NoSuchUpload", why, 404);
    }
    return JSON.parse(row.details);
  }

  uploads(bucket: string): Upload[] {
    return this.#store
      .all<{ details: string }>("SELECT details FROM s3_uploads WHERE bucket = ? ORDER BY key, upload_id", bucket)
      .map((row) => JSON.parse(row.details));
  }

  parts(uploadId: string): Part[] {
    return this.#store
      .all<{ details: string }>("SELECT details FROM s3_parts WHERE upload_id = ? ORDER BY part_number", uploadId)
      .map((row) => JSON.parse(row.details));
  }

  async putPart(upload: Upload, partNumber: number, body: AsyncIterable<Uint8Array>, expected: Expectation) {
    if (!(partNumber >= 1 && partNumber <= 10_000)) {
      throw new ServiceError("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
    }
    const landed = await this.#land(body, { ...expected, algorithm: expected.algorithm ?? upload.algorithm });
    const part: Part = { partNumber, ...landed, modifiedMs: this.#now() };
    this.#store.transaction(() => {
      // The upload may have been aborted while the part was on its way.
      this.upload(upload.bucket, upload.key, upload.uploadId);
      const old = this.#store.get<{ details: string }>(
        "SELECT details FROM s3_parts WHERE upload_id = ? AND part_number = ?",
        upload.uploadId,
        partNumber,
      );
      this.#store.run(
        "INSERT OR REPLACE INTO s3_parts VALUES (?, ?, ?)",
        upload.uploadId,
        partNumber,
        JSON.stringify(part),
      );
      if (old) this.#store.afterCommit(() => void unlink(JSON.parse(old.details).path).catch(ignoreMissing));
    });
    return part;
  }

  async completeUpload(
    upload: Upload,
    chosen: { partNumber: number; etag: string }[],
    conditions: Conditions,
  ): Promise<StoredObject> {
    const stored = new Map(this.parts(upload.uploadId).map((part) => [part.partNumber, part]));
    if (chosen.some(({ partNumber }, index) => index > 0 && chosen[index - 1]!.partNumber >= partNumber)) {
      const why = "The list of parts was not in ascending order. Parts must be ordered by part number.";
      throw new ServiceError("InvalidPartOrder", why);
    }
    const parts = chosen.map(({ partNumber, etag }) => {
      const part = stored.get(partNumber);
      if (part && part.etag === etag.replaceAll('"', "")) return part;
      const why =
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
      throw new ServiceError("InvalidPart", why);
    });
    if (parts.slice(0, -1).some((part) => part.size < SMALLEST_PART_BYTES)) {
      throw new ServiceError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
    }
    if (parts.length === 0) throw new ServiceError("MalformedXML", "You must specify at least one part");

    const whole = upload.algorithm && upload.checksumType === "FULL_OBJECT" ? upload.algorithm : undefined;
    // The parts stay until the object is there, so that a process that dies half way can be asked again.
    const joined = await this.#land(readFiles(parts.map((part) => part.path)), { algorithm: whole });
    const md5 = createHash("md5");
    for (const part of parts) md5.update(Buffer.from(part.etag, "hex"));
    const checksums = parts.map((part) => part.checksum?.value);
    const landed = {
      ...joined,
      etag: `${md5.digest("hex")}-${parts.length}`,
      checksum:
        upload.algorithm && !whole && checksums.every((value) => value !== undefined)
          ? await compositeChecksum(upload.algorithm, checksums)
          : joined.checksum,
    };
    const sizes = parts.map((part) => part.size);
    return this.#commit(upload, landed, sizes, conditions, "ObjectCreated:CompleteMultipartUpload", upload.uploadId);
  }

  abortUpload(upload: Upload): void {
    this.#store.transaction(() => this.#dropUpload(upload.uploadId));
  }

  /** Removes files to which nothing points, left by a process that died. Only files older than this start are judged. */
  async sweep(startedMs: number): Promise<number> {
    const known = new Set(
      this.#store.all<{ file: string }>("SELECT file FROM s3_objects").map((row) => join(this.#root, row.file)),
    );
    for (const { details } of this.#store.all<{ details: string }>("SELECT details FROM s3_parts")) {
      known.add(JSON.parse(details).path);
    }
    let removed = 0;
    for (const entry of await readdir(this.#root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      if (known.has(path)) continue;
      const info = await stat(path).catch(ignoreMissing);
      if (!info || info.mtimeMs >= startedMs) continue;
      await unlink(path).catch(ignoreMissing);
      removed += 1;
    }
    return removed;
  }

  async #land(body: AsyncIterable<Uint8Array>, expected: Expectation): Promise<Landed> {
    const path = join(this.#incoming, randomBytes(12).toString("hex"));
    const file = await open(path, "w");
    try {
      const md5 = createHash("md5");
      const sha256 = expected.sha256 ? createHash("sha256") : undefined;
      const checksum = expected.algorithm ? digestOf(expected.algorithm) : undefined;
      let size = 0;
      for await (const chunk of body) {
        md5.update(chunk);
        sha256?.update(chunk);
        checksum?.update(chunk);
        for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
        size += chunk.length;
      }
      const etag = md5.digest();
      const value = await checksum?.finish();
      const claimed = expected.checksum?.();
      if (expected.sizeBytes !== undefined && expected.sizeBytes !== size) {
        const why = "You did not provide the number of bytes specified by the Content-Length HTTP header";
        throw new ServiceError("IncompleteBody", why);
      }
      if (expected.md5 && expected.md5 !== etag.toString("base64")) {
        throw new ServiceError("BadDigest", "The Content-MD5 you specified did not match what we received.");
      }
      if (sha256 && sha256.digest("hex") !== expected.sha256) {
        const why = "The provided 'x-amz-content-sha256' header does not match what was computed.";
        throw new ServiceError("XAmzContentSHA256Mismatch", why);
      }
      if (claimed !== undefined && claimed !== value) {
        const why = `The ${expected.algorithm} you specified did not match the calculated checksum.`;
        throw new ServiceError("BadDigest", why);
      }
      return {
        path,
        size,
        etag: etag.toString("hex"),
        checksum: expected.algorithm && { algorithm: expected.algorithm, value: value!, type: "FULL_OBJECT" },
      };
    } catch (error) {
      await unlink(path).catch(ignoreMissing);
      throw error;
    } finally {
      await file.close();
    }
  }

  async #commit(
    target: { bucket: string; key: string; headers: Record<string, string>; tags?: Record<string, string> },
    landed: Landed,
    partSizes: number[] | undefined,
    conditions: Conditions,
    eventName: string,
    uploadId?: string,
  ): Promise<StoredObject> {
    const { bucket, key } = target;
    const file = join(bucket, keyPath(key, randomBytes(6).toString("hex")));
    const path = join(this.#root, file);
    try {
      await mkdir(dirname(path), { recursive: true });
      await rename(landed.path, path);
      return this.#store.transaction(() => {
        this.#checkConditions(bucket, key, conditions);
        const replaced = this.find(bucket, key);
        // S3 keeps whole seconds; comparing by less would find differences that AWS does not show.
        const modifiedMs = Math.floor(this.#now() / 1000) * 1000;
        this.#store.run(
          "INSERT OR REPLACE INTO s3_objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          bucket,
          key,
          file,
          landed.size,
          landed.etag,
          modifiedMs,
          JSON.stringify(target.headers),
          landed.checksum ? JSON.stringify(landed.checksum) : null,
          partSizes ? JSON.stringify(partSizes) : null,
          JSON.stringify(target.tags ?? {}),
        );
        if (uploadId) this.#dropUpload(uploadId);
        const object = this.get(bucket, key);
        this.#tell(object, eventName);
        if (replaced) this.#store.afterCommit(() => this.#retire(replaced.path));
        return object;
      });
    } catch (error) {
      await rm(landed.path, { force: true });
      await rm(path, { force: true });
      throw error;
    }
  }

  #dropUpload(uploadId: string): void {
    const parts = this.parts(uploadId);
    this.#store.run("DELETE FROM s3_parts WHERE upload_id = ?", uploadId);
    this.#store.run("DELETE FROM s3_uploads WHERE upload_id = ?", uploadId);
    this.#store.afterCommit(() => {
      for (const part of parts) void unlink(part.path).catch(ignoreMissing);
    });
  }

  #checkConditions(bucket: string, key: string, { ifMatch, ifNoneMatch }: Conditions): void {
    const current = this.find(bucket, key);
    if (ifNoneMatch !== undefined && current && matchesEtag(ifNoneMatch, current.etag)) throw preconditionFailed();
    if (ifMatch === undefined) return;
    if (!current) throw new ServiceError("NoSuchKey", "The specified key does not exist.", 404);
    if (!matchesEtag(ifMatch, current.etag)) throw preconditionFailed();
  }

  #tell(object: StoredObject, eventName: string): void {
    const timeMs = this.#now();
    this.#lastSequence = Math.max(this.#lastSequence + 1, timeMs * 1000);
    this.#onChange({
      bucket: object.bucket,
      key: object.key,
      eventName,
      size: object.size,
      etag: object.etag,
      sequencer: this.#lastSequence.toString(16).toUpperCase().padStart(18, "0"),
      timeMs,
    });
  }

  #retire(path: string): void {
    // Should the process end before, the next start's sweep removes the file.
    setTimeout(() => void unlink(path).catch(ignoreMissing), REPLACED_FILE_LIFE_MS).unref();
  }

  #object(row: ObjectRow): StoredObject {
    return {
      bucket: row.bucket,
      key: row.key,
      path: join(this.#root, row.file),
      size: row.size,
      etag: row.etag,
      modifiedMs: row.modified_ms,
      headers: JSON.parse(row.headers),
      checksum: row.checksum ? JSON.parse(row.checksum) : undefined,
      partSizes: row.part_sizes ? JSON.parse(row.part_sizes) : undefined,
      tags: JSON.parse(row.tags),
    };
  }
}

/** Whether an `If-Match` or `If-None-Match` header names the etag. */
export function matchesEtag(header: string, etag: string): boolean {
  return header.split(",").some((item) => ["*", etag].includes(item.trim().replace(/^W\//, "").replaceAll('"', "")));
}

export const preconditionFailed = () =>
  new ServiceError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);

async function* readFiles(paths: string[]): AsyncGenerator<Buffer> {
  for (const path of paths) {
    const file = await open(path, "r");
    yield* file.createReadStream({ highWaterMark: 1024 * 1024 });
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
