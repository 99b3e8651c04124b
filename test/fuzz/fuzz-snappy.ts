/** Compresses bytes with the kernel's Snappy and reads them back with another library's. */
import { snappyUncompressor } from "hysnappy";
import { type Random, randomFrom } from "../../lake/generate/random.ts";
import { Kernel } from "../../lake/kernel/kernel.ts";
import type { Finding } from "./finding.ts";
import { bytesOf } from "./grammars/hostile-text.ts";
import { hostileText } from "./grammars/mutate.ts";
import { TextSink } from "./grammars/text-sink.ts";
import type { Run, RunResult } from "./run.ts";
import { shrink } from "./shrink.ts";

const BLOCKS_OF_BATCH = 2000;
/** Compression starts anew after so many bytes, and an offset takes three bytes from the other distance on. */
const FRAGMENT_BYTES = 65_536;
const FAR_BYTES = 2048;
const ALPHABETS = ["0123456789", "0123456789abcdef", "ab", "ACGT", "abcdefghijklmnopqrstuvwxyz -/"].map(bytesOf);

let kernel: Kernel | undefined;
const uncompress = snappyUncompressor();

/** A case is a block of bytes; the same kernel takes many of them. */
export async function fuzzSnappy(run: Run): Promise<RunResult> {
  let cases = 0;
  let bytes = 0;
  for (let batch = 0; cases < run.cases; batch++) {
    const random = randomFrom(`${run.seed}/snappy/${batch}`);
    const size = Math.min(BLOCKS_OF_BATCH, run.cases - cases);
    for (let i = 0; i < size; i++) {
      const block = makeBlock(random);
      if (i === 0) run.onProgress?.({ cases, batches: batch, text: block, settings: {} });
      const broken = checkSnappy(block);
      if (broken) {
        const finding = await minimised(block.slice(), `${run.seed}/${batch}`, broken);
        return { cases, bytes, remark: "", corpus: [], finding };
      }
      cases++;
      bytes += block.length;
    }
  }
  return { cases, bytes, remark: "", corpus: [] };
}

/** @returns What is wrong; undefined when the bytes come back, and take no more room than is kept for them. */
export function checkSnappy(block: Uint8Array): string | undefined {
  try {
    kernel ??= new Kernel(1);
    const compressed = kernel.snappy(block).slice();
    if (compressed.length > 64 + block.length + block.length / 6)
      return `${compressed.length} bytes of ${block.length}`;
    const back = uncompress(compressed, block.length);
    return Buffer.compare(back, block) === 0 ? undefined : "other bytes come back";
  } catch (error) {
    kernel = undefined;
    return `crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

const sink = new TextSink(1 << 20);

/** Valid until the next call. */
function makeBlock(random: Random): Uint8Array {
  sink.length = 0;
  const length = lengthOf(random);
  // Blocks with and without anything that comes twice.
  const repeats = random.below(4) * 0.25;
  const alphabet = ALPHABETS[random.below(ALPHABETS.length)]!;
  while (sink.length < length) {
    if (sink.length > 0 && random.chance(repeats)) putAgain(random);
    else if (random.chance(0.1)) sink.put(hostileText(random));
    else {
      const isNoise = random.chance(0.1);
      for (let i = 1 + random.below(random.chance(0.1) ? 300 : 24); i > 0; i--)
        sink.putByte(isNoise ? random.below(256) : alphabet[random.below(alphabet.length)]!);
    }
  }
  sink.length = length;
  return sink.written();
}

function lengthOf(random: Random): number {
  const kind = random.below(1000);
  if (kind === 0) return random.below(3 * FRAGMENT_BYTES);
  if (kind === 1) return (1 + random.below(2)) * FRAGMENT_BYTES - 20 + random.below(40);
  return random.below(kind < 20 ? 6000 : kind < 250 ? 1000 : 100);
}

/** Puts what stood before once more, from near, from about the distance that changes a copy's length, or from anywhere. */
function putAgain(random: Random): void {
  const { length } = sink;
  const distance = [1 + random.below(80), FAR_BYTES - 8 + random.below(16), 1 + random.below(length)][random.below(3)]!;
  const start = Math.max(0, length - distance);
  for (let i = 0, count = 3 + random.below(random.chance(0.2) ? 200 : 14); i < count; i++)
    sink.putByte(sink.bytes[start + i]!);
}

async function minimised(block: Uint8Array, seed: string, broken: string): Promise<Finding> {
  const fails = async (candidate: Uint8Array) => checkSnappy(candidate) !== undefined;
  const parts = Array.from({ length: Math.ceil(block.length / 16) }, (_, i) => block.subarray(16 * i, 16 * i + 16));
  // What a kernel did before may have been the cause.
  const smallest = (await fails(block)) ? await shrink(parts, fails) : block;
  return { target: "snappy", seed, broken: checkSnappy(smallest) ?? broken, settings: {}, text: smallest };
}
