import { describe, expect, it } from "vitest";
import { crawlProgress } from "../../../lake/batch/crawl.ts";

describe("crawlProgress", () => {
  const last = { status: "succeeded" as const, startedAtMs: 100 };
  it.each([
    [{ isRunning: true, last }, "running"],
    [{ isRunning: false, last }, "succeeded"],
    [{ isRunning: false, last: { ...last, startedAtMs: 99 } }, "not-begun"],
    [{ isRunning: false, last: undefined }, "not-begun"],
    [{ isRunning: false, last: { ...last, status: "failed" as const } }, "failed"],
  ])("%#: counts only a crawl that began after it was asked for", (state, status) => {
    expect(crawlProgress({ name: "c", ...state }, 100).status).toBe(status);
  });
});
