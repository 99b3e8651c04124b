/** Multipart uploads: parts that arrive one by one and become an object. */
import { createHash, randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import type { Buckets } from "./buckets.ts";
import { type Checksum, type ChecksumAlgorithm, compositeChecksum } from "./checksum.ts";
import type { WriteConditions } from "./conditions.ts";
import type { Expectation, Landed, ObjectFiles } from "./object-files.ts";
import type { Objects, ObjectTarget, StoredObject } from "./objects.ts";

/** All parts of an upload but the last have at least this size. */
const SMALLEST_PART_BYTES = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;

export interface Upload extends ObjectTarget {
  uploadId: string;
  tags: Record<string, string>;
  algorithm: ChecksumAlgorithm | undefined;
  checksumType: Checksum["type"] | undefined;
  startedMs: number;
}

interface Part extends Landed {
  partNumber: number;
  modifiedMs: number;
}

interface UploadsOptions {
  store: Store;
  buckets: Buckets;
  files: ObjectFiles;
  objects: Objects;
  now(): number;
}

interface Row {
  details: string;
}

export class Uploads {
  readonly #options: UploadsOptions;
  readonly #store: Store;

  constructor(options: UploadsOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#store.define(`
      CREATE TABLE IF NOT EXISTS s3_uploads (
        upload_id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, details TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS s3_parts (
        upload_id TEXT NOT NULL, part_number INTEGER NOT NULL, details TEXT NOT NULL,
        PRIMARY KEY (upload_id, part_number)) STRICT, WITHOUT ROWID;`);
  }

  create(details: Omit<Upload, "uploadId" | "startedMs">): Upload {
    this.#options.buckets.configuration(details.bucket);
    const upload = { ...details, uploadId: randomBytes(32).toString("base64url"), startedMs: this.#options.now() };
    const { uploadId, bucket, key } = upload;
    this.#store.run("INSERT INTO s3_uploads VALUES (?, ?, ?, ?)", uploadId, bucket, key, JSON.stringify(upload));
    return upload;
  }

  /** @throws {ServiceError} `NoSuchUpload`. */
  get(bucket: string, key: string, uploadId: string): Upload {
    const row = this.#store.get<Row>(
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

  /** By key. */
  list(bucket: string): Upload[] {
    return this.#store
      .all<Row>("SELECT details FROM s3_uploads WHERE bucket = ? ORDER BY key, upload_id", bucket)
      .map((row) => JSON.parse(row.details));
  }

  /** In their order in the object. */
  parts({ uploadId }: Upload): Part[] {
    return this.#store
      .all<Row>("SELECT details FROM s3_parts WHERE upload_id = ? ORDER BY part_number", uploadId)
      .map((row) => JSON.parse(row.details));
  }

  /** A part with the same number as an earlier one takes its place. */
  async putPart(
    upload: Upload,
    partNumber: number,
    body: AsyncIterable<Uint8Array>,
    expected: Expectation,
  ): Promise<Part> {
    if (!(partNumber >= 1 && partNumber <= MOST_PARTS)) {
      throw new ServiceError(
        "InvalidArgument",
        `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`,
      );
    }
    const { files, now } = this.#options;
    const landed = await files.land(body, { ...expected, algorithm: expected.algorithm ?? upload.algorithm });
    const part: Part = { partNumber, ...landed, modifiedMs: now() };
    const { uploadId } = upload;
    this.#store.transaction(() => {
      // The upload may have been aborted while the part was on its way.
      this.get(upload.bucket, upload.key, uploadId);
      const old = this.#store.get<Row>(
        "SELECT details FROM s3_parts WHERE upload_id = ? AND part_number = ?",
        uploadId,
        partNumber,
      );
      this.#store.run("INSERT OR REPLACE INTO s3_parts VALUES (?, ?, ?)", uploadId, partNumber, JSON.stringify(part));
      if (old) this.#store.afterCommit(() => files.removeSoon((JSON.parse(old.details) as Part).path));
    });
    return part;
  }

  /**
   * Joins parts into the object.
   *
   * @param chosen - Numbers and etags of the parts, in order.
   * @throws {ServiceError} `InvalidPartOrder`, `InvalidPart`, `EntityTooSmall`, `MalformedXML`, and as conditions refuse.
   */
  async complete(
    upload: Upload,
    chosen: readonly { partNumber: number; etag: string }[],
    conditions: WriteConditions,
  ): Promise<StoredObject> {
    const parts = chosenParts(this.parts(upload), chosen);
    const landed = await this.#join(upload, parts);
    return this.#options.objects.commit(upload, landed, {
      partSizes: parts.map((part) => part.size),
      conditions,
      eventName: "ObjectCreated:CompleteMultipartUpload",
      alongside: () => this.#drop(upload),
    });
  }

  abort(upload: Upload): void {
    this.#store.transaction(() => this.#drop(upload));
  }

  /** The files of all parts. */
  paths(): string[] {
    return this.#store
      .all<Row>("SELECT details FROM s3_parts")
      .map(({ details }) => (JSON.parse(details) as Part).path);
  }

  /** The parts stay until the object is there, so that a process that dies half way can be asked again. */
  async #join(upload: Upload, parts: readonly Part[]): Promise<Landed> {
    const whole = upload.algorithm && upload.checksumType === "FULL_OBJECT" ? upload.algorithm : undefined;
    const joined = await this.#options.files.land(readFiles(parts.map((part) => part.path)), { algorithm: whole });
    const md5 = createHash("md5");
    for (const part of parts) md5.update(Buffer.from(part.etag, "hex"));
    const checksums = parts.map((part) => part.checksum?.value);
    return {
      ...joined,
      etag: `${md5.digest("hex")}-${parts.length}`,
      checksum:
        upload.algorithm && !whole && checksums.every((value) => value !== undefined)
          ? await compositeChecksum(upload.algorithm, checksums)
          : joined.checksum,
    };
  }

  #drop(upload: Upload): void {
    const parts = this.parts(upload);
    this.#store.run("DELETE FROM s3_parts WHERE upload_id = ?", upload.uploadId);
    this.#store.run("DELETE FROM s3_uploads WHERE upload_id = ?", upload.uploadId);
    this.#store.afterCommit(() => {
      for (const part of parts) this.#options.files.removeSoon(part.path);
    });
  }
}

function chosenParts(stored: readonly Part[], chosen: readonly { partNumber: number; etag: string }[]): Part[] {
  if (chosen.some(({ partNumber }, index) => index > 0 && chosen[index - 1]!.partNumber >= partNumber)) {
    const why = "The list of parts was not in ascending order. Parts must be ordered by part number.";
    throw new ServiceError("InvalidPartOrder", why);
  }
  const byNumber = new Map(stored.map((part) => [part.partNumber, part]));
  const parts = chosen.map(({ partNumber, etag }) => {
    const part = byNumber.get(partNumber);
    if (part && part.etag === etag.replaceAll('"', "")) return part;
    const why =
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    throw new ServiceError("InvalidPart", why);
  });
  if (parts.slice(0, -1).some((part) => part.size < SMALLEST_PART_BYTES)) {
    throw new ServiceError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
  }
  if (parts.length === 0) throw new ServiceError("MalformedXML", "You must specify at least one part");
  return parts;
}

async function* readFiles(paths: string[]): AsyncGenerator<Buffer> {
  for (const path of paths) {
    const file = await open(path, "r");
    yield* file.createReadStream({ highWaterMark: 1024 * 1024 });
  }
}
