/** Keeps the folder of objects small: by lifecycle rules, and by removing files that a dead process left. */
import type { Buckets } from "./buckets.ts";
import { applyLifecycle } from "./lifecycle.ts";
import type { ObjectFiles } from "./object-files.ts";
import type { Objects } from "./objects.ts";
import type { Uploads } from "./uploads.ts";

/** How often lifecycle rules are looked at. */
const TIDY_EVERY_MS = 3_600_000;

interface HousekeepingOptions {
  buckets: Buckets;
  files: ObjectFiles;
  objects: Objects;
  uploads: Uploads;
  now(): number;
  log(line: string): void;
}

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  readonly #startedMs = Date.now();
  readonly #closing = new AbortController();
  #tidying: NodeJS.Timeout | undefined;
  #sweeping: Promise<unknown> | undefined;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  start(): void {
    const { files, objects, uploads, now, log } = this.#options;
    const tidy = () => void applyLifecycle(this.#options, now());
    tidy();
    this.#tidying = setInterval(tidy, TIDY_EVERY_MS).unref();
    const known = new Set([...objects.paths(), ...uploads.paths()]);
    this.#sweeping = files
      .sweep(known, this.#startedMs, this.#closing.signal)
      .catch((error: unknown) => log(`s3: ${String(error)}`));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#tidying);
    await this.#sweeping;
  }
}
