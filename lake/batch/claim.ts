/**
 * The claim to turn an object into rows. An execution first claims objects, then forms a batch of those it won. So
 * executions that run at the same time never share an object.
 */
import type { ManifestObject } from "./batch.ts";
import type { ObjectItem } from "./ledger.ts";

/** An object that arrived, and its item in the ledger. */
interface Candidate {
  readonly object: ManifestObject;
  readonly seen: ObjectItem | undefined;
}

/** The decision about a candidate. */
export type Verdict =
  /** It is free. `from` is the execution that had claimed it and ended before it formed a batch. */
  | { kind: "claim"; from?: string }
  /** This execution claimed it, in an attempt that did not finish. */
  | { kind: "ours"; batchId?: string }
  | { kind: "duplicate" }
  /** Another execution is processing it. */
  | { kind: "in-flight" }
  /** It changed, or its batch's execution ended before it was recorded: the batch it belongs to has to run again. */
  | { kind: "resubmit"; batchId: string }
  /** It changed while another execution forms a batch of it. That is over in seconds; then there is a batch to resubmit. */
  | { kind: "contended" };

/** The executions that have to be asked whether they still run. */
export function claimantsOf(candidates: readonly Candidate[], executionArn: string): string[] {
  const others = candidates
    .map(({ seen }) => seen)
    .filter((seen) => seen?.status === "claimed" && seen.execution !== executionArn)
    .map((seen) => seen!.execution);
  return [...new Set(others)];
}

/** @param running - The other executions that still run. */
export function judge({ object, seen }: Candidate, executionArn: string, running: ReadonlySet<string>): Verdict {
  if (!seen) return { kind: "claim" };
  const isSameVersion = seen.etag === object.etag;
  if (seen.status !== "claimed") {
    if (isSameVersion) return { kind: "duplicate" };
    return { kind: "resubmit", batchId: batchOf(seen) };
  }
  if (seen.execution === executionArn) return { kind: "ours", ...(seen.batchId && { batchId: seen.batchId }) };
  if (running.has(seen.execution)) {
    if (isSameVersion) return { kind: "in-flight" };
    return seen.batchId ? { kind: "resubmit", batchId: seen.batchId } : { kind: "contended" };
  }
  return seen.batchId ? { kind: "resubmit", batchId: seen.batchId } : { kind: "claim", from: seen.execution };
}

function batchOf({ batchId, key }: ObjectItem): string {
  if (!batchId) throw new Error(`The ledger says that ${key} was recorded, but not in which batch`);
  return batchId;
}
