/** The quality of a batch: the share of its record lines that became rows. */

/**
 * @returns Text, as the ledger holds no floats: four decimals, rounded down so that "1.0000" means that none was rejected.
 * A batch without record lines is a good one.
 */
export function qualityOf({ rows, rejected }: { rows: number; rejected: number }): string {
  if (rejected === 0) return "1.0000";
  return (Math.floor((rows / (rows + rejected)) * 10_000) / 10_000).toFixed(4);
}

/** @param threshold - From 0, which accepts any, to 1. */
export function isGoodEnough({ rows, rejected }: { rows: number; rejected: number }, threshold: number): boolean {
  return rows + rejected === 0 || rows / (rows + rejected) >= threshold;
}
