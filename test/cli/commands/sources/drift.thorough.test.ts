import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalCloud, startLocalCloud } from "../../../../cli/local-cloud.ts";
import { sluice } from "../../in-process.ts";

let folder: string;
let cloud: LocalCloud;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-drift-"));
  cloud = await startLocalCloud({ dir: join(folder, "state"), port: 0 });
});
afterAll(async () => {
  await cloud?.stop();
  await rm(folder, { recursive: true });
});

describe("sluice sources drift", () => {
  const onCloud = (...args: string[]) => sluice([...args, "--dir", join(folder, "state")]);
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
});
