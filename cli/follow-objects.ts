/** Waits until the pipeline has finished with objects of the raw bucket, and tells how each one ended. */
import { setTimeout as sleep } from "node:timers/promises";
import { DescribeExecutionCommand, ExecutionDoesNotExist, ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { BatchGetCommand, type BatchGetCommandOutput } from "@aws-sdk/lib-dynamodb";
import { type ObjectItem, objectItemKey } from "../lake/batch/ledger.ts";
import { currentState, failureOf } from "./follow-execution.ts";
import { emptyOutcome, type ObjectOutcome, outcomeOf } from "./object-outcome.ts";
import { progress } from "./progress.ts";
import type { Target } from "./target.ts";
import { type UploadedObject, unquoted } from "./upload.ts";

interface ObjectToFollow {
  bucket: string;
  key: string;
  /** The version that is awaited; another one under the same key does not count. */
  etag: string;
  /** Needed only where it may be 0. */
  sizeBytes?: number;
}

/** DynamoDB's limit for one BatchGetItem. */
const ITEMS_PER_CALL = 100;
/** Failed executions that have no claim yet are looked for this often. */
const FAILURES_EVERY_POLLS = 8;

/**
 * Follows objects until each is recorded, quarantined or passed over and the execution that did it has ended, so that
 * their days are in the catalog too. An execution that fails ends the wait for its objects.
 *
 * @param sinceMs - When the objects were put: executions that failed before have nothing to do with them.
 * @param onProgress - Told how many objects have ended, and the state of one of the executions that work on the rest.
 */
export async function followObjects(
  target: Target,
  objects: readonly ObjectToFollow[],
  {
    sinceMs,
    timeoutMs,
    onProgress,
  }: { sinceMs: number; timeoutMs: number; onProgress: (ended: number, state: string | undefined) => void },
): Promise<ObjectOutcome[]> {
  const deadlineMs = Date.now() + timeoutMs;
  const outcomes = new Map<string, ObjectOutcome>();
  /** Executions that have ended, by ARN; they do not change any more, so nobody asks twice. */
  const ended = new Map<string, ExecutionEnd>();

  for (let poll = 0; ; poll++) {
    const pending = objects.filter(({ bucket, key }) => !outcomes.has(`${bucket}/${key}`));
    if (pending.length === 0) break;
    const items = await objectItems(target, pending);
    const open = new Set<string>();
    for (const arn of new Set([...items.values()].flatMap((item) => item.execution ?? [])))
      if (!ended.has(arn)) {
        const end = await endOf(target, arn);
        if (end) ended.set(arn, end);
        else open.add(arn);
      }

    for (const object of pending) {
      const item = items.get(`${object.bucket}/${object.key}`);
      // The pipeline passes over a new object of no bytes without a word in the ledger.
      if (!item && object.sizeBytes === 0) outcomes.set(`${object.bucket}/${object.key}`, emptyOutcome(object));
      if (!item || unquoted(item.etag) !== object.etag) continue;
      if (item.execution !== undefined && open.has(item.execution)) continue;
      const end = item.execution === undefined ? undefined : ended.get(item.execution);
      if (item.status === "claimed") {
        // The item was read before the execution was: what it wrote last shows at the next look. One that failed before
        // the object was put again is not the one that is awaited.
        if (end?.failure && end.stoppedAtMs >= sinceMs)
          outcomes.set(`${object.bucket}/${object.key}`, outcomeOf(object, item, "failed", end.failure));
        continue;
      }
      const failure = end?.failure ?? null;
      outcomes.set(
        `${object.bucket}/${object.key}`,
        failure && (item.status === "recorded" || item.status === "truncated")
          ? outcomeOf(object, item, "failed", failure)
          : // It has a reason of its own, which says more than that of the execution, which fails when all have one.
            outcomeOf(object, item, item.status, null),
      );
    }

    if (poll % FAILURES_EVERY_POLLS === FAILURES_EVERY_POLLS - 1)
      for (const { arn, failure, input } of await failuresSince(target, sinceMs))
        for (const object of pending)
          if (!items.has(`${object.bucket}/${object.key}`) && mentions(input, object.key))
            outcomes.set(`${object.bucket}/${object.key}`, outcomeOf(object, { execution: arn }, "failed", failure));

    const [working] = open;
    onProgress(outcomes.size, working && (await currentState(target, working)));
    if (Date.now() > deadlineMs) {
      for (const object of objects)
        if (!outcomes.has(`${object.bucket}/${object.key}`))
          outcomes.set(
            `${object.bucket}/${object.key}`,
            outcomeOf(object, items.get(`${object.bucket}/${object.key}`) ?? {}, "pending", null),
          );
      break;
    }
    if (outcomes.size < objects.length) await sleep(target.pollMs);
  }
  return objects.map(({ bucket, key }) => outcomes.get(`${bucket}/${key}`)!);
}

/** Follows uploaded objects as {@link followObjects} does, and shows a person how far they are. */
export async function follow(
  target: Target,
  objects: readonly UploadedObject[],
  options: { sinceMs: number; timeoutMs: number },
): Promise<ObjectOutcome[]> {
  const line = progress("Ingesting");
  line.update(`0 of ${objects.length} objects`);
  try {
    const outcomes = await followObjects(target, objects, {
      ...options,
      onProgress: (ended, state) => line.update(`${ended} of ${objects.length} objects${state ? `, ${state}` : ""}`),
    });
    const done = outcomes.filter(({ status }) => status !== "pending").length;
    line.done(`${done} of ${objects.length} objects went through the pipeline`);
    return outcomes;
  } catch (error) {
    line.done();
    throw error;
  }
}

/** The ledger's items of objects, by "bucket/key". */
async function objectItems(
  target: Target,
  objects: readonly { bucket: string; key: string }[],
): Promise<Map<string, ObjectItem>> {
  const table = target.names.ledgerTable;
  const found = new Map<string, ObjectItem>();
  for (let start = 0; start < objects.length; start += ITEMS_PER_CALL) {
    let keys: object[] = objects.slice(start, start + ITEMS_PER_CALL).map(objectItemKey);
    while (keys.length > 0) {
      const page: BatchGetCommandOutput = await target.ledger.send(
        new BatchGetCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
      );
      for (const item of (page.Responses?.[table] ?? []) as ObjectItem[]) found.set(`${item.bucket}/${item.key}`, item);
      keys = page.UnprocessedKeys?.[table]?.Keys ?? [];
    }
  }
  return found;
}

interface ExecutionEnd {
  readonly failure: string | null;
  readonly stoppedAtMs: number;
}

async function endOf(target: Target, executionArn: string): Promise<ExecutionEnd | undefined> {
  try {
    const execution = await target.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status === "RUNNING" || execution.status === "PENDING_REDRIVE") return undefined;
    return {
      failure: execution.status === "SUCCEEDED" ? null : failureOf(execution),
      stoppedAtMs: execution.stopDate!.getTime(),
    };
  } catch (error) {
    // Step Functions forgets executions after 90 days; what they recorded stays recorded.
    if (error instanceof ExecutionDoesNotExist) return { failure: null, stoppedAtMs: 0 };
    throw error;
  }
}

/** Executions of `ingest` that did not succeed, with their inputs as text. */
async function failuresSince(
  target: Target,
  sinceMs: number,
): Promise<{ arn: string; failure: string; input: string }[]> {
  const failures: { arn: string; failure: string; input: string }[] = [];
  for (const statusFilter of ["FAILED", "TIMED_OUT", "ABORTED"] as const) {
    const { executions = [] } = await target.stepFunctions.send(
      new ListExecutionsCommand({ stateMachineArn: target.stateMachineArn("Ingest"), statusFilter, maxResults: 100 }),
    );
    for (const { executionArn, startDate } of executions) {
      if (startDate!.getTime() < sinceMs) continue;
      const execution = await target.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      failures.push({ arn: executionArn!, failure: failureOf(execution), input: execution.input ?? "" });
    }
  }
  return failures;
}

/** Tells whether an execution's input names a key: raw as a person gives it, or form-encoded inside an S3 event. */
function mentions(input: string, key: string): boolean {
  const formEncoded = encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/");
  return [key, formEncoded].some((text) => input.includes(JSON.stringify(text).slice(1, -1)));
}
