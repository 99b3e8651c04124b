/** The progress of a crawl that was asked for. */

/** The state of a crawler, from Glue. */
export interface CrawlerState {
  readonly name: string;
  /** A crawl is in progress or being stopped. */
  readonly isRunning: boolean;
  /** The last crawl that ended. */
  readonly last?:
    | { readonly status: "succeeded" | "failed"; readonly startedAtMs: number; readonly reason?: string | undefined }
    | undefined;
}

export type CrawlProgress =
  | { status: "running" }
  | { status: "succeeded" }
  /** The last crawl began before it was asked for, so it may have passed the new files: one more is needed. */
  | { status: "not-begun" }
  | { status: "failed"; reason: string };

export function crawlProgress({ isRunning, last }: CrawlerState, requestedAtMs: number): CrawlProgress {
  if (isRunning) return { status: "running" };
  if (!last || last.startedAtMs < requestedAtMs) return { status: "not-begun" };
  if (last.status === "failed") return { status: "failed", reason: last.reason ?? "Glue gives no reason" };
  return { status: "succeeded" };
}
