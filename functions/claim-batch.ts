import { z } from "zod";
import { sendToDeadLetters } from "../aws/dead-letters.ts";
import { environment } from "../aws/environment.ts";
import { runningOf } from "../aws/executions.ts";
import { inParallel } from "../aws/in-parallel.ts";
import {
  claimObject,
  createBatch,
  findBatch,
  findObjects,
  putArrival,
  putManifest,
  putObjects,
  readManifest,
  reclaimBatch,
} from "../aws/ledger.ts";
import { headObject } from "../aws/objects.ts";
import { stageManifest } from "../aws/staging.ts";
import {
  arrivalsOf,
  type BatchAgain,
  ingestInput,
  isFolder,
  nothingPassedOver,
  type PassedOver,
} from "../lake/batch/arrivals.ts";
import { type BatchRef, batchIdOf, inManifestOrder, type ManifestObject } from "../lake/batch/batch.ts";
import { claimantsOf, judge, type Verdict } from "../lake/batch/claim.ts";
import type { BatchItem, ObjectItem } from "../lake/batch/ledger.ts";
import { arrivalItem } from "../lake/batch/outcome.ts";
import type { ArrivedObject } from "../lake/batch/s3-event.ts";
import { ObjectVanished } from "../lake/errors.ts";
import config from "../sluice.config.ts";
import { task } from "./task.ts";

const CONCURRENT_CALLS = 32;

const claimBatchInput = z.object({ event: ingestInput, executionArn: z.string() });

interface Claim {
  status: "claimed" | "nothing-new" | "busy";
  /** Present when claimed. */
  batch: BatchRef | null;
  /** Batches that have to run again in executions of their own. */
  resubmit: string[];
  passedOver: PassedOver;
}

/**
 * Claims what an execution was started for: new objects as a new batch, or an earlier batch once more.
 *
 * When the same execution asks again, it finds what it had claimed.
 *
 * @throws {ObjectVanished} When objects were named without their versions and not one of them exists.
 */
export async function claimBatch({ event, executionArn }: z.output<typeof claimBatchInput>): Promise<Claim> {
  return "batchId" in event ? claimAgain(event, executionArn) : claimArrivals(event, executionArn);
}

async function claimArrivals(
  event: Exclude<z.output<typeof ingestInput>, BatchAgain>,
  executionArn: string,
): Promise<Claim> {
  const intakes: Record<string, { queue: string; deadLetters: string }> = JSON.parse(environment("INTAKES"));
  const arrivals = arrivalsOf(event, config, {
    rawBucket: environment("RAW_BUCKET"),
    accountId: executionArn.split(":")[4]!,
    queues: Object.fromEntries(Object.entries(intakes).map(([source, { queue }]) => [source, queue])),
  });
  const claim = await claimObjects(arrivals, executionArn);
  // Whoever is told to wait asks again, and must not send them twice.
  if (claim.status !== "busy" && arrivals.source)
    await sendToDeadLetters(intakes[arrivals.source]!.deadLetters, arrivals.misdelivered);
  return claim;
}

async function claimObjects(
  { source, objects: arrived, passedOver: counted }: ReturnType<typeof arrivalsOf>,
  executionArn: string,
): Promise<Claim> {
  const passedOver = { ...counted };
  const found = await inParallel(arrived, CONCURRENT_CALLS, versionOf);
  const versions = found.filter((version) => version !== undefined);
  const [first] = arrived;
  if (first && versions.length === 0) throw new ObjectVanished(first, first.etag);
  passedOver.vanished += found.length - versions.length;
  const seen = await findObjects(versions);
  // An object that had bytes before has changed: the rows of those bytes have to go.
  const candidates = versions
    .map((object, i) => ({ object, seen: seen[i] }))
    .filter((candidate) => candidate.object.sizeBytes > 0 || candidate.seen !== undefined);
  const objects = candidates.map(({ object }) => object);
  const nothings = versions.filter((object) => !objects.includes(object));
  const folders = nothings.filter(isFolder).length;
  passedOver.folders += folders;
  passedOver.emptyObjects += nothings.length - folders;
  if (!source || objects.length === 0) return nothingNew({ passedOver });

  const running = await runningOf(claimantsOf(candidates, executionArn));
  const verdicts = candidates.map((candidate) => judge(candidate, executionArn, running));
  const objectsOf = (kind: Verdict["kind"]) => objects.filter((_, i) => verdicts[i]!.kind === kind);
  if (objectsOf("contended").length > 0) return busy(passedOver);

  const won = await inParallel(objects, CONCURRENT_CALLS, async (object, i) => {
    const verdict = verdicts[i]!;
    if (verdict.kind !== "claim") return true;
    return claimObject({ ...object, source, execution: executionArn, status: "claimed" }, verdict.from);
  });
  // Somebody was faster. What we have won stays ours until we ask again.
  if (won.includes(false)) return busy(passedOver);

  passedOver.duplicates += objectsOf("duplicate").length;
  passedOver.inFlight += objectsOf("in-flight").length;
  const resubmit = [...new Set(verdicts.flatMap((verdict) => (verdict.kind === "resubmit" ? verdict.batchId : [])))];
  const ours = objects.filter((_, i) => verdicts[i]!.kind === "claim" || verdicts[i]!.kind === "ours");
  if (ours.length === 0) return nothingNew({ passedOver, resubmit });
  const formed = verdicts.find((verdict) => verdict.kind === "ours" && verdict.batchId !== undefined);
  const batch =
    formed?.kind === "ours" ? await batchAgain(formed.batchId!) : await formBatch(source, ours, executionArn);
  return { status: "claimed", batch, resubmit, passedOver };
}

/** The version of an object, from its event or else as it is now; undefined when it is not there. */
async function versionOf({ bucket, key, etag, sizeBytes }: ArrivedObject): Promise<ManifestObject | undefined> {
  if (etag !== undefined && sizeBytes !== undefined) return { bucket, key, etag, sizeBytes };
  const head = await headObject({ bucket, key });
  return head && { bucket, key, ...head };
}

/** Freezes the objects that this execution claimed as a batch. */
async function formBatch(source: string, ours: readonly ManifestObject[], executionArn: string): Promise<BatchRef> {
  const objects = inManifestOrder(ours);
  const batchId = batchIdOf(source, objects);
  await putManifest(batchId, objects);
  const item: BatchItem = {
    source,
    status: "running",
    generation: 1,
    execution: executionArn,
    claimedAtMs: Date.now(),
    objectCount: objects.length,
    outputs: [],
  };
  const isNew = await createBatch(batchId, item);
  const batch = isNew ? item : await findBatch(batchId);
  if (batch?.execution !== executionArn)
    throw new Error(`Batch ${batchId} is in the ledger as that of ${batch?.execution}, but its objects were not`);
  await hold(batchId, batch, objects);
  return refOf(batchId, batch);
}

/** The batch that this execution formed in an attempt that did not get to its end. */
async function batchAgain(batchId: string): Promise<BatchRef> {
  const batch = await existingBatch(batchId);
  await hold(batchId, batch, await readManifest(batchId));
  return refOf(batchId, batch);
}

/** Runs an earlier batch once more, on its objects as they are now. */
async function claimAgain({ batchId, force }: BatchAgain, executionArn: string): Promise<Claim> {
  const batch = await existingBatch(batchId);
  const isOurs = batch.status === "running" && batch.execution === executionArn;
  if (batch.status === "running" && !isOurs && (await runningOf([batch.execution])).size > 0)
    return busy(nothingPassedOver());
  const manifest = await readManifest(batchId);
  const objects = await inParallel(manifest, CONCURRENT_CALLS, async (object) => {
    const head = await headObject(object);
    // A deleted object keeps its version here. Reading it then fails with ObjectVanished.
    return head ? { ...object, ...head } : object;
  });
  const hasChanged = objects.some(({ etag }, i) => etag !== manifest[i]!.etag);
  if (batch.status !== "running" && !hasChanged && !force)
    return nothingNew({ passedOver: { ...nothingPassedOver(), duplicates: objects.length } });
  if (!isOurs && !(await reclaimBatch(batchId, batch, executionArn))) return busy(nothingPassedOver());
  await putManifest(batchId, objects);
  await hold(batchId, { ...batch, execution: executionArn }, objects);
  return { status: "claimed", batch: refOf(batchId, batch), resubmit: [], passedOver: nothingPassedOver() };
}

/** Writes into each object which batch it belongs to, and the manifest for the tasks to come. */
async function hold(batchId: string, batch: BatchItem, objects: readonly ManifestObject[]) {
  const { source, execution } = batch;
  const items = objects.map((object): ObjectItem => ({ ...object, source, batchId, execution, status: "claimed" }));
  await putObjects(items);
  // From now on the day of arrival knows of the batch, whatever becomes of it.
  await putArrival(refOf(batchId, batch), arrivalItem("running", items));
  await stageManifest(batchId, objects);
}

async function existingBatch(batchId: string): Promise<BatchItem> {
  const batch = await findBatch(batchId);
  if (!batch) throw new Error(`The ledger has no batch ${batchId}`);
  return batch;
}

function refOf(batchId: string, { source, objectCount, claimedAtMs }: BatchItem): BatchRef {
  return { source, batchId, objectCount, claimedAtMs };
}

function nothingNew({ passedOver, resubmit = [] }: { passedOver: PassedOver; resubmit?: string[] }): Claim {
  return { status: "nothing-new", batch: null, resubmit, passedOver };
}

function busy(passedOver: PassedOver): Claim {
  return { status: "busy", batch: null, resubmit: [], passedOver };
}

export const handler = task(claimBatchInput, claimBatch);
