import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repository, sluice } from "../../spawn-sluice.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-sources-"));
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

describe("a running embedded cloud", () => {
  let up: ChildProcess;
  let dir: string;
  beforeAll(async () => {
    dir = join(folder, "state");
    const command = [join(repository, "cli", "sluice.js"), "up", "--port", "0", "--dir", dir, "--json"];
    up = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
    await once(up.stdout!, "data");
  });
  afterAll(async () => {
    up.kill("SIGKILL");
    if (up.exitCode === null) await once(up, "exit");
  });
  const onCloud = (...args: string[]) => sluice([...args, "--dir", dir], { timeoutMs: 90_000 });
  const drift = async (...args: string[]) => {
    const { status, stdout } = await onCloud("sources", "drift", "--source", "cloudfront", "--json", ...args);
    expect(status).toBe(0);
    return JSON.parse(stdout);
  };

  it("warns of objects that are in another format than their source, and shows keys without a column", async () => {
    const logs = join(folder, "logs");
    const header = "#Fields: date time cs-method x-future x-other";
    const lines = [
      "2026-01-17\t10:00:00\tGET\t7\t-",
      "2026-01-17\t10:00:01\tGET\t42\tseen",
      "2026-01-18\t10:00:00\tGET\t-\tagain\tsurplus",
    ];
    await mkdir(logs);
    await writeFile(join(logs, "standard.log"), `${header}\n${lines.join("\n")}\n`);
    await writeFile(
      join(logs, "delivered.json"),
      '{"date":"2026-01-18","time":"10:00:00","x-edge-location":"SOF50-P2","x-future":"late","x-new":{"a":1}}\n' +
        '{"date":"2026-01-17","time":"10:00:00","x-edge-location":"SOF50-P2","sc-bytes":"many"}\n',
    );

    const { status, stdout } = await onCloud("ingest", logs, "--source", "cloudfront", "--wait");
    expect(status, stdout).toBe(0);
    expect(stdout).toMatch(
      /recorded +cloudfront\/delivered\.json +2 rows.*\n +warning: its source is configured for CloudFront standard log \(cloudfront\), its bytes are .*\(cloudfront-json\)/,
    );
    expect(stdout).not.toMatch(/standard\.log.*\n +warning/);

    const all = await drift("--days", "36500");
    expect(all.sources).toMatchObject([
      {
        source: "cloudfront",
        withheldRows: 0,
        keys: [
          {
            key: "x-future",
            rows: 3,
            firstDate: "2026-01-17",
            lastDate: "2026-01-18",
            type: "string",
            doubt: "of its 3 values 2 integers",
            example: "42",
          },
          { key: "x-other", rows: 2, type: "string", example: "again" },
          { key: "extra_6", rows: 1, example: "surplus" },
          { key: "x-new", rows: 1, type: "string", doubt: expect.stringMatching(/nested/), example: '{"a":1}' },
        ],
        misfits: [
          { key: "sc-bytes", column: "sc_bytes", type: "int64", rows: 1, firstDate: "2026-01-17", example: "many" },
        ],
      },
    ]);
    const [oneDay] = (await drift("--date", "2026-01-17")).sources;
    expect(oneDay.keys).toMatchObject([
      { key: "x-future", rows: 2, type: "int64", lastDate: "2026-01-17" },
      { key: "x-other", rows: 1 },
    ]);

    const text = await onCloud("sources", "drift", "--date", "2026-01-17");
    expect(text.stdout).toMatch(
      /cloudfront: 2 keys without a column on 2026-01-17\n {2}"x-future": 2 rows, 2026-01-17, int64/,
    );
    expect(text.stdout).toMatch(
      / {2}sc_bytes \("sc-bytes"\) could not be read as int64: 1 row, 2026-01-17, such as "many"/,
    );
    expect(text.stdout).toMatch(/alb: no key without a column on 2026-01-17/);
  });

  it.each([
    [["sources", "drift", "--source", "nobody"], /no source "nobody"/],
    [["sources", "drift", "--date", "2026-02-30"], /--date is "2026-02-30", expected a day/],
    [["sources", "drift", "--days", "0"], /--days is "0", expected a whole number from 1/],
    [["sources", "drift", "--days", "1", "--date", "2026-01-17"], /--date or --days, not both/],
    [["sources", "guess"], /"guess" is nothing to do with sources/],
    [["sources", "infer"], /Name one sample file/],
  ])("is not asked for %j", async (args, message) => {
    expect(await sluice(args)).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(message) });
  });
});
