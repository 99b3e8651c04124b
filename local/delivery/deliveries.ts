/**
 * Events on their way to their targets. Each is stored in the transaction that caused it, delivered at least once, retried
 * with growing pauses, and handed to the dead-letter queue when the target goes on refusing.
 */

import { randomUUID } from "node:crypto";
import type { Clock } from "../../engine/index.ts";
import { InProgress } from "../in-progress.ts";
import type { Store } from "../store.ts";
import type { Call } from "./call.ts";
import { deliver } from "./target-call.ts";

interface NewDelivery {
  targetArn: string;
  /** JSON text. */
  payload: string;
  /** The subject of the e-mail, when the target is a topic. */
  subject?: string | undefined;
  deadLetterArn?: string | undefined;
  /** Attempts after the first. AWS's default for rules and schedules is 185; here it is as many as a person waits for. */
  maxRetries?: number | undefined;
}

interface DeliveryRow {
  id: string;
  target_arn: string;
  payload: string;
  subject: string | null;
  dead_letter_arn: string | null;
  retries_left: number;
  attempts: number;
  due_ms: number;
}

const DEFAULT_RETRIES = 8;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;

export class Deliveries {
  readonly #store: Store;
  readonly #call: Call;
  readonly #clock: Clock;
  readonly #log: (message: string) => void;
  readonly #inProgress = new InProgress();
  readonly #timers = new Set<() => void>();
  #closed = true;

  constructor(options: { store: Store; call: Call; clock: Clock; log: (message: string) => void }) {
    this.#store = options.store;
    this.#call = options.call;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#store.define(`CREATE TABLE IF NOT EXISTS deliveries (
      id TEXT PRIMARY KEY, target_arn TEXT NOT NULL, payload TEXT NOT NULL, subject TEXT, dead_letter_arn TEXT,
      retries_left INTEGER NOT NULL, attempts INTEGER NOT NULL, due_ms INTEGER NOT NULL) STRICT`);
  }

  /** Goes on with what an earlier process left undelivered. */
  start(): void {
    this.#closed = false;
    for (const row of this.#store.all<DeliveryRow>("SELECT * FROM deliveries ORDER BY due_ms")) this.#schedule(row);
  }

  /** Lets attempts in progress end; what is left waits for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    await this.#inProgress.settled();
  }

  /** Takes an event on. Inside a transaction it is taken on when that commits. */
  enqueue(delivery: NewDelivery): void {
    const row: DeliveryRow = {
      id: randomUUID(),
      target_arn: delivery.targetArn,
      payload: delivery.payload,
      subject: delivery.subject ?? null,
      dead_letter_arn: delivery.deadLetterArn ?? null,
      retries_left: delivery.maxRetries ?? DEFAULT_RETRIES,
      attempts: 0,
      due_ms: this.#clock.now(),
    };
    this.#store.run(
      "INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      row.id,
      row.target_arn,
      row.payload,
      row.subject,
      row.dead_letter_arn,
      row.retries_left,
      row.attempts,
      row.due_ms,
    );
    this.#store.afterCommit(() => this.#schedule(row));
  }

  #schedule(row: DeliveryRow): void {
    if (this.#closed) return;
    const cancel = this.#clock.at(row.due_ms, () => {
      this.#timers.delete(cancel);
      const attempt = this.#attempt(row).catch((error: unknown) => this.#log(`deliveries: ${String(error)}`));
      void this.#inProgress.track(row.id, attempt);
    });
    this.#timers.add(cancel);
  }

  async #attempt(row: DeliveryRow): Promise<void> {
    try {
      await deliver(this.#call, {
        arn: row.target_arn,
        deliveryId: row.id,
        payload: row.payload,
        subject: row.subject ?? undefined,
      });
      this.#store.run("DELETE FROM deliveries WHERE id = ?", row.id);
    } catch (error) {
      await this.#refused(row, error as Error);
    }
  }

  async #refused(row: DeliveryRow, error: Error): Promise<void> {
    if (row.retries_left > 0) {
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** row.attempts);
      const next = {
        ...row,
        retries_left: row.retries_left - 1,
        attempts: row.attempts + 1,
        due_ms: this.#clock.now() + pauseMs,
      };
      this.#store.run(
        "UPDATE deliveries SET retries_left = ?, attempts = ?, due_ms = ? WHERE id = ?",
        next.retries_left,
        next.attempts,
        next.due_ms,
        row.id,
      );
      this.#schedule(next);
      return;
    }
    this.#log(`gave up delivering to ${row.target_arn} after ${row.attempts + 1} attempts: ${error.message}`);
    if (row.dead_letter_arn)
      await deliver(this.#call, { arn: row.dead_letter_arn, deliveryId: row.id, payload: row.payload }).catch(
        (dead: Error) => this.#log(`the dead-letter queue ${row.dead_letter_arn} refused as well: ${dead.message}`),
      );
    this.#store.run("DELETE FROM deliveries WHERE id = ?", row.id);
  }
}
