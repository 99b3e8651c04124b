/** Files of this machine into the raw bucket, under a source's prefix. */
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { Upload } from "@aws-sdk/lib-storage";
import { UsageError, WorkFailed } from "./command.ts";
import { progress } from "./progress.ts";
import type { Target } from "./target.ts";

export interface FileToUpload {
  path: string;
  key: string;
  sizeBytes: number;
}

export interface UploadedObject {
  path: string;
  bucket: string;
  key: string;
  /** Without quotes. */
  etag: string;
  sizeBytes: number;
}

const CONCURRENT_UPLOADS = 8;

/**
 * Decides the key of each file: a file keeps its name, and what is in a folder keeps its place in it.
 *
 * @param prefix - Ends in a slash.
 * @throws {UsageError} When a path does not exist, a folder is empty, or two files would share a key.
 */
export async function planUpload(paths: readonly string[], prefix: string): Promise<FileToUpload[]> {
  const files: FileToUpload[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found) throw new UsageError(`There is no file or folder ${path}`);
    if (!found.isDirectory()) {
      files.push({ path, key: prefix + basename(path), sizeBytes: found.size });
      continue;
    }
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const inside = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    if (inside.length === 0) throw new UsageError(`There are no files in ${path}`);
    for (const file of inside.sort())
      files.push({
        path: file,
        key: prefix + relative(path, file).split(sep).join("/"),
        sizeBytes: (await stat(file)).size,
      });
  }
  const byKey = new Map<string, string>();
  for (const { path, key } of files) {
    const other = byKey.get(key);
    if (other !== undefined)
      throw new UsageError(`${other} and ${path} would both become ${key}; put them in one go each`);
    byKey.set(key, path);
  }
  return files;
}

/**
 * Puts files into the raw bucket and shows how far it is.
 *
 * @throws {WorkFailed} When one cannot be put; what was put before it stays.
 */
export async function upload(target: Target, files: readonly FileToUpload[]): Promise<UploadedObject[]> {
  const line = progress("Uploading");
  try {
    const uploaded = await uploadFiles(target, files, (count, bytes) =>
      line.update(`${count} of ${files.length} files, ${mebibytes(bytes)}`),
    );
    const bytes = uploaded.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
    line.done(
      `${uploaded.length} ${uploaded.length === 1 ? "file" : "files"}, ${mebibytes(bytes)}, in s3://${target.names.rawBucket}`,
    );
    return uploaded;
  } catch (error) {
    line.done();
    throw error;
  }
}

/**
 * Puts files as objects, streaming, a few at a time.
 *
 * @param onProgress - Told the number of files and bytes that are there.
 */
async function uploadFiles(
  target: Target,
  files: readonly FileToUpload[],
  onProgress: (files: number, bytes: number) => void,
): Promise<UploadedObject[]> {
  const bucket = target.names.rawBucket;
  const uploaded: UploadedObject[] = [];
  const queue = [...files];
  let bytes = 0;
  const worker = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const { path, key, sizeBytes } = file;
      let ETag: string | undefined;
      try {
        ({ ETag } = await new Upload({
          client: target.s3,
          params: { Bucket: bucket, Key: key, Body: createReadStream(path) },
        }).done());
      } catch (error) {
        throw new WorkFailed(`Cannot put ${path} as s3://${bucket}/${key}: ${(error as Error).message}`);
      }
      uploaded.push({ path, bucket, key, etag: unquoted(ETag!), sizeBytes });
      bytes += sizeBytes;
      onProgress(uploaded.length, bytes);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_UPLOADS }, worker));
  return uploaded.sort((a, b) => a.key.localeCompare(b.key));
}

export function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, "$1");
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
