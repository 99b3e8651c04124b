/**
 * The ledger's counts for the UTC dates that a report reads, and for the batches that have rows on them: what the numbers
 * of the report are held against.
 */
export interface DayAccounting {
  batches: bigint;
  objects: bigint;
  /** Of those objects, the ones whose last lines are missing. */
  truncatedObjects: bigint;
  /** Of those objects, the ones that gave no line. */
  quarantinedObjects: bigint;
  /** Of whole batches, with their rows of other dates: `lines = comments + rows + rejected`. */
  lines: bigint;
  comments: bigint;
  rows: bigint;
  rejected: bigint;
  rowsByDate: readonly { date: string; rows: bigint }[];
}
