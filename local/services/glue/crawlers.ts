/**
 * Crawlers and the history of their crawls. Tables are declared, never inferred: a target below which no table of the
 * crawler's database lies fails the crawl and says so.
 *
 * @see https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Crawler, CrawlerHistory, CreateCrawlerRequest, LastCrawlInfo } from "@aws-sdk/client-glue";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import { type Catalog, notFound } from "./catalog.ts";
import { crawl as crawlOnce } from "./crawl.ts";
import type { TableObjects } from "./table-objects.ts";

type CrawlStatus = "RUNNING" | "COMPLETED" | "FAILED" | "STOPPED";

/** Times are milliseconds since the epoch. */
interface StoredCrawl {
  crawlId: string;
  crawler: string;
  state: CrawlStatus;
  startTime: number;
  endTime?: number;
  partitionsAdded: number;
  partitionsDeleted: number;
  errorMessage?: string;
}

interface StoredCrawler {
  name: string;
  input: CreateCrawlerRequest;
  state: "READY" | "RUNNING" | "STOPPING";
  creationTime: number;
  lastUpdated: number;
  version: number;
}

interface Running {
  abort: AbortController;
  done: Promise<void>;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS glue_crawlers (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS glue_crawls (
    sequence INTEGER PRIMARY KEY, crawl_id TEXT NOT NULL UNIQUE, crawler TEXT NOT NULL, body TEXT NOT NULL) STRICT;
`;

const LOG_GROUP = "/aws-glue/crawlers";

interface CrawlersOptions {
  store: Store;
  catalog: Catalog;
  objects: TableObjects;
  /**
   * How long a crawl takes at least, so that whoever polls has something to wait for. AWS takes minutes.
   * Default: one second.
   */
  crawlDurationMs?: number;
}

export class Crawlers {
  readonly #store: Store;
  readonly #catalog: Catalog;
  readonly #objects: TableObjects;
  readonly #crawlDurationMs: number;
  readonly #running = new Map<string, Running>();

  constructor({ store, catalog, objects, crawlDurationMs = 1000 }: CrawlersOptions) {
    this.#store = store;
    this.#catalog = catalog;
    this.#objects = objects;
    this.#crawlDurationMs = crawlDurationMs;
    store.define(SCHEMA);
    this.#closeInterrupted();
  }

  /** A crawl does not outlive the process. Whoever polls must see it fail instead of RUNNING for ever. */
  #closeInterrupted(): void {
    for (const crawler of this.#all()) {
      if (crawler.state === "READY") continue;
      const crawl = this.#crawls(crawler.name)[0];
      if (crawl?.state === "RUNNING") {
        const errorMessage = "The embedded cloud stopped while the crawler ran.";
        this.#putCrawl({ ...crawl, state: "FAILED", endTime: crawl.startTime, errorMessage });
      }
      this.#put({ ...crawler, state: "READY" });
    }
  }

  create(input: CreateCrawlerRequest, now: number): void {
    const name = input.Name;
    if (!name) throw new ServiceError("InvalidInputException", "Crawler name cannot be null or empty.");
    if (this.#find(name)) throw new ServiceError("AlreadyExistsException", `${name} already exists`);
    checkRunnable(input);
    this.#put({ name, input, state: "READY", creationTime: now, lastUpdated: now, version: 1 });
  }

  update(input: Partial<CreateCrawlerRequest> & { Name?: string | undefined }, now: number): void {
    const old = this.#get(input.Name);
    if (old.state !== "READY") throw runningAlready(old.name);
    const merged = { ...old.input, ...input };
    checkRunnable(merged);
    this.#put({ ...old, input: merged, lastUpdated: now, version: old.version + 1 });
  }

  delete(name: string | undefined): void {
    const crawler = this.#get(name);
    if (crawler.state !== "READY") throw runningAlready(crawler.name);
    this.#store.run("DELETE FROM glue_crawlers WHERE name = ?", crawler.name);
  }

  describe(name: string | undefined, now: number): Crawler {
    const { input, ...stored } = this.#get(name);
    const last = this.#crawls(stored.name).find((crawl) => crawl.state !== "RUNNING");
    const current = stored.state === "READY" ? undefined : this.#crawls(stored.name)[0];
    const { Schedule: _, Tags: __, CrawlerSecurityConfiguration, ...shown } = input;
    return {
      ...shown,
      ...(CrawlerSecurityConfiguration ? { CrawlerSecurityConfiguration } : {}),
      State: stored.state,
      CrawlElapsedTime: current ? now - current.startTime : 0,
      CreationTime: new Date(stored.creationTime),
      LastUpdated: new Date(stored.lastUpdated),
      Version: stored.version,
      ...(last ? { LastCrawl: lastCrawlInfo(last) } : {}),
    };
  }

  names(): string[] {
    return this.#all().map((crawler) => crawler.name);
  }

  /** Newest first. */
  history(name: string | undefined): CrawlerHistory[] {
    return this.#crawls(this.#get(name).name).map((crawl) => ({
      CrawlId: crawl.crawlId,
      State: crawl.state,
      StartTime: new Date(crawl.startTime),
      ...(crawl.endTime === undefined ? {} : { EndTime: new Date(crawl.endTime) }),
      Summary: JSON.stringify({
        PARTITION: { ADDED: crawl.partitionsAdded, DELETED: crawl.partitionsDeleted },
      }),
      ...(crawl.errorMessage ? { ErrorMessage: crawl.errorMessage } : {}),
      LogGroup: LOG_GROUP,
      LogStream: crawl.crawler,
      MessagePrefix: crawl.crawlId,
      DPUHour: 0,
    }));
  }

  /** @throws {ServiceError} CrawlerRunningException when it is not READY; AWS has no queue of crawls either. */
  start(name: string | undefined, now: () => number): void {
    const crawler = this.#get(name);
    if (crawler.state !== "READY") throw runningAlready(crawler.name);
    const crawl: StoredCrawl = {
      crawlId: randomUUID(),
      crawler: crawler.name,
      state: "RUNNING",
      startTime: now(),
      partitionsAdded: 0,
      partitionsDeleted: 0,
    };
    this.#putCrawl(crawl);
    this.#put({ ...crawler, state: "RUNNING" });
    const abort = new AbortController();
    const done = this.#run(crawler, crawl, abort.signal, now).finally(() => this.#running.delete(crawler.name));
    this.#running.set(crawler.name, { abort, done });
  }

  stop(name: string | undefined): void {
    const crawler = this.#get(name);
    if (crawler.state === "STOPPING") {
      throw new ServiceError("CrawlerStoppingException", `Crawler with name ${crawler.name} is stopping`);
    }
    const running = this.#running.get(crawler.name);
    if (crawler.state === "READY" || !running) {
      throw new ServiceError("CrawlerNotRunningException", `Crawler with name ${crawler.name} is not running`);
    }
    this.#put({ ...crawler, state: "STOPPING" });
    running.abort.abort();
  }

  /** Ends the crawls that run. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort();
    await Promise.all(running.map(({ done }) => done));
  }

  async #run(crawler: StoredCrawler, crawl: StoredCrawl, stopped: AbortSignal, now: () => number): Promise<void> {
    let end: StoredCrawl;
    try {
      const { input } = crawler;
      const counts = await crawlOnce({ catalog: this.#catalog, objects: this.#objects, crawler: input, stopped, now });
      await sleep(this.#crawlDurationMs, undefined, { signal: stopped });
      end = { ...crawl, ...counts, state: "COMPLETED", endTime: now() };
    } catch (error) {
      end = stopped.aborted
        ? { ...crawl, state: "STOPPED", endTime: now() }
        : {
            ...crawl,
            state: "FAILED",
            endTime: now(),
            errorMessage: error instanceof Error ? error.message : String(error),
          };
    }
    this.#putCrawl(end);
    this.#put({ ...this.#get(crawler.name), state: "READY" });
  }

  #all(): StoredCrawler[] {
    const rows = this.#store.all<{ body: string }>("SELECT body FROM glue_crawlers ORDER BY name");
    return rows.map((row) => JSON.parse(row.body) as StoredCrawler);
  }

  #find(name: string): StoredCrawler | null {
    const row = this.#store.get<{ body: string }>("SELECT body FROM glue_crawlers WHERE name = ?", name);
    return row ? (JSON.parse(row.body) as StoredCrawler) : null;
  }

  #get(name: string | undefined): StoredCrawler {
    const crawler = this.#find(name ?? "");
    if (!crawler) throw notFound(`Crawler with name ${name} does not exist`);
    return crawler;
  }

  #put(crawler: StoredCrawler): void {
    this.#store.run(
      "INSERT OR REPLACE INTO glue_crawlers (name, body) VALUES (?, ?)",
      crawler.name,
      JSON.stringify(crawler),
    );
  }

  #crawls(crawler: string): StoredCrawl[] {
    const rows = this.#store.all<{ body: string }>(
      "SELECT body FROM glue_crawls WHERE crawler = ? ORDER BY sequence DESC",
      crawler,
    );
    return rows.map((row) => JSON.parse(row.body) as StoredCrawl);
  }

  #putCrawl(crawl: StoredCrawl): void {
    this.#store.run(
      `INSERT INTO glue_crawls (crawl_id, crawler, body) VALUES (?, ?, ?)
         ON CONFLICT (crawl_id) DO UPDATE SET body = excluded.body`,
      crawl.crawlId,
      crawl.crawler,
      JSON.stringify(crawl),
    );
  }
}

function lastCrawlInfo(crawl: StoredCrawl): LastCrawlInfo {
  const status = { COMPLETED: "SUCCEEDED", FAILED: "FAILED", STOPPED: "CANCELLED" } as const;
  return {
    Status: status[crawl.state as Exclude<CrawlStatus, "RUNNING">],
    ...(crawl.errorMessage ? { ErrorMessage: crawl.errorMessage } : {}),
    LogGroup: LOG_GROUP,
    LogStream: crawl.crawler,
    MessagePrefix: crawl.crawlId,
    StartTime: new Date(crawl.startTime),
  };
}

function checkRunnable(input: CreateCrawlerRequest): void {
  const { S3Targets, CatalogTargets, ...others } = input.Targets ?? {};
  const other = Object.entries(others).find(([, targets]) => targets && targets.length > 0);
  if (other)
    throw new ServiceError(
      "InvalidInputException",
      `The embedded cloud crawls S3 and catalog targets, not ${other[0]}.`,
    );
  if (!S3Targets?.length && !CatalogTargets?.length) {
    throw new ServiceError("InvalidInputException", "Crawler must have at least one target.");
  }
  if (input.Schedule) {
    throw new ServiceError(
      "InvalidInputException",
      "The embedded cloud runs no crawler schedules: start it from a schedule of its own.",
    );
  }
}

function runningAlready(name: string): ServiceError {
  return new ServiceError("CrawlerRunningException", `Crawler with name ${name} has already started`);
}
