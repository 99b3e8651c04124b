/** Objects: all that is known about them, in the database. Their bytes lie in files. */
import { type FileHandle, open } from "node:fs/promises";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import type { Buckets } from "./buckets.ts";
import type { Checksum } from "./checksum.ts";
import { checkWrite, type WriteConditions } from "./conditions.ts";
import type { Expectation, Landed, ObjectFiles } from "./object-files.ts";

const LONGEST_KEY_BYTES = 1024;

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

/** The object that a write makes. */
export interface ObjectTarget {
  bucket: string;
  key: string;
  headers: Record<string, string>;
  tags?: Record<string, string>;
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

interface ObjectsOptions {
  store: Store;
  buckets: Buckets;
  files: ObjectFiles;
  now(): number;
  onChange(change: ObjectChange): void;
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

export class Objects {
  readonly #options: ObjectsOptions;
  readonly #store: Store;
  #lastSequence = 0;

  constructor(options: ObjectsOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#store.define(`
      CREATE TABLE IF NOT EXISTS s3_objects (
        bucket TEXT NOT NULL, key TEXT NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
        modified_ms INTEGER NOT NULL, headers TEXT NOT NULL, checksum TEXT, part_sizes TEXT, tags TEXT NOT NULL,
        PRIMARY KEY (bucket, key)) STRICT, WITHOUT ROWID`);
  }

  find(bucket: string, key: string): StoredObject | undefined {
    const row = this.#store.get<ObjectRow>("SELECT * FROM s3_objects WHERE bucket = ? AND key = ?", bucket, key);
    return row && this.#object(row);
  }

  /** @throws {ServiceError} `NoSuchBucket` or `NoSuchKey`. */
  get(bucket: string, key: string): StoredObject {
    const found = this.find(bucket, key);
    if (found) return found;
    this.#options.buckets.configuration(bucket);
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
    target: ObjectTarget,
    body: AsyncIterable<Uint8Array>,
    expected: Expectation = {},
    conditions: WriteConditions = {},
    eventName = "ObjectCreated:Put",
  ): Promise<StoredObject> {
    this.#options.buckets.configuration(target.bucket);
    if (Buffer.byteLength(target.key) > LONGEST_KEY_BYTES)
      throw new ServiceError("KeyTooLongError", "Your key is too long");
    // Asked again when the object takes its place; asked now so that nobody uploads gigabytes in vain.
    checkWrite(conditions, this.find(target.bucket, target.key));
    const landed = await this.#options.files.land(body, expected);
    return this.commit(target, landed, { conditions, eventName });
  }

  /**
   * Makes landed bytes the object.
   *
   * @param alongside - Done in the same transaction.
   */
  async commit(
    target: ObjectTarget,
    landed: Landed,
    {
      partSizes,
      conditions,
      eventName,
      alongside,
    }: { partSizes?: number[]; conditions: WriteConditions; eventName: string; alongside?: () => void },
  ): Promise<StoredObject> {
    const { files } = this.#options;
    const { bucket, key } = target;
    const place = files.newPlace(bucket, key);
    try {
      await files.move(landed, place);
      return this.#store.transaction(() => {
        const replaced = this.find(bucket, key);
        checkWrite(conditions, replaced);
        this.#write(target, landed, place, partSizes);
        alongside?.();
        const object = this.get(bucket, key);
        this.#tell(object, eventName);
        if (replaced) this.#store.afterCommit(() => files.retire(replaced.path));
        return object;
      });
    } catch (error) {
      await files.remove(landed.path);
      await files.remove(files.pathOf(place));
      throw error;
    }
  }

  /** Deleting what is not there is not an error. */
  delete(bucket: string, key: string, eventName = "ObjectRemoved:Delete"): void {
    this.#options.buckets.configuration(bucket);
    this.#store.transaction(() => {
      const object = this.find(bucket, key);
      if (!object) return;
      this.#store.run("DELETE FROM s3_objects WHERE bucket = ? AND key = ?", bucket, key);
      this.#tell(object, eventName);
      this.#store.afterCommit(() => this.#options.files.retire(object.path));
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

  /** The files of all objects. */
  paths(): string[] {
    const { files } = this.#options;
    return this.#store.all<{ file: string }>("SELECT file FROM s3_objects").map(({ file }) => files.pathOf(file));
  }

  #write({ bucket, key, headers, tags }: ObjectTarget, landed: Landed, place: string, partSizes?: number[]): void {
    // S3 keeps whole seconds; comparing by less would find differences that AWS does not show.
    const modifiedMs = Math.floor(this.#options.now() / 1000) * 1000;
    this.#store.run(
      "INSERT OR REPLACE INTO s3_objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      bucket,
      key,
      place,
      landed.size,
      landed.etag,
      modifiedMs,
      JSON.stringify(headers),
      landed.checksum ? JSON.stringify(landed.checksum) : null,
      partSizes ? JSON.stringify(partSizes) : null,
      JSON.stringify(tags ?? {}),
    );
  }

  #tell(object: StoredObject, eventName: string): void {
    const timeMs = this.#options.now();
    this.#lastSequence = Math.max(this.#lastSequence + 1, timeMs * 1000);
    this.#options.onChange({
      bucket: object.bucket,
      key: object.key,
      eventName,
      size: object.size,
      etag: object.etag,
      sequencer: this.#lastSequence.toString(16).toUpperCase().padStart(18, "0"),
      timeMs,
    });
  }

  #object(row: ObjectRow): StoredObject {
    return {
      bucket: row.bucket,
      key: row.key,
      path: this.#options.files.pathOf(row.file),
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
