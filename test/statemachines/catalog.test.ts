import { describe, expect, it } from "vitest";
import { type Answer, play } from "./play.ts";

const registered: Answer = { result: { registered: 2 } };
const started: Answer = { result: { crawler: "the-crawler", requestedAtMs: 7 } };
const progress = (status: string): Answer => ({ result: { status } });

describe("the catalog machine", () => {
  it("registers days and does not crawl unless asked", async () => {
    const played = await play(
      "catalog",
      { source: "alb", dates: ["2026-01-17"] },
      { "Register partitions": registered },
    );
    expect(played).toMatchObject({ status: "SUCCEEDED", output: { source: "alb", registered: 2 } });
    expect(played.calls("Register partitions")).toEqual([{ source: "alb", dates: ["2026-01-17"], rejectedDates: [] }]);
    expect(played.path).not.toContain("Start crawler");
  });

  it("starts another crawl when the one that ran had begun too early, with the time of the first request", async () => {
    const played = await play(
      "catalog",
      { source: "cloudfront", crawl: true },
      {
        "Register partitions": registered,
        "Start crawler": started,
        "Poll crawler": [progress("running"), progress("not-begun"), progress("running"), progress("succeeded")],
      },
    );
    expect(played.status).toBe("SUCCEEDED");
    expect(played.calls("Start crawler")).toEqual([
      { source: "cloudfront", requestedAtMs: null },
      { source: "cloudfront", requestedAtMs: 7 },
    ]);
  });

  it("fails as CrawlerFailed when the crawl failed", async () => {
    const played = await play(
      "catalog",
      { source: "cloudfront", crawl: true },
      {
        "Register partitions": registered,
        "Start crawler": started,
        "Poll crawler": { error: "CrawlerFailed", message: "Access denied" },
      },
    );
    expect(played).toMatchObject({ status: "FAILED", error: "CrawlerFailed", cause: "Access denied" });
  });

  it("gives up on a crawl that does not end", async () => {
    const played = await play(
      "catalog",
      { source: "cloudfront", crawl: true },
      { "Register partitions": registered, "Start crawler": started, "Poll crawler": progress("running") },
    );
    expect(played).toMatchObject({ status: "FAILED", error: "CrawlerFailed" });
    expect(played.cause).toContain("the-crawler");
    expect(played.calls("Poll crawler")).toHaveLength(60);
  });
});
