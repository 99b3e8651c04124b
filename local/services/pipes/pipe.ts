/**
 * EventBridge Pipes from a queue to a state machine: gathers messages for a while, starts one execution with all of
 * them, and deletes them once it is started.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-sqs.html
 */

import type { Clock } from "../../../engine/index.ts";
import type { Call } from "../../delivery/call.ts";
import { md5 } from "../sqs/message-digest.ts";
import { nameOfArn, type QueueMessage, type Queues } from "../sqs/queues.ts";

export interface PipeSettings {
  name: string;
  /** ARN of a queue. */
  source: string;
  /** ARN of a state machine. */
  target: string;
  /** Messages handed to one execution at most. */
  batchSize: number;
  /** How long to gather after the first message. */
  batchingWindowMs: number;
}

export interface PipeOptions {
  queues: Queues;
  call: Call;
  clock: Clock;
  region: string;
  log(message: string): void;
}

/** Step Functions takes 256 KiB of input; the brackets and commas between the messages need some of it. */
const MAX_INPUT_BYTES = 250 * 1024;
const IDLE_WAIT_MS = 20_000;
const PAUSE_AFTER_ERROR_MS = 1_000;

/** A message as a pipe hands it over. */
export interface PipeRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, string>;
  messageAttributes: Record<string, object>;
  md5OfBody: string;
  eventSource: "aws:sqs";
  eventSourceARN: string;
  awsRegion: string;
}

export class Pipe {
  readonly #settings: PipeSettings;
  readonly #options: PipeOptions;
  readonly #queue: string;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(settings: PipeSettings, options: PipeOptions) {
    this.#settings = settings;
    this.#options = options;
    this.#queue = nameOfArn(settings.source);
  }

  start(): void {
    // Whoever held these messages died with the process before; nobody else reads a pipe's queue.
    this.#options.queues.releaseInFlight(this.#queue);
    this.#loop = this.#run();
  }

  /** Gives messages that it has gathered and not handed over back to the queue. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { name, source, target, batchSize } = this.#settings;
    const refused = async (what: string, error: Error) => {
      this.#options.log(`pipe ${name} could not ${what}: ${error.message}`);
      await this.#pause(PAUSE_AFTER_ERROR_MS);
    };
    while (!this.#stopping.signal.aborted) {
      const messages = await this.#gather().catch(async (error: Error) => {
        await refused(`receive from ${source}`, error);
        return [];
      });
      const records = messages.map((message) => this.#record(message));
      for (const batch of inputBatches(records, batchSize)) {
        // The messages come back when their visibility timeout ends, and go to the dead-letter queue in the end.
        await this.#hand(batch).catch((error: Error) => refused(`start ${target}`, error));
      }
    }
  }

  /** Waits for a first message, then for the window to end or the batch to be full. Empty when the pipe stops. */
  async #gather(): Promise<QueueMessage[]> {
    const { queues, clock } = this.#options;
    const { batchSize, batchingWindowMs } = this.#settings;
    const { signal } = this.#stopping;
    const gathered: QueueMessage[] = [];
    let closesMs = Number.POSITIVE_INFINITY;
    while (!signal.aborted && gathered.length < batchSize) {
      const leftMs = closesMs - clock.now();
      if (leftMs <= 0) break;
      const messages = queues.receive(this.#queue, batchSize - gathered.length);
      if (messages.length && gathered.length === 0) closesMs = clock.now() + batchingWindowMs;
      gathered.push(...messages);
      if (!messages.length) await queues.wait(this.#queue, Math.min(leftMs, IDLE_WAIT_MS), signal);
    }
    if (signal.aborted && gathered.length) {
      queues.giveBack(
        this.#queue,
        gathered.map(({ receiptHandle }) => receiptHandle),
      );
      return [];
    }
    return gathered;
  }

  async #hand(batch: PipeRecord[]): Promise<void> {
    const { call, queues } = this.#options;
    await call("states", "StartExecution", { stateMachineArn: this.#settings.target, input: JSON.stringify(batch) });
    for (const { receiptHandle } of batch) queues.remove(this.#queue, receiptHandle);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.at(this.#options.clock.now() + ms, resolve);
      const stop = () => {
        cancel();
        resolve();
      };
      this.#stopping.signal.addEventListener("abort", stop, { once: true });
    });
  }

  #record(message: QueueMessage): PipeRecord {
    return {
      messageId: message.messageId,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: {
        ApproximateReceiveCount: String(message.receiveCount),
        SentTimestamp: String(message.sentMs),
        SenderId: "embedded",
        ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
      },
      messageAttributes: message.attributes,
      md5OfBody: md5(message.body),
      eventSource: "aws:sqs",
      eventSourceARN: this.#settings.source,
      awsRegion: this.#options.region,
    };
  }
}

/** Cuts records into batches that one execution takes, in order. */
export function inputBatches(records: PipeRecord[], batchSize: number): PipeRecord[][] {
  const batches: PipeRecord[][] = [];
  let bytes = 0;
  for (const record of records) {
    const recordBytes = Buffer.byteLength(JSON.stringify(record)) + 1;
    const open = batches.at(-1);
    if (open && open.length < batchSize && bytes + recordBytes <= MAX_INPUT_BYTES) {
      open.push(record);
      bytes += recordBytes;
    } else {
      batches.push([record]);
      bytes = recordBytes;
    }
  }
  return batches;
}
