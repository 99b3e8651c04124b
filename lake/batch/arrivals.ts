/** The objects that an `ingest` execution is about, from its input. */
import { z } from "zod";
import { type ObjectRef, s3Uri } from "../object-ref.ts";
import { type LakeConfig, sourceOfKey } from "../sources/config.ts";
import { type ArrivedObject, isLater, readS3Event } from "./s3-event.ts";

/** Messages of the source's queue, as the pipe hands them over. */
const queueRecords = z.array(z.object({ messageId: z.string(), body: z.string() })).min(1);
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
}

interface Arrivals {
  /** Absent when nothing is left to ask about. */
  readonly source: string | undefined;
  readonly objects: readonly ArrivedObject[];
  readonly passedOver: PassedOver;
}

/** The objects do not belong together, so they cannot be one batch. */
export class MixedArrivals extends Error {
  override readonly name = "MixedArrivals";
}

export const nothingPassedOver = (): PassedOver => ({
  duplicates: 0,
  testEvents: 0,
  folders: 0,
  emptyObjects: 0,
  inFlight: 0,
});

/**
 * Lists each object that an execution was started for once, in its latest version, and counts what is passed over: test
 * events, folders and repetitions. Empty objects are listed: only the ledger knows whether they had bytes before.
 *
 * @throws {MixedArrivals} When objects are of several sources or of none.
 * @throws {NotAnS3Event} When a queue message is not an event of S3.
 */
export function arrivalsOf(input: Exclude<IngestInput, BatchAgain>, config: LakeConfig): Arrivals {
  const passedOver = nothingPassedOver();
  const latest = new Map<string, ArrivedObject>();
  const add = (object: ArrivedObject) => {
    // The console makes an empty object that ends in a slash where a person makes a folder.
    if (object.key.endsWith("/")) passedOver.folders++;
    else {
      const name = s3Uri(object);
      const other = latest.get(name);
      if (other) passedOver.duplicates++;
      if (!other || isLater(object, other)) latest.set(name, object);
    }
  };
  if (Array.isArray(input)) {
    for (const { body } of input) {
      const objects = readS3Event(body);
      if (!objects) passedOver.testEvents++;
      else for (const object of objects) add(object);
    }
  } else for (const object of input.objects) add(object);
  const objects = [...latest.values()];
  return { source: sourceOf(input, objects, config), objects, passedOver };
}

function sourceOf(
  input: Exclude<IngestInput, BatchAgain>,
  objects: readonly ObjectRef[],
  config: LakeConfig,
): string | undefined {
  const sources = new Map(objects.map((object) => [sourceOfKey(config, object.key), object]));
  const strays = [...sources].filter(
    ([source]) => source === undefined || (!Array.isArray(input) && source !== input.source),
  );
  if (strays.length > 0) {
    const expected = Array.isArray(input) ? "any source of sluice.config.ts" : `source "${input.source}"`;
    throw new MixedArrivals(`${s3Uri(strays[0]![1])} does not lie under the prefix of ${expected}`);
  }
  if (sources.size > 1)
    throw new MixedArrivals(`Objects of several sources came together: ${[...sources.keys()].join(", ")}`);
  return [...sources.keys()][0];
}
