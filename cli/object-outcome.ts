/** The outcome of objects in the pipeline, one by one and summed up. */
import type { ObjectItem } from "../lake/batch/ledger.ts";
import { EmptyObject } from "../lake/errors.ts";
import type { ObjectRef } from "../lake/object-ref.ts";

/** The end of one object. `pending` is left only when the time is up. */
export interface ObjectOutcome {
  bucket: string;
  key: string;
  status: "recorded" | "truncated" | "quarantined" | "passed-over" | "failed" | "pending";
  lines: number;
  comments: number;
  rows: number;
  rejected: number;
  /** The name of the error for which it was truncated, quarantined or passed over, or how the execution failed. */
  reason: string | null;
  detail: string | null;
  /** An oddity of the object that cost no line. */
  warning: string | null;
  executionArn: string | null;
}

/** The outcome of a new object of no bytes, which the ledger never hears of. */
export function emptyOutcome(object: ObjectRef): ObjectOutcome {
  const { name: reason, message: detail } = new EmptyObject(object);
  return outcomeOf(object, { reason, detail }, "passed-over", null);
}

/** @param failure - Why the execution failed that worked on the object. */
export function outcomeOf(
  { bucket, key }: ObjectRef,
  item: Partial<ObjectItem>,
  status: ObjectOutcome["status"],
  failure: string | null,
): ObjectOutcome {
  return {
    bucket,
    key,
    status,
    lines: item.lines ?? 0,
    comments: item.comments ?? 0,
    rows: item.rows ?? 0,
    rejected: item.rejected ?? 0,
    reason: failure ?? item.reason ?? null,
    detail: failure === null ? (item.detail ?? null) : null,
    warning: item.warning ?? null,
    executionArn: item.execution ?? null,
  };
}

interface Totals {
  objects: number;
  recorded: number;
  truncated: number;
  quarantined: number;
  passedOver: number;
  failed: number;
  pending: number;
  lines: number;
  comments: number;
  rows: number;
  rejected: number;
}

/** Sums the outcomes up. Lines of a quarantined object count where they could be read: when its whole batch was refused. */
export function totalsOf(outcomes: readonly ObjectOutcome[]): Totals {
  const withStatus = (status: ObjectOutcome["status"]) =>
    outcomes.filter((outcome) => outcome.status === status).length;
  const sum = (count: (outcome: ObjectOutcome) => number) =>
    outcomes.reduce((total, outcome) => total + count(outcome), 0);
  return {
    objects: outcomes.length,
    recorded: withStatus("recorded"),
    truncated: withStatus("truncated"),
    quarantined: withStatus("quarantined"),
    passedOver: withStatus("passed-over"),
    failed: withStatus("failed"),
    pending: withStatus("pending"),
    lines: sum(({ lines }) => lines),
    comments: sum(({ comments }) => comments),
    rows: sum(({ rows }) => rows),
    rejected: sum(({ rejected }) => rejected),
  };
}
