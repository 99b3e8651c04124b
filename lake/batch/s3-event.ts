/**
 * The events that S3 sends to a queue.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
import { z } from "zod";
import type { ObjectRef } from "../object-ref.ts";

const s3Event = z.union([
  z.object({ Event: z.literal("s3:TestEvent") }),
  z.object({
    Records: z.array(
      z.object({
        s3: z.object({
          bucket: z.object({ name: z.string() }),
          object: z.object({
            /** Form-encoded: a space is "+". */
            key: z.string(),
            size: z.int().min(0).optional(),
            eTag: z.string().optional(),
            /** Orders the events of one key; hexadecimal, of any length. */
            sequencer: z.string().optional(),
          }),
        }),
      }),
    ),
  }),
]);

export interface ArrivedObject extends ObjectRef {
  /** Without quotes. */
  readonly etag?: string | undefined;
  readonly sizeBytes?: number | undefined;
  readonly sequencer?: string | undefined;
}

/** The body is not a message of S3. Whoever put it into the queue has to look at it. */
export class NotAnS3Event extends Error {
  override readonly name = "NotAnS3Event";
}

/**
 * Reads the body of one queue message.
 *
 * @returns The objects it names; `undefined` for the test that S3 sends when notifications are set up.
 * @throws {NotAnS3Event}
 */
export function readS3Event(body: string): ArrivedObject[] | undefined {
  const event = s3Event.safeParse(parseJson(body));
  if (!event.success) throw new NotAnS3Event(`A message is not an event of S3: ${body.slice(0, 200)}`);
  if ("Event" in event.data) return undefined;
  return event.data.Records.map(({ s3: { bucket, object } }) => ({
    bucket: bucket.name,
    key: decodeKey(object.key),
    etag: object.eTag,
    sizeBytes: object.size,
    sequencer: object.sequencer,
  }));
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
