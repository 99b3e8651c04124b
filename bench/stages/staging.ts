/** The staging bucket as a folder: what one stage leaves for the next. */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

const READ_BYTES = 256 << 10;

export class Staging {
  readonly #folder: string;
  #memory = new Uint8Array();

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(key: string): string {
    const path = join(this.#folder, key);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  /** Each block is the same memory again: it has to be used up before the next. */
  *stream(key: string): Generator<Uint8Array, void, undefined> {
    const block = new Uint8Array(READ_BYTES);
    const fd = openSync(this.path(key), "r");
    try {
      for (let length = readSync(fd, block); length > 0; length = readSync(fd, block)) yield block.subarray(0, length);
    } finally {
      closeSync(fd);
    }
  }

  /** Valid until the next one is read. */
  read(key: string): Uint8Array {
    const fd = openSync(this.path(key), "r");
    const { size } = fstatSync(fd);
    // Row groups are of nearly one size: with some room, the first memory does for most.
    if (size > this.#memory.length) this.#memory = new Uint8Array(size + (size >> 1));
    for (let at = 0; at < size; ) at += readSync(fd, this.#memory, at, size - at, at);
    closeSync(fd);
    return this.#memory.subarray(0, size);
  }

  write(key: string, bytes: Uint8Array): void {
    const file = new WrittenFile(this.path(key));
    file.append(bytes);
    file.close();
  }

  async writeStream(key: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    await writeAll(this.path(key), bytes);
  }

  readJson<Value>(key: string): Value {
    return JSON.parse(readFileSync(this.path(key), "utf8")) as Value;
  }

  writeJson(key: string, value: unknown): void {
    writeFileSync(this.path(key), JSON.stringify(value));
  }
}

/**
 * A file that is written from its start, over the one that is there: the operating system's memory for it is that of the
 * last round. New memory for the text of a million rows takes 0.2 s, and 2 s where a hypervisor has to find it first.
 */
class WrittenFile {
  readonly #fd: number;
  #byteLength = 0;

  constructor(path: string) {
    this.#fd = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o666);
  }

  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    this.#byteLength += bytes.length;
  }

  close(): void {
    ftruncateSync(this.#fd, this.#byteLength);
    closeSync(this.#fd);
  }
}

export async function writeAll(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const file = new WrittenFile(path);
  for await (const block of bytes) file.append(block);
  file.close();
}

export function readHead(path: string, byteCount: number): Uint8Array {
  const head = new Uint8Array(byteCount);
  const fd = openSync(path, "r");
  const length = readSync(fd, head);
  closeSync(fd);
  return head.subarray(0, length);
}
