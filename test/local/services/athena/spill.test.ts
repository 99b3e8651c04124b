import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Lake } from "./lake.ts";

let lake: Lake;
afterEach(() => lake.close());

describe("a query that needs more memory than it may have", () => {
  const SORT =
    "SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY md5(to_utf8(CAST(x AS varchar)))) AS r FROM UNNEST(sequence(1, 3000000)) AS u (x))";

  it("spills into its own folder", async () => {
    lake = new Lake({ memoryLimit: "150MB" });
    await lake.executions.close();
    lake.reopenAthena({ memoryLimit: "150MB", spillDirectory: join(lake.folder, "spill") });
    expect((await lake.ask(SORT)).rows).toEqual([["3000000"]]);
  });

  it("fails by name where there is nowhere to spill to", async () => {
    lake = new Lake({ memoryLimit: "50MB" });
    expect(await lake.reason(SORT)).toMatch(/EXCEEDED_LOCAL_MEMORY_LIMIT|disabled/);
  });
});
