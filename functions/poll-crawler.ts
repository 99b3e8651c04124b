import { z } from "zod";
import { crawlerState } from "../aws/catalog.ts";
import { type CrawlProgress, crawlProgress } from "../lake/batch/crawl.ts";
import { CrawlerFailed } from "../lake/errors.ts";
import { task } from "./task.ts";

const pollCrawlerInput = z.object({ crawler: z.string(), requestedAtMs: z.int() });

/**
 * Asks what became of a crawl.
 *
 * @throws {CrawlerFailed} When it ended without success.
 */
export async function pollCrawler({
  crawler,
  requestedAtMs,
}: z.output<typeof pollCrawlerInput>): Promise<Exclude<CrawlProgress, { status: "failed" }>> {
  const progress = crawlProgress(await crawlerState(crawler), requestedAtMs);
  if (progress.status === "failed") throw new CrawlerFailed(crawler, progress.reason);
  return progress;
}

export const handler = task(pollCrawlerInput, pollCrawler);
