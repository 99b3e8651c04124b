/** The objects that an `ingest` execution is about, from its input. */
import { z } from "zod";
import { type ObjectRef, s3Uri } from "../object-ref.ts";
import { type LakeConfig, sourceOfKey } from "../sources/config.ts";
import { type ArrivedObject, isLater, readS3Message, type S3Message } from "./s3-event.ts";

/** Messages of the source's queue, as the pipe hands them over. */
const queueRecords = z
  .array(z.object({ messageId: z.string(), body: z.string(), eventSourceARN: z.string().optional() }))
  .min(1);
/** The input of a person. Keys are not encoded. */
const namedObjects = z.object({
  source: z.string(),
  objects: z
    .array(z.object({ bucket: z.string(), key: z.string() }))
    .min(1)
    .max(1000),
});
/** An earlier batch once more. */
const batchAgain = z.object({
  batchId: z.string(),
  /** Even when none of its objects has changed. */
  force: z.boolean().optional(),
});

export const ingestInput = z.union([queueRecords, namedObjects, batchAgain]);
type IngestInput = z.output<typeof ingestInput>;
export type BatchAgain = z.output<typeof batchAgain>;

/** Objects and messages that are passed over, counted by reason. */
export interface PassedOver {
  duplicates: number;
  testEvents: number;
  folders: number;
  emptyObjects: number;
  inFlight: number;
  /** Objects that were named without their version and are not there. */
  vanished: number;
  /** Messages that went to the dead-letter queue, with their cause. */
  misdelivered: number;
}

/** A message that has no business in its queue, or names something that has none. Somebody has to look at it. */
export interface Misdelivery {
  readonly messageId: string;
  readonly body: string;
  readonly cause: string;
}

interface Arrivals {
  /** Absent when nothing tells it. */
  readonly source: string | undefined;
  readonly objects: readonly ArrivedObject[];
  readonly passedOver: PassedOver;
  readonly misdelivered: readonly Misdelivery[];
}

/** The queues and the bucket that arrivals come from. What is not known is not compared. */
export interface ArrivalPlace {
  readonly rawBucket?: string;
  /** The account that the queues are in. */
  readonly accountId?: string;
  /** The name of each source's queue. */
  readonly queues?: Readonly<Record<string, string>>;
}

/** Objects that a person named do not belong to the source, or nothing tells which source messages are of. */
export class MixedArrivals extends Error {
  override readonly name = "MixedArrivals";
}

export const nothingPassedOver = (): PassedOver => ({
  duplicates: 0,
  testEvents: 0,
  folders: 0,
  emptyObjects: 0,
  inFlight: 0,
  vanished: 0,
  misdelivered: 0,
});

/** The console makes an empty object that ends in a slash where a person makes a folder. One with bytes is an object. */
export function isFolder({ key, sizeBytes }: { key: string; sizeBytes: number }): boolean {
  return sizeBytes === 0 && key.endsWith("/");
}

/**
 * Lists each object that an execution was started for once, in its latest version, and counts what is passed over: test
 * events and repetitions. Folders and empty objects are listed: only the ledger knows whether they had bytes before.
 *
 * A queue message that is not an event of S3, or names an object that its queue is not for, costs itself alone: it is listed
 * with its cause, and the others go on. A good record beside a bad one of the same message goes on as well.
 *
 * @throws {MixedArrivals} When objects that a person named are not the source's, or when no queue and no object tells of one
 *   source.
 */
export function arrivalsOf(
  input: Exclude<IngestInput, BatchAgain>,
  config: LakeConfig,
  place: ArrivalPlace = {},
): Arrivals {
  const passedOver = nothingPassedOver();
  const latest = new Map<string, ArrivedObject>();
  const add = (object: ArrivedObject) => {
    const name = s3Uri(object);
    const other = latest.get(name);
    if (other) passedOver.duplicates++;
    if (!other || isLater(object, other)) latest.set(name, object);
  };
  if (!Array.isArray(input)) {
    const { source } = input;
    for (const object of input.objects) {
      const problem = problemOf(object, source, config, place);
      if (problem) throw new MixedArrivals(problem);
      add(object);
    }
    return { source, objects: [...latest.values()], passedOver, misdelivered: [] };
  }
  const messages = input.map((record) => ({ record, message: readS3Message(record.body) }));
  const source =
    sourceOfQueue(input, place) ??
    onlySource(
      messages.flatMap(({ message }) => objectsOf(message)),
      config,
    );
  const misdelivered: Misdelivery[] = [];
  for (const { record, message } of messages) {
    if (message.kind === "test") {
      passedOver.testEvents++;
      continue;
    }
    const problems = [...message.problems];
    const queueProblem = problemOfQueue(record.eventSourceARN, place);
    if (queueProblem) problems.push(queueProblem);
    for (const object of message.objects) {
      const problem = problemOf(object, source, config, place);
      if (problem) problems.push(problem);
      else if (!queueProblem) add(object);
    }
    if (problems.length > 0)
      misdelivered.push({ messageId: record.messageId, body: record.body, cause: problems.join("; ") });
  }
  if (source === undefined && misdelivered.length > 0)
    throw new MixedArrivals(`No message tells which source it is for. The first: ${misdelivered[0]!.cause}`);
  passedOver.misdelivered = misdelivered.length;
  return { source, objects: [...latest.values()], passedOver, misdelivered };
}

/** Why an object is not one of the source; undefined when it is. */
function problemOf(
  object: ObjectRef,
  source: string | undefined,
  config: LakeConfig,
  { rawBucket }: ArrivalPlace,
): string | undefined {
  if (rawBucket !== undefined && object.bucket !== rawBucket)
    return `${s3Uri(object)} is not in the raw bucket, ${rawBucket}`;
  const found = sourceOfKey(config, object.key);
  if (found === undefined) return `${s3Uri(object)} does not lie under the prefix of any source of sluice.config.ts`;
  if (found === source) return undefined;
  return `${s3Uri(object)} does not lie under the prefix of source "${source}" but of "${found}"`;
}

/** Queue ARNs are `arn:aws:sqs:<region>:<account>:<name>`. */
function problemOfQueue(queueArn: string | undefined, { accountId }: ArrivalPlace): string | undefined {
  const account = queueArn?.split(":")[4];
  if (account === undefined || accountId === undefined || account === accountId) return undefined;
  return `it comes from a queue of another account, ${queueArn}`;
}

function sourceOfQueue(
  records: readonly { eventSourceARN?: string | undefined }[],
  { queues = {} }: ArrivalPlace,
): string | undefined {
  const names = new Set(records.map(({ eventSourceARN }) => eventSourceARN?.split(":").at(-1)));
  return Object.entries(queues).find(([, queue]) => names.has(queue))?.[0];
}

/**
 * The source of all objects, where no queue tells it: whoever started the execution was not the pipe.
 *
 * @throws {MixedArrivals} When they are of several.
 */
function onlySource(objects: readonly ObjectRef[], config: LakeConfig): string | undefined {
  const sources = [...new Set(objects.flatMap(({ key }) => sourceOfKey(config, key) ?? []))];
  if (sources.length > 1) throw new MixedArrivals(`Objects of several sources came together: ${sources.join(", ")}`);
  return sources[0];
}

function objectsOf(message: S3Message): readonly ArrivedObject[] {
  return message.kind === "event" ? message.objects : [];
}
