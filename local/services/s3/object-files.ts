/**
 * The plain files that hold the bytes of objects.
 *
 * Bytes land in a file of their own, are checked, and are moved to their place; only then does a row come to point at
 * them. So a reader sees the old object or the new one, and a process that dies leaves at worst a file to which nothing
 * points.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ServiceError } from "../../service-error.ts";
import { type Checksum, type ChecksumAlgorithm, digestOf } from "./checksum.ts";
import { keyPath } from "./key-path.ts";

/** A replaced object stays readable this long for those that opened it by path, as DuckDB does. */
const REPLACED_FILE_LIFE_MS = 60_000;

/** Bytes that have arrived and been checked, but belong to no object yet. */
export interface Landed {
  path: string;
  size: number;
  etag: string;
  checksum: Checksum | undefined;
}

/** Promises of the sender about the bytes. Those in a trailer are known only after the last byte. */
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

export class ObjectFiles {
  readonly #root: string;

  /** @param root - The folder for all buckets. */
  constructor(root: string) {
    this.#root = root;
    mkdirSync(this.#incoming, { recursive: true });
  }

  get #incoming() {
    return join(this.#root, ".incoming");
  }

  /** A path for the bytes of an object, relative to the root, that no other object has or will have. */
  newPlace(bucket: string, key: string): string {
    return join(bucket, keyPath(key, randomBytes(6).toString("hex")));
  }

  pathOf(place: string): string {
    return join(this.#root, place);
  }

  /**
   * Takes bytes in.
   *
   * @throws {ServiceError} When they are not what the sender says; nothing of them is left then.
   */
  async land(body: AsyncIterable<Uint8Array>, expected: Expectation): Promise<Landed> {
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
      check(expected, { size, md5: etag.toString("base64"), sha256: sha256?.digest("hex"), checksum: value });
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

  async move(landed: Landed, place: string): Promise<void> {
    const path = this.pathOf(place);
    await mkdir(dirname(path), { recursive: true });
    await rename(landed.path, path);
  }

  async remove(path: string): Promise<void> {
    await rm(path, { force: true });
  }

  /** Removes a file that nothing points at any more, without waiting for it. */
  removeSoon(path: string): void {
    // A file that stays is removed by the sweep of the next start.
    void unlink(path).catch(() => {});
  }

  /** Removes a file in a while, or at the next start if the process ends before. */
  retire(path: string): void {
    setTimeout(() => this.removeSoon(path), REPLACED_FILE_LIFE_MS).unref();
  }

  /**
   * Removes files to which nothing points, left by a process that died.
   *
   * @param known - Paths to which something points.
   * @param startedMs - Only files older than this are judged.
   * @param closing - Ends the sweep before its time.
   */
  async sweep(known: ReadonlySet<string>, startedMs: number, closing: AbortSignal): Promise<void> {
    for (const entry of await readdir(this.#root, { recursive: true, withFileTypes: true })) {
      if (closing.aborted) return;
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      if (known.has(path)) continue;
      const info = await stat(path).catch(ignoreMissing);
      if (!info || info.mtimeMs >= startedMs) continue;
      await unlink(path).catch(ignoreMissing);
    }
  }
}

function check(
  expected: Expectation,
  found: { size: number; md5: string; sha256: string | undefined; checksum: string | undefined },
): void {
  const claimed = expected.checksum?.();
  if (expected.sizeBytes !== undefined && expected.sizeBytes !== found.size) {
    const why = "You did not provide the number of bytes specified by the Content-Length HTTP header";
    throw new ServiceError("IncompleteBody", why);
  }
  if (expected.md5 && expected.md5 !== found.md5) {
    throw new ServiceError("BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
  if (expected.sha256 && found.sha256 !== expected.sha256) {
    const why = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    throw new ServiceError("XAmzContentSHA256Mismatch", why);
  }
  if (claimed !== undefined && claimed !== found.checksum) {
    const why = `The ${expected.algorithm} you specified did not match the calculated checksum.`;
    throw new ServiceError("BadDigest", why);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
