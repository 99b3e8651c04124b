/**
 * Standard queues. A message is a row: sending is an insert, receiving hides it until its visibility timeout, and only
 * deleting it, or moving it to the dead-letter queue, takes it away. So no message can be lost between two steps.
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { MessageAttributeValue } from "@aws-sdk/client-sqs";
import type { FaultPlan } from "../../faults.ts";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import type { Place } from "../../wire/service.ts";

export interface Queue {
  name: string;
  arn: string;
  /** As in the API: all of them are texts. */
  attributes: Record<string, string>;
  createdMs: number;
}

export interface QueueMessage {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, MessageAttributeValue>;
  sentMs: number;
  firstReceivedMs: number;
  receiveCount: number;
  /** Where it failed before it came to this dead-letter queue. */
  sourceArn: string | undefined;
}

interface MessageRow {
  message_id: string;
  queue: string;
  body: string;
  attributes: string;
  sent_ms: number;
  visible_ms: number;
  first_received_ms: number | null;
  receive_count: number;
  receipt: string | null;
  source_arn: string | null;
}

const DEFAULT_ATTRIBUTES: Record<string, string> = {
  VisibilityTimeout: "30",
  MaximumMessageSize: "1048576",
  MessageRetentionPeriod: "345600",
  DelaySeconds: "0",
  ReceiveMessageWaitTimeSeconds: "0",
  SqsManagedSseEnabled: "true",
};

interface QueuesOptions {
  store: Store;
  place: Place;
  now(): number;
  faults: FaultPlan;
}

export class Queues {
  readonly #store: Store;
  readonly #place: Place;
  readonly #now: () => number;
  readonly #faults: FaultPlan;
  /** Receivers that wait for a message, by queue. */
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor({ store, place, now, faults }: QueuesOptions) {
    this.#store = store;
    this.#place = place;
    this.#now = now;
    this.#faults = faults;
    store.define(`
      CREATE TABLE IF NOT EXISTS sqs_queues (name TEXT PRIMARY KEY, attributes TEXT NOT NULL, created_ms INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS sqs_messages (
        message_id TEXT PRIMARY KEY, queue TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT NOT NULL,
        sent_ms INTEGER NOT NULL, visible_ms INTEGER NOT NULL, first_received_ms INTEGER, receive_count INTEGER NOT NULL,
        receipt TEXT, source_arn TEXT) STRICT;
      CREATE INDEX IF NOT EXISTS sqs_visible ON sqs_messages (queue, visible_ms);`);
  }

  arnOf(name: string): string {
    return `arn:aws:sqs:${this.#place.region}:${this.#place.accountId}:${name}`;
  }

  create(name: string, attributes: Record<string, string> = {}): Queue {
    if (name.endsWith(".fifo") || attributes.FifoQueue === "true") {
      throw new ServiceError("UnsupportedOperation", "The embedded cloud has no FIFO queues");
    }
    if (!/^[\w-]{1,80}$/.test(name)) {
      const why = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
      throw new ServiceError("InvalidParameterValue", why);
    }
    const all = JSON.stringify({ ...DEFAULT_ATTRIBUTES, ...attributes });
    this.#store.run("INSERT OR IGNORE INTO sqs_queues VALUES (?, ?, ?)", name, all, this.#now());
    return this.get(name);
  }

  find(name: string): Queue | undefined {
    const row = this.#store.get<{ attributes: string; created_ms: number }>(
      "SELECT attributes, created_ms FROM sqs_queues WHERE name = ?",
      name,
    );
    return row && { name, arn: this.arnOf(name), attributes: JSON.parse(row.attributes), createdMs: row.created_ms };
  }

  /** @throws {ServiceError} `QueueDoesNotExist`. */
  get(name: string): Queue {
    const queue = this.find(name);
    if (!queue) throw new ServiceError("QueueDoesNotExist", "The specified queue does not exist.");
    return queue;
  }

  list(): Queue[] {
    return this.#store
      .all<{ name: string }>("SELECT name FROM sqs_queues ORDER BY name")
      .map(({ name }) => this.get(name));
  }

  setAttributes(name: string, attributes: Record<string, string>): void {
    const merged = { ...this.get(name).attributes, ...attributes };
    for (const [key, value] of Object.entries(merged)) if (value === "") delete merged[key];
    this.#store.run("UPDATE sqs_queues SET attributes = ? WHERE name = ?", JSON.stringify(merged), name);
  }

  delete(name: string): void {
    this.get(name);
    this.#store.transaction(() => {
      this.#store.run("DELETE FROM sqs_messages WHERE queue = ?", name);
      this.#store.run("DELETE FROM sqs_queues WHERE name = ?", name);
    });
  }

  purge(name: string): void {
    this.get(name);
    this.#store.run("DELETE FROM sqs_messages WHERE queue = ?", name);
  }

  /** Part of the caller's transaction, where there is one: the message is durable exactly when its cause is. */
  send(
    name: string,
    body: string,
    {
      attributes = {},
      delaySeconds,
    }: { attributes?: Record<string, MessageAttributeValue>; delaySeconds?: number | undefined } = {},
  ): { messageId: string } {
    const queue = this.get(name);
    if (body === "") throw new ServiceError("MissingParameter", "The request must contain the parameter MessageBody.");
    const limit = Number(queue.attributes.MaximumMessageSize);
    if (Buffer.byteLength(body) > limit) {
      const why = `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`;
      throw new ServiceError("InvalidParameterValue", why);
    }
    const now = this.#now();
    const visibleMs = now + (delaySeconds ?? Number(queue.attributes.DelaySeconds)) * 1000;
    const messageId = randomUUID();
    this.#insert(messageId, name, body, JSON.stringify(attributes, encodeBinary), now, visibleMs, null);
    // SQS may deliver a message twice; a fault plan makes it happen.
    if (this.#faults.strikes("duplicate", `sqs:${name}`)) {
      this.#insert(randomUUID(), name, body, JSON.stringify(attributes, encodeBinary), now, visibleMs, null);
    }
    return { messageId };
  }

  /** Takes at most `limit` visible messages and hides them. Empty when no message is visible at this moment. */
  receive(name: string, limit: number, visibilitySeconds?: number): QueueMessage[] {
    return this.#store.transaction(() => {
      const queue = this.get(name);
      const now = this.#now();
      const retentionMs = Number(queue.attributes.MessageRetentionPeriod) * 1000;
      this.#store.run("DELETE FROM sqs_messages WHERE queue = ? AND sent_ms < ?", name, now - retentionMs);
      const rows = this.#store.all<MessageRow>(
        "SELECT * FROM sqs_messages WHERE queue = ? AND visible_ms <= ? ORDER BY visible_ms, rowid LIMIT ?",
        name,
        now,
        limit,
      );
      if (rows.length > 1 && this.#faults.strikes("reorder", `sqs:${name}`)) rows.reverse();
      const taken: QueueMessage[] = [];
      for (const row of rows) {
        if (this.#redrive(queue, row)) continue;
        const receipt = randomBytes(48).toString("base64");
        const seconds = visibilitySeconds ?? Number(queue.attributes.VisibilityTimeout);
        this.#store.run(
          `UPDATE sqs_messages SET visible_ms = ?, receipt = ?, receive_count = receive_count + 1,
            first_received_ms = coalesce(first_received_ms, ?) WHERE message_id = ?`,
          now + seconds * 1000,
          receipt,
          now,
          row.message_id,
        );
        taken.push({
          messageId: row.message_id,
          receiptHandle: receipt,
          body: row.body,
          attributes: JSON.parse(row.attributes, decodeBinary),
          sentMs: row.sent_ms,
          firstReceivedMs: row.first_received_ms ?? now,
          receiveCount: row.receive_count + 1,
          sourceArn: row.source_arn ?? undefined,
        });
      }
      return taken;
    });
  }

  /** Resolves when a message may be there, after `waitMs` at the latest, or when the signal says so. */
  wait(name: string, waitMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, waiting);
      // A hidden or delayed message becomes visible without anyone telling.
      const next = this.#store.get<{ visible_ms: number | null }>(
        "SELECT min(visible_ms) AS visible_ms FROM sqs_messages WHERE queue = ?",
        name,
      )?.visible_ms;
      const untilVisible = next === null || next === undefined ? waitMs : Math.max(0, next - this.#now());
      const done = () => {
        clearTimeout(timer);
        waiting.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(waitMs, untilVisible));
      waiting.add(done);
      signal?.addEventListener("abort", done, { once: true });
    });
  }

  /** Removing a message that is gone is not an error, as on AWS. */
  remove(name: string, receiptHandle: string): void {
    this.get(name);
    this.#store.run("DELETE FROM sqs_messages WHERE queue = ? AND receipt = ?", name, receiptHandle);
  }

  changeVisibility(name: string, receiptHandle: string, seconds: number): void {
    this.get(name);
    const visibleMs = this.#now() + seconds * 1000;
    const { changes } = this.#store.run(
      "UPDATE sqs_messages SET visible_ms = ? WHERE queue = ? AND receipt = ?",
      visibleMs,
      name,
      receiptHandle,
    );
    if (changes === 0) {
      throw new ServiceError("ReceiptHandleIsInvalid", `The input receipt handle "${receiptHandle}" is not valid.`);
    }
    this.#wake(name);
  }

  /** Shows messages again as if they had not been received: their receiver stops before it could handle them. */
  giveBack(name: string, receiptHandles: readonly string[]): void {
    this.#store.transaction(() => {
      for (const receipt of receiptHandles) {
        this.#store.run(
          "UPDATE sqs_messages SET visible_ms = ?, receipt = NULL, receive_count = receive_count - 1 WHERE queue = ? AND receipt = ?",
          this.#now(),
          name,
          receipt,
        );
      }
    });
    this.#wake(name);
  }

  /** Shows every message again that someone received and neither deleted nor gave back: its receiver is gone. */
  releaseInFlight(name: string): void {
    this.#store.run(
      "UPDATE sqs_messages SET visible_ms = ? WHERE queue = ? AND receipt IS NOT NULL AND visible_ms > ?",
      this.#now(),
      name,
      this.#now(),
    );
    this.#wake(name);
  }

  counts(name: string): { visible: number; inFlight: number; delayed: number; oldestMs: number | undefined } {
    const now = this.#now();
    const row = this.#store.get<{
      visible: number | null;
      hidden: number | null;
      delayed: number | null;
      oldest: number | null;
    }>(
      `SELECT sum(visible_ms <= ?) AS visible, sum(visible_ms > ? AND receipt IS NOT NULL) AS hidden,
        sum(visible_ms > ? AND receipt IS NULL) AS delayed, min(sent_ms) AS oldest FROM sqs_messages WHERE queue = ?`,
      now,
      now,
      now,
      name,
    );
    return {
      visible: row?.visible ?? 0,
      inFlight: row?.hidden ?? 0,
      delayed: row?.delayed ?? 0,
      oldestMs: row?.oldest ?? undefined,
    };
  }

  /** Queues whose failed messages end in this one. */
  sourcesOf(arn: string): Queue[] {
    return this.list().filter((queue) => redrivePolicyOf(queue)?.deadLetterTargetArn === arn);
  }

  /**
   * Moves every message of a dead-letter queue to `destination`, or each to the queue that it came from.
   *
   * @returns How many were moved.
   */
  moveAll(name: string, destination: string | undefined): number {
    return this.#store.transaction(() => {
      const sources = this.sourcesOf(this.arnOf(name));
      const rows = this.#store.all<MessageRow>("SELECT * FROM sqs_messages WHERE queue = ?", name);
      for (const row of rows) {
        const target = destination ?? nameOfArn(row.source_arn ?? sources[0]?.arn ?? "");
        this.get(target);
        this.#store.run("DELETE FROM sqs_messages WHERE message_id = ?", row.message_id);
        this.#insert(row.message_id, target, row.body, row.attributes, this.#now(), this.#now(), null);
      }
      return rows.length;
    });
  }

  /** A message that was received too often goes to the dead-letter queue instead. */
  #redrive(queue: Queue, row: MessageRow): boolean {
    const policy = redrivePolicyOf(queue);
    if (!policy || row.receive_count < policy.maxReceiveCount) return false;
    const target = nameOfArn(policy.deadLetterTargetArn);
    this.get(target);
    this.#store.run("DELETE FROM sqs_messages WHERE message_id = ?", row.message_id);
    // A message keeps its age on a standard queue's way to the dead-letter queue.
    this.#insert(row.message_id, target, row.body, row.attributes, row.sent_ms, this.#now(), queue.arn);
    return true;
  }

  #insert(
    messageId: string,
    queue: string,
    body: string,
    attributes: string,
    sentMs: number,
    visibleMs: number,
    sourceArn: string | null,
  ) {
    this.#store.run(
      "INSERT INTO sqs_messages VALUES (?, ?, ?, ?, ?, ?, NULL, 0, NULL, ?)",
      messageId,
      queue,
      body,
      attributes,
      sentMs,
      visibleMs,
      sourceArn,
    );
    this.#store.afterCommit(() => this.#wake(queue));
  }

  #wake(name: string): void {
    for (const done of [...(this.#waiting.get(name) ?? [])]) done();
  }
}

export const nameOfArn = (arn: string) => arn.split(":").at(-1)!;
export const nameOfUrl = (url: string | undefined) => url?.split("/").at(-1) ?? "";

function redrivePolicyOf(queue: Queue): { deadLetterTargetArn: string; maxReceiveCount: number } | undefined {
  const text = queue.attributes.RedrivePolicy;
  if (!text) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(text);
  return { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
}

const encodeBinary = (_: string, value: unknown) =>
  value instanceof Uint8Array ? { $binary: Buffer.from(value).toString("base64") } : value;
const decodeBinary = (_: string, value: { $binary?: string } | null) =>
  value && typeof value === "object" && value.$binary !== undefined ? Buffer.from(value.$binary, "base64") : value;
