/** Generated files, kept for the next run. */
import { createHash } from "node:crypto";
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type GeneratedKind, generators } from "./columns/generate.ts";

export interface Input {
  readonly kind: GeneratedKind;
  /** Of the gzip file. */
  readonly path: string;
  readonly rows: number;
  readonly textBytes: number;
  readonly packedBytes: number;
}

const SEED = 1;

/** Makes a gzip -6 file of so many rows, or finds it made by the same generator. */
export async function input(kind: GeneratedKind, rows: number, folder: string): Promise<Input> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${kind}-${rows}-${generatorVersion()}.log.gz`);
  const facts = `${path}.json`;
  if (!existsSync(facts)) {
    let textBytes = 0;
    let packedBytes = 0;
    // Two runs at a time make two files; the later one takes the other's place whole.
    const temporary = `${path}.${process.pid}`;
    await pipeline(
      Readable.from(generators[kind]({ rows, seed: SEED })),
      async function* (blocks) {
        for await (const block of blocks) {
          textBytes += block.length;
          yield block;
        }
      },
      createGzip({ level: 6, chunkSize: 1 << 20 }),
      async function* (blocks) {
        for await (const block of blocks) {
          packedBytes += block.length;
          yield block;
        }
      },
      createWriteStream(temporary),
    );
    renameSync(temporary, path);
    writeFileSync(facts, JSON.stringify({ textBytes, packedBytes }));
  }
  return {
    kind,
    path,
    rows,
    ...(JSON.parse(readFileSync(facts, "utf8")) as { textBytes: number; packedBytes: number }),
  };
}

/** A changed generator makes other files. */
function generatorVersion(): string {
  const hash = createHash("sha256");
  for (const name of ["generate.ts", "random.ts"])
    hash.update(readFileSync(new URL(`columns/${name}`, import.meta.url)));
  return hash.digest("hex").slice(0, 8);
}
