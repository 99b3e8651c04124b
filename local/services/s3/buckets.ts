/** Buckets and their configurations. */
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";

export class Buckets {
  readonly #store: Store;
  readonly #now: () => number;

  constructor({ store, now }: { store: Store; now: () => number }) {
    this.#store = store;
    this.#now = now;
    store.define(
      "CREATE TABLE IF NOT EXISTS s3_buckets (name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL, config TEXT NOT NULL) STRICT",
    );
  }

  /** Makes the bucket unless it is there. */
  create(name: string): void {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
      throw new ServiceError("InvalidBucketName", "The specified bucket is not valid.");
    }
    this.#store.run("INSERT OR IGNORE INTO s3_buckets VALUES (?, ?, '{}')", name, this.#now());
  }

  has(name: string): boolean {
    return this.#store.get("SELECT 1 FROM s3_buckets WHERE name = ?", name) !== undefined;
  }

  list(): { name: string; createdMs: number }[] {
    return this.#store
      .all<{ name: string; created_ms: number }>("SELECT name, created_ms FROM s3_buckets ORDER BY name")
      .map((row) => ({ name: row.name, createdMs: row.created_ms }));
  }

  /** @throws {ServiceError} `NoSuchBucket`. */
  configuration(name: string): Record<string, unknown> {
    const row = this.#store.get<{ config: string }>("SELECT config FROM s3_buckets WHERE name = ?", name);
    if (!row) throw new ServiceError("NoSuchBucket", "The specified bucket does not exist", 404);
    return JSON.parse(row.config);
  }

  /** Sets one part of the configuration, such as `notifications`; undefined removes it. */
  configure(name: string, section: string, value: unknown): void {
    const config = this.configuration(name);
    if (value === undefined) delete config[section];
    else config[section] = value;
    this.#store.run("UPDATE s3_buckets SET config = ? WHERE name = ?", JSON.stringify(config), name);
  }

  /** @throws {ServiceError} `NoSuchBucket`, `BucketNotEmpty`. */
  delete(name: string): void {
    this.configuration(name);
    if (this.#store.get("SELECT 1 FROM s3_objects WHERE bucket = ? LIMIT 1", name)) {
      throw new ServiceError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
    }
    this.#store.run("DELETE FROM s3_buckets WHERE name = ?", name);
  }
}
