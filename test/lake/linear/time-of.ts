/** Compares the time that a text takes with the time of four times as much. */

/** What four times the text may take in times of the text. Linear work takes 4, quadratic work 16. */
const MOST_TIMES = 9;
/** Below this, the clock and the collector say more than the work. */
const NOISE_MS = 25;
const TRIES = 3;
/** The fastest of some runs counts: other processes only make them longer. */
const RUNS = 3;

/**
 * @param work - Does the work for a text of about so many bytes.
 * @returns The ratio of the last try when the time grows faster than the text, else undefined.
 */
export async function growsTooFast(
  work: (text: Buffer) => unknown,
  textOf: (bytes: number) => string,
  bytes: number,
): Promise<number | undefined> {
  const small = Buffer.from(textOf(bytes));
  const large = Buffer.from(textOf(4 * bytes));
  let ratio = 0;
  for (let tries = 0; tries < TRIES; tries++) {
    const smallMs = await msOf(work, small);
    const largeMs = await msOf(work, large);
    ratio = largeMs / Math.max(smallMs, 0.05);
    if (largeMs < NOISE_MS || ratio <= MOST_TIMES) return undefined;
  }
  return Math.round(ratio);
}

/** Time on a processor: what else the machine does changes it little. */
async function msOf(work: (text: Buffer) => unknown, text: Buffer): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const start = process.cpuUsage();
    await work(text);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
    // Long enough to count.
    if (best > 20 * NOISE_MS) break;
  }
  return best;
}
