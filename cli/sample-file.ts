/** Sample logs as files of this machine. */
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { SampleFile } from "../lake/generate/sample.ts";

/** The days that samples are of unless asked otherwise: fixed, so that the same command gives the same files next year. */
export const SAMPLE_FIRST_DAY = "2026-01-16";
export const SAMPLE_DAYS = 2;

/** Lines are handed to gzip in blocks of about this size. */
const BLOCK_CHARACTERS = 256 * 1024;

/** Writes one sample file, gzipped, without holding it. */
export async function writeSample(file: SampleFile, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await pipeline(Readable.from(blocks(file)), createGzip(), createWriteStream(path));
}

function* blocks(file: SampleFile): Generator<string> {
  let block = "";
  for (const line of file.lines()) {
    block += `${line}\n`;
    if (block.length >= BLOCK_CHARACTERS) {
      yield block;
      block = "";
    }
  }
  if (block) yield block;
}
