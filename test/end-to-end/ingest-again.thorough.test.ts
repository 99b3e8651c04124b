import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aLake, arrival, type Lake } from "./a-lake.ts";
import { log } from "./small-log.ts";

/** Which lines of a source are there, whatever file they lie in. */
async function lines(lake: Lake, source = "cloudfront") {
  const rows = await lake.rows(source);
  return rows.map((row) => `${row.date} ${row._source_file} ${row._line} ${row.sc_bytes}`).sort();
}

describe("ingest of what races, changes, or comes again", () => {
  let lake: Lake;
  beforeAll(async () => {
    lake = await aLake();
  });
  afterAll(() => lake.stop());

  it("gives each object to one of the executions that race for it", async () => {
    const events = await Promise.all(
      Array.from({ length: 30 }, (_, i) => arrival(lake, `cloudfront/race-${i}.gz`, log(1000 + 10 * i, 2))),
    );
    const arns = await Promise.all([
      lake.start("Ingest", events),
      lake.start("Ingest", [...events].reverse()),
      lake.start("Ingest", events.slice(10, 20)),
    ]);
    const endings = await Promise.all(arns.map((arn) => lake.ended(arn)));
    expect(endings.map(({ status, cause }) => ({ status, cause }))).toEqual(
      arns.map(() => ({ status: "SUCCEEDED", cause: undefined })),
    );
    const raced = (await lines(lake)).filter((line) => line.includes("/race-"));
    expect(raced).toHaveLength(60);
    expect(new Set(raced).size).toBe(60);
  });

  it("takes the rows of an object away that was overwritten by nothing, and keeps those of its batch", async () => {
    const events = [
      await arrival(lake, "cloudfront/emptied.gz", log(7100, 4, "2026-02-14")),
      await arrival(lake, "cloudfront/beside.gz", log(7200, 3, "2026-02-14")),
    ];
    await lake.run("Ingest", events);
    const again = await lake.run("Ingest", [await arrival(lake, "cloudfront/emptied.gz", "")]);
    expect(again.output).toMatchObject({ status: "NOTHING_NEW", resubmitted: 1, passedOver: { emptyObjects: 0 } });
    await lake.quiet();
    expect(await lake.objectItem("cloudfront/emptied.gz")).toMatchObject({
      status: "passed-over",
      reason: "EmptyObject",
    });
    expect(await lake.objectItem("cloudfront/beside.gz")).toMatchObject({ status: "recorded", rows: 3 });
    const left = await lines(lake);
    expect(left.filter((line) => line.includes("/emptied"))).toEqual([]);
    expect(left.filter((line) => line.includes("/beside"))).toHaveLength(3);
  });

  it("gives the same bytes when a batch is forced to run again", async () => {
    const events = [await arrival(lake, "cloudfront/f.gz", log(7000, 50, "2026-02-10"))];
    const { output } = await lake.run("Ingest", events);
    const before = await lake.fingerprint("lake");
    const calm = await lake.run("Ingest", { batchId: output.batchId });
    expect(calm.output.status).toBe("NOTHING_NEW");
    const forced = await lake.run("Ingest", { batchId: output.batchId, force: true });
    expect(forced.output).toMatchObject({ status: "RECORDED", batchId: output.batchId });
    expect(await lake.fingerprint("lake")).toEqual(before);
  });

  it("runs a batch again whose execution ended before it was recorded", async () => {
    const events = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        arrival(lake, `cloudfront/left-${i}.gz`, log(9000 + 10 * i, 3, "2026-02-12")),
      ),
    );
    const arn = await lake.start("Ingest", events);
    while (!(await lake.objectItem("cloudfront/left-0.gz"))?.batchId)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await lake.abort(arn);
    expect((await lake.ended(arn)).status).toBe("ABORTED");
    const again = await lake.run("Ingest", events.slice(0, 1));
    expect(again.output).toMatchObject({ status: "NOTHING_NEW", resubmitted: 1 });
    await lake.quiet();
    expect((await lines(lake)).filter((line) => line.includes("/left-"))).toHaveLength(60);
    expect(await lake.objectItem("cloudfront/left-7.gz")).toMatchObject({ status: "recorded", rows: 3 });
  });
});
