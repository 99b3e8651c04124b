import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aLake, arrival, type Lake } from "./a-lake.ts";
import { log } from "./small-log.ts";

/** Which lines of a source are there, whatever file they lie in. */
async function lines(lake: Lake, source = "cloudfront") {
  const rows = await lake.rows(source);
  return rows.map((row) => `${row.date} ${row._source_file} ${row._line} ${row.sc_bytes}`).sort();
}

describe("ingest", () => {
  let lake: Lake;
  beforeAll(async () => {
    lake = await aLake();
  });
  afterAll(() => lake.stop());

  it("turns events into rows, partitions, a ledger and an announcement", async () => {
    const events = [
      await arrival(lake, "cloudfront/one day/a+b.gz", log(0, 10)),
      await arrival(lake, "cloudfront/two.gz", log(10, 5, "2026-01-18")),
      { messageId: "t", body: JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent" }) },
      lake.event("cloudfront/folder/", { size: 0, eTag: "0" }),
      lake.event("cloudfront/empty.gz", { size: 0, eTag: "0" }),
    ];
    const { status, output, cause } = await lake.run("Ingest", [...events, events[0]]);
    expect({ status, cause }).toEqual({ status: "SUCCEEDED", cause: undefined });
    expect(output).toMatchObject({
      status: "RECORDED",
      source: "cloudfront",
      counts: { objects: 2, recordedObjects: 2, lines: 19, comments: 4, rows: 15, rejected: 0, files: 2, dates: 2 },
      passedOver: { duplicates: 1, testEvents: 1, folders: 1, emptyObjects: 1, inFlight: 0 },
    });
    expect(await lines(lake)).toHaveLength(15);
    expect(await lake.objectItem("cloudfront/one day/a+b.gz")).toMatchObject({
      status: "recorded",
      format: "cloudfront",
      lines: 12,
      comments: 2,
      rows: 10,
      rejected: 0,
    });
    expect(await lake.dayItem("cloudfront", "2026-01-18")).toMatchObject({ status: "open", partition: "registered" });
    const { Partitions } = (await lake.cloud.call("glue", "GetPartitions", {
      DatabaseName: "sluice_local",
      TableName: "cloudfront",
    })) as { Partitions: { Values: string[] }[] };
    expect(Partitions.map(({ Values }) => Values[0]).sort()).toEqual(["2026-01-17", "2026-01-18"]);
  });

  it("reads an object with bytes whose key ends in a slash, whether its size was told or not", async () => {
    const body = log(50, 4, "2026-01-19");
    const told = await lake.run("Ingest", [await arrival(lake, "cloudfront/2026/logs/", body)]);
    expect(told.output).toMatchObject({ counts: { recordedObjects: 1, rows: 4 }, passedOver: { folders: 0 } });
    await lake.put("cloudfront/2026/untold/", body);
    await lake.put("cloudfront/2026/folder/", "");
    const objects = ["untold", "folder"].map((name) => ({ bucket: lake.raw, key: `cloudfront/2026/${name}/` }));
    const untold = await lake.run("Ingest", { source: "cloudfront", objects });
    expect(untold.output).toMatchObject({ counts: { recordedObjects: 1, rows: 4 }, passedOver: { folders: 1 } });
    expect(await lake.objectItem("cloudfront/2026/untold/")).toMatchObject({ status: "recorded", rows: 4 });
  });

  it("takes the objects that are there of those a person names, and fails when none is", async () => {
    await lake.put("cloudfront/named/there.gz", log(55, 2, "2026-01-19"));
    const named = (...names: string[]) => ({
      source: "cloudfront",
      objects: names.map((name) => ({ bucket: lake.raw, key: `cloudfront/named/${name}` })),
    });
    const some = await lake.run("Ingest", named("gone.gz", "there.gz"));
    expect(some.output).toMatchObject({ counts: { objects: 1, rows: 2 }, passedOver: { vanished: 1 } });
    expect(await lake.run("Ingest", named("gone.gz"))).toMatchObject({ status: "FAILED", error: "ObjectVanished" });
  });

  it("sends messages that are no events of its source to the dead letters, and reads those beside them", async () => {
    const theirs = JSON.parse((await arrival(lake, "cloudfront/dl/theirs.gz", log(60, 1))).body);
    theirs.Records[0].s3.bucket.name = "somebody-elses-bucket";
    const events = [
      { messageId: "m-1", body: "not an event" },
      { messageId: "m-2", body: JSON.stringify(theirs) },
      await arrival(lake, "cloudfront/dl/good.gz", log(70, 3)),
    ];
    const { status, output, cause } = await lake.run("Ingest", events);
    expect({ status, cause }).toEqual({ status: "SUCCEEDED", cause: undefined });
    expect(output).toMatchObject({ counts: { objects: 1, rows: 3 }, passedOver: { misdelivered: 2 } });
    const { Messages } = (await lake.cloud.call("sqs", "ReceiveMessage", {
      QueueUrl: `${lake.cloud.endpoint}/111122223333/sluice-local-CloudfrontIntakeDlq`,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ["All"],
    })) as { Messages: { Body: string; MessageAttributes: Record<string, { StringValue: string }> }[] };
    const letters = Messages.map(({ Body, MessageAttributes }) => [
      MessageAttributes.MessageId!.StringValue,
      Body,
      MessageAttributes.Cause!.StringValue,
    ]);
    expect(letters.sort()).toEqual([
      ["m-1", "not an event", "it is not an event of S3"],
      ["m-2", JSON.stringify(theirs), expect.stringContaining("is not in the raw bucket")],
    ]);
  });

  it("passes over what it has seen, in whatever order and company it comes again", async () => {
    const events = [
      await arrival(lake, "cloudfront/r1.gz", log(100, 3)),
      await arrival(lake, "cloudfront/r2.gz", log(200, 3)),
    ];
    expect((await lake.run("Ingest", events)).output.status).toBe("RECORDED");
    const before = [await lake.fingerprint("lake"), await lines(lake)];
    const again = await lake.run("Ingest", [...events].reverse());
    expect(again.output).toMatchObject({ status: "NOTHING_NEW", passedOver: { duplicates: 2 } });
    const named = { source: "cloudfront", objects: [{ bucket: lake.raw, key: "cloudfront/r2.gz" }] };
    expect((await lake.run("Ingest", named)).output).toMatchObject({ status: "NOTHING_NEW" });
    expect([await lake.fingerprint("lake"), await lines(lake)]).toEqual(before);
  });

  it("runs the batch again when an object changes, and replaces its rows", async () => {
    const first = [
      await arrival(lake, "cloudfront/c1.gz", log(5000, 4, "2026-02-01")),
      await arrival(lake, "cloudfront/c2.gz", log(5100, 4, "2026-02-02")),
    ];
    const { output } = await lake.run("Ingest", first);
    const changed = await arrival(lake, "cloudfront/c2.gz", log(5200, 2, "2026-02-03"));
    const next = await lake.run("Ingest", [changed]);
    expect(next.output).toMatchObject({ status: "NOTHING_NEW", resubmitted: 1 });
    await lake.quiet();
    const rows = (await lake.rows("cloudfront")).filter(({ date }) => String(date).startsWith("2026-02"));
    expect(rows.map(({ date, sc_bytes }) => [date, Number(sc_bytes)])).toEqual([
      ["2026-02-01", 5000],
      ["2026-02-01", 5001],
      ["2026-02-01", 5002],
      ["2026-02-01", 5003],
      ["2026-02-03", 5200],
      ["2026-02-03", 5201],
    ]);
    const batch = await lake.batchItem(output.batchId as string);
    expect(batch).toMatchObject({ status: "recorded", generation: 2, counts: { rows: 6 } });
    expect(batch.outputs.map((key) => key.split("/")[1])).toEqual(["date=2026-02-01", "date=2026-02-03"]);
    expect(await lake.items("day#cloudfront#2026-02-02")).toHaveLength(1);
    // The late event of the first version changes nothing any more.
    await lake.run("Ingest", [first[1]]);
    await lake.quiet();
    expect(await lake.batchItem(output.batchId as string)).toMatchObject({ generation: 2 });
  });

  it("fails loudly when objects of several sources come together", async () => {
    const events = [lake.event("cloudfront/m.gz", { eTag: "1" }), lake.event("alb/m.gz", { eTag: "2" })];
    expect(await lake.run("Ingest", events)).toMatchObject({ status: "FAILED", error: "MixedArrivals" });
  });
});
