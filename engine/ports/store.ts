/**
 * The store of everything that must survive: one ordered map per collection, from text keys to text values, and one
 * atomic write. `MemoryStore` forgets at the end of the process; `SqliteStore` survives `kill -9`.
 */

/** The collections and their keys. `<execution>` is an execution's serial number, 12 digits. */
export type Collection =
  | "stateMachines" // <arn>
  | "revisions" // <state machine arn>/<serial>: a definition as it was, which executions keep running on
  | "executions" // <arn>: what DescribeExecution tells
  | "executionIndex" // <state machine arn>|<start, descending>|<execution>: for ListExecutions, newest first
  | "open" // <execution>: executions that have not ended
  | "frames" // <execution>/<frame>
  | "items" // <execution>/<frame>: the items of a Map, written once; <map run arn>: the planned children
  | "results" // <execution>/<frame>/<index>: what an iteration or branch gave; <map run arn>/<index>: a child's arn
  | "events" // <execution>/<event id>
  | "mapRuns" // <arn>
  | "activities" // <arn>
  | "counters"; // serial numbers

/** A value to keep, or, where `value` is undefined, a key to forget. */
export interface Change {
  collection: Collection;
  key: string;
  value: string | undefined;
}

export interface ListOptions {
  /** Only keys that begin with this. */
  prefix: string;
  /** Start behind this key (before it, when `reverse`). */
  after?: string | undefined;
  limit?: number | undefined;
  reverse?: boolean | undefined;
}

export interface Store {
  /** All of the changes, or, when the process dies meanwhile, none of them. */
  write(changes: readonly Change[]): void;
  get(collection: Collection, key: string): string | undefined;
  /** In key order. */
  list(collection: Collection, options: ListOptions): { key: string; value: string }[];
  close(): void;
}

/** Numbers as keys: text order equals number order. */
export function serialKey(serial: number): string {
  return String(serial).padStart(12, "0");
}
