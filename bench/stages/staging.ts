/** The staging bucket as a folder: what one stage leaves for the next. */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
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

  clear(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { recursive: true });
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
    if (size > this.#memory.length) this.#memory = new Uint8Array(size);
    for (let at = 0; at < size; ) at += readSync(fd, this.#memory, at, size - at, at);
    closeSync(fd);
    return this.#memory.subarray(0, size);
  }

  write(key: string, bytes: Uint8Array): void {
    writeFileSync(this.path(key), bytes);
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

export async function writeAll(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const fd = openSync(path, "w");
  for await (const block of bytes) for (let at = 0; at < block.length; ) at += writeSync(fd, block, at);
  closeSync(fd);
}

export function readHead(path: string, byteCount: number): Uint8Array {
  const head = new Uint8Array(byteCount);
  const fd = openSync(path, "r");
  const length = readSync(fd, head);
  closeSync(fd);
  return head.subarray(0, length);
}
