import { z } from "zod";
import { startCrawler as start } from "../aws/catalog.ts";
import { environment } from "../aws/environment.ts";
import { task } from "./task.ts";

const startCrawlerInput = z.object({
  source: z.string(),
  /** When a crawl was first asked for, if this is not the first time. */
  requestedAtMs: z.int().nullable(),
});

/**
 * Asks for a crawl of a source.
 *
 * @throws {Error} When the source has no crawler in `sluice.config.ts`.
 */
export async function startCrawler({
  source,
  requestedAtMs,
}: z.output<typeof startCrawlerInput>): Promise<{ crawler: string; requestedAtMs: number }> {
  const crawlers: Record<string, string> = JSON.parse(environment("CRAWLERS"));
  const crawler = crawlers[source];
  if (!crawler) throw new Error(`Source "${source}" has no crawler: set \`crawler: true\` for it in sluice.config.ts`);
  const requested = { crawler, requestedAtMs: requestedAtMs ?? Date.now() };
  await start(crawler);
  return requested;
}

export const handler = task(startCrawlerInput, startCrawler);
