/** The accounts of a day, from the ledger. */
import type { ArrivalItem } from "./ledger.ts";

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
  /** Everything that arrived on the same dates, for whatever day it has rows, if any. */
  arrived: ArrivalAccounting;
}

/** What arrived on some days, and what has become of it. Each object is in exactly one of the counts. */
export interface ArrivalAccounting {
  batches: bigint;
  objects: bigint;
  recordedObjects: bigint;
  truncatedObjects: bigint;
  quarantinedObjects: bigint;
  passedOverObjects: bigint;
  /** Of batches that are not recorded or refused yet. */
  unfinishedObjects: bigint;
  rejectedLines: bigint;
  /** Rows of refused batches: they could be read, and are not in the lake. */
  refusedRows: bigint;
  /** How many objects were truncated or quarantined, by the name of the error, in the order of the names. */
  reasons: Readonly<Record<string, bigint>>;
}

/** Sums the accounts of batches up. */
export function arrivalAccounting(batches: readonly ArrivalItem[]): ArrivalAccounting {
  const ended = batches.filter(({ status }) => status !== "running");
  const sum = (items: readonly ArrivalItem[], count: (item: ArrivalItem) => number) =>
    items.reduce((total, item) => total + BigInt(count(item)), 0n);
  const reasons = [...new Set(ended.flatMap((item) => Object.keys(item.reasons)))].sort();
  return {
    batches: BigInt(batches.length),
    objects: sum(batches, ({ objects }) => objects),
    recordedObjects: sum(ended, (item) => item.recordedObjects),
    truncatedObjects: sum(ended, (item) => item.truncatedObjects),
    quarantinedObjects: sum(ended, (item) => item.quarantinedObjects),
    passedOverObjects: sum(ended, (item) => item.passedOverObjects),
    unfinishedObjects: sum(batches, (item) => (item.status === "running" ? item.objects : 0)),
    rejectedLines: sum(ended, ({ rejected }) => rejected),
    refusedRows: sum(ended, (item) => (item.status === "refused" ? item.rows : 0)),
    reasons: Object.fromEntries(reasons.map((reason) => [reason, sum(ended, (item) => item.reasons[reason] ?? 0)])),
  };
}

/** "CorruptArchive 2, UnknownFormat 1" */
export function reasonsText(reasons: Readonly<Record<string, number | bigint>>): string {
  return Object.entries(reasons)
    .map(([reason, count]) => `${reason} ${count}`)
    .sort()
    .join(", ");
}
