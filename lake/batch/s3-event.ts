/**
 * The events that S3 sends to a queue.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
import { z } from "zod";
import type { ObjectRef } from "../object-ref.ts";

const testEvent = z.object({ Event: z.literal("s3:TestEvent") });

const s3Event = z.object({ Records: z.array(z.unknown()).min(1) });

/** One record of an event. Whatever says that it is about something else than a new object of S3 is refused. */
const newObject = z.object({
  eventSource: z.literal("aws:s3").optional(),
  eventName: z
    .string()
    .regex(/^(s3:)?ObjectCreated:/)
    .optional(),
  s3: z.object({
    bucket: z.object({ name: z.string().min(1) }),
    object: z.object({
      /** Form-encoded: a space is "+". */
      key: z.string().min(1),
      size: z.int().min(0).optional(),
      eTag: z.string().optional(),
      /** Orders the events of one key; hexadecimal, of any length. */
      sequencer: z.string().optional(),
    }),
  }),
});

export interface ArrivedObject extends ObjectRef {
  /** Without quotes. */
  readonly etag?: string | undefined;
  readonly sizeBytes?: number | undefined;
  readonly sequencer?: string | undefined;
}

/** A message of the queue, read. */
export type S3Message =
  /** The test that S3 sends when notifications are set up. */
  | { kind: "test" }
  /** `problems` says of each record that tells of no new object what is wrong with it. */
  | { kind: "event"; objects: ArrivedObject[]; problems: string[] };

/** Reads the body of one queue message. What is not a message of S3 is an event with a problem. */
export function readS3Message(body: string): S3Message {
  const parsed = parseJson(body);
  if (testEvent.safeParse(parsed).success) return { kind: "test" };
  const event = s3Event.safeParse(parsed);
  if (!event.success) return { kind: "event", objects: [], problems: ["it is not an event of S3"] };
  const objects: ArrivedObject[] = [];
  const problems: string[] = [];
  for (const [n, record] of event.data.Records.entries()) {
    const read = newObject.safeParse(record);
    const key = read.success ? decodedKey(read.data.s3.object.key) : undefined;
    if (!read.success) problems.push(`record ${n} tells of no new object: ${problemOf(read.error)}`);
    else if (key === undefined)
      problems.push(`record ${n}: the key ${read.data.s3.object.key} is not encoded as S3 does`);
    else {
      const { bucket, object } = read.data.s3;
      objects.push({
        bucket: bucket.name,
        key,
        etag: object.eTag,
        sizeBytes: object.size,
        sequencer: object.sequencer,
      });
    }
  }
  return { kind: "event", objects, problems };
}

function problemOf({ issues: [issue] }: z.ZodError): string {
  return `${issue!.path.join(".") || "it"}: ${issue!.message}`;
}

function decodedKey(encodedKey: string): string | undefined {
  try {
    return decodeKey(encodedKey);
  } catch {
    return undefined;
  }
}

/** S3 writes keys as HTML forms write values: a space is "+", which decodeURIComponent leaves alone. */
export function decodeKey(encodedKey: string): string {
  return decodeURIComponent(encodedKey.replaceAll("+", " "));
}

/** Tells whether event `a` of a key came after its event `b`. Without sequencers `a` did, as it is later in the list. */
export function isLater(a: ArrivedObject, b: ArrivedObject): boolean {
  if (a.sequencer === undefined || b.sequencer === undefined) return true;
  const length = Math.max(a.sequencer.length, b.sequencer.length);
  return a.sequencer.padStart(length, "0") >= b.sequencer.padStart(length, "0");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
