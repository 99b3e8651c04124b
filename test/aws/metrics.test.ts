import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

let publishCounts: typeof import("../../aws/metrics.ts").publishCounts;
beforeAll(async () => {
  // Otherwise the metrics have a console of their own.
  vi.stubEnv("POWERTOOLS_DEV", "true");
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
  vi.resetModules();
  ({ publishCounts } = await import("../../aws/metrics.ts"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

const counts = {
  ...{ objects: 3, recordedObjects: 1, truncatedObjects: 0, quarantinedObjects: 2, passedOverObjects: 0 },
  ...{ lines: 10, comments: 2, rows: 6, rejected: 2, files: 1, dates: 1 },
};

/** What the function's log says to CloudWatch. */
function published(run: () => void) {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line) => void lines.push(String(line)));
  run();
  return lines.filter((line) => line.includes("_aws")).map((line) => JSON.parse(line));
}
afterEach(() => vi.restoreAllMocks());

describe("publishCounts", () => {
  it("has the name, dimensions and unit that the alarms watch", () => {
    const [line] = published(() => publishCounts("alb", counts));
    expect(line).toMatchObject({ service: "sluice", source: "alb", QuarantinedObjects: 2, RejectedPercent: 25 });
    const [directive] = line._aws.CloudWatchMetrics;
    expect(directive.Namespace).toBe("Sluice");
    expect(directive.Dimensions[0].sort()).toEqual(["service", "source"]);
  });

  it("says nothing of a share where there is no record line", () => {
    const [line] = published(() => publishCounts("alb", { ...counts, rows: 0, rejected: 0 }));
    expect(line).not.toHaveProperty("RejectedPercent");
  });
});
