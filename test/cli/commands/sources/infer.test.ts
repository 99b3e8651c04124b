import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sluice } from "../../in-process.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-infer-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("sluice sources infer", () => {
  const sample = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };

  it("prints an entry for the configuration, and what it is not sure of for people", async () => {
    const path = await sample("web.orders.json", '{"orderId":1,"createdAt":"2026-01-17T10:00:00","total":9.5}\n');
    const { status, stdout, stderr } = await sluice(["sources", "infer", path]);
    expect(status).toBe(0);
    expect(stdout).toBe(`web: {
  format: "json",
  prefix: "web/",
  formatOptions: {
    columns: [
      { name: "order_id", type: "int64", upstreamName: "orderId" },
      { name: "created_at", type: "timestamp_millis", upstreamName: "createdAt" },
      { name: "total", type: "double", upstreamName: "total" },
    ],
    time: "created_at",
  },
},
`);
    expect(stderr).toMatch(/gives 1 rows; 0 entries rejected/);
    expect(stderr).toMatch(/Not sure:\n- created_at: times without a zone, taken for UTC\n- total: perhaps money/);
  });

  it("reads the first records of a file that is one long line, and of an archive of more text than it looks at", async () => {
    const record = { id: 1, time: "2026-01-17T10:00:00Z", name: "x".repeat(60) };
    const minified = JSON.stringify(new Array(50_000).fill(record));
    const path = await sample("long.json", minified);
    const { status, stderr } = await sluice(["sources", "infer", path]);
    expect(stderr).toMatch(/gives [34]\d{4} rows; 0 entries rejected/);
    expect(status).toBe(0);
    await writeFile(`${path}.gz`, gzipSync(`${JSON.stringify(record)}\n`.repeat(150_000)));
    expect((await sluice(["sources", "infer", `${path}.gz`])).stderr).toMatch(
      /gives [34]\d{4} rows; 0 entries rejected/,
    );
  });

  it("refuses what no source can hold, by name", async () => {
    const path = await sample("a.zip", "PK\u0003\u0004\u0014\0");
    expect(await sluice(["sources", "infer", path])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/it is a zip archive/),
    });
    await writeFile(path, Buffer.from("\ufeffa,b\n1,2\n", "utf16le"));
    expect((await sluice(["sources", "infer", path])).stderr).toMatch(/its text is UTF-16\. Convert it/);
  });
});
