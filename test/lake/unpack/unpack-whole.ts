import { type ArchiveLimits, DEFAULT_LIMITS } from "../../../lake/unpack/archive.ts";
import { compressionOf, unpack } from "../../../lake/unpack/compression.ts";

export const object = { bucket: "raw", key: "object.gz" };

/** Lines of several lengths that pack neither well nor badly. */
export function someLines(count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, i) => `line ${i} ${(i * 7919) % 1000}\n`).join(""));
}

export async function* blocksOf(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Unpacked {
  text: Buffer;
  /** What ended it early. */
  error: Error | undefined;
  warnings: string[];
}

/** Unpacks an archive, of which so many bytes come at a time. */
export async function unpackWhole(
  bytes: Uint8Array,
  { size, limits }: { size?: number; limits?: Partial<ArchiveLimits> } = {},
): Promise<Unpacked> {
  const out: Uint8Array[] = [];
  const warnings: string[] = [];
  const options = {
    object,
    limits: { ...DEFAULT_LIMITS, ...limits },
    onWarning: (warning: string) => warnings.push(warning),
  };
  try {
    for await (const block of unpack(blocksOf(bytes, size), compressionOf(bytes), options)) out.push(block);
  } catch (error) {
    return { text: Buffer.concat(out), error: error as Error, warnings };
  }
  return { text: Buffer.concat(out), error: undefined, warnings };
}
