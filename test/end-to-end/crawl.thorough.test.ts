import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aLake, type Lake } from "./a-lake.ts";

describe("catalog", () => {
  let lake: Lake;
  beforeAll(async () => {
    lake = await aLake();
  });
  afterAll(() => lake.stop());

  it("finds by crawling what was not registered", async () => {
    const crawled = await lake.run("Catalog", { source: "cloudfront", crawl: true });
    expect(crawled).toMatchObject({ status: "SUCCEEDED", output: { source: "cloudfront", registered: 0 } });
  });
});
