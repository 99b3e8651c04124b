import { describe, expect, it } from "vitest";
import { planFiles, planWrites } from "../../lake/batch/file-plan.ts";
import { size } from "../tiers/depth.ts";
import { type Answer, play } from "./play.ts";

const batch = { source: "cloudfront", batchId: "0123456789abcdef", objectCount: 2, claimedAtMs: 1 };
const passedOver = { duplicates: 0, testEvents: 0, folders: 0, emptyObjects: 0, inFlight: 0 };
const result = (value: object | null): Answer => ({ result: value as never });
const claimed = result({ status: "claimed", batch, resubmit: [], passedOver });
const nothingNew = result({ status: "nothing-new", batch: null, resubmit: [], passedOver });
const busy = result({ status: "busy", batch: null, resubmit: [], passedOver });
const counts = { objects: 2, rows: 9, rejected: 1, quality: "0.9000" };

const good: Record<string, Answer | Answer[]> = {
  "Claim batch": claimed,
  "Detect format": result({ format: "cloudfront" }),
  Decompress: result({ pieceCount: 1 }),
  "Plan chunks": result({ chunkCount: 1 }),
  Parse: result({ rows: 9, rejected: 1 }),
  "Check quality": result({ fileCount: 1, writeCount: 1, rows: 9, rejected: 1, quality: "0.9000" }),
  "Write Parquet": result({ fileCount: 1, rows: 9 }),
  Record: result({ counts, newDates: ["2026-01-17"], newRejectedDates: [] }),
  "Update catalog": result({ Status: "SUCCEEDED", Output: {} }),
  Announce: result({ FailedEntryCount: 0 }),
};

const records = [{ messageId: "1", body: "{}" }];

describe("the ingest machine", () => {
  it("hands over references and counts, and ends with the counts", async () => {
    const played = await play("ingest", records, good);
    expect(played).toMatchObject({ status: "SUCCEEDED", output: { status: "RECORDED", counts, resubmitted: 0 } });
    expect(played.calls("Claim batch")).toEqual([
      { event: records, executionArn: expect.stringContaining(":execution:") },
    ]);
    expect(played.calls("Decompress")).toEqual([
      { batch, index: 0, format: "cloudfront" },
      { batch, index: 1, format: "cloudfront" },
    ]);
    expect(played.calls("Update catalog")).toMatchObject([
      { Input: { source: "cloudfront", dates: ["2026-01-17"], rejectedDates: [] } },
    ]);
    expect(played.calls("Announce")).toMatchObject([
      { Entries: [{ Source: "sluice", DetailType: "Batch recorded", Detail: { batchId: batch.batchId, rows: 9 } }] },
    ]);
  });

  it("leaves the catalog alone when no day is new, and writes no file when there is no row", async () => {
    const played = await play("ingest", records, {
      ...good,
      "Plan chunks": result({ chunkCount: 0 }),
      "Check quality": result({ fileCount: 0, writeCount: 0, rows: 0, rejected: 0, quality: "1.0000" }),
      Record: result({ counts, newDates: [], newRejectedDates: [] }),
    });
    expect(played.status).toBe("SUCCEEDED");
    for (const state of ["Parse", "Write Parquet", "Update catalog"]) expect(played.path).not.toContain(state);
  });

  it.each([
    ...["UnknownFormat", "MissingHeader", "ObjectVanished", "CorruptArchive", "ArchiveTooLarge", "EmptyObject"],
    "ObjectUnreadable",
  ])("quarantines an object after %s and goes on with the other", async (error) => {
    for (const state of ["Detect format", "Decompress"]) {
      const played = await play("ingest", records, {
        ...good,
        [state]: [{ error, message: "because" }, good[state] as Answer],
        Quarantine: result({ newRejectedDates: [] }),
      });
      expect(played.status).toBe("SUCCEEDED");
      expect(played.calls("Quarantine")).toEqual([
        { batch, index: 0, reason: error, detail: "because", byReference: false },
      ]);
      expect(played.calls("Parse")).toHaveLength(1);
    }
  });

  it("reports an object that is cut, and goes on with its whole lines and the other object", async () => {
    const played = await play("ingest", records, {
      ...good,
      Decompress: [{ error: "TruncatedArchive", message: "it is cut" }, good.Decompress as Answer],
      Quarantine: result({ newRejectedDates: [] }),
    });
    expect(played.status).toBe("SUCCEEDED");
    expect(played.calls("Decompress")).toHaveLength(2);
    expect(played.calls("Quarantine")).toMatchObject([
      { batch, index: 0, reason: "TruncatedArchive", detail: "it is cut" },
    ]);
    expect(played.calls("Parse")).toHaveLength(1);
  });

  it.each([
    "Sandbox.Timedout",
    "Runtime.ExitError",
    "Runtime.OutOfMemory",
    "Lambda.Unknown",
    "States.Timeout",
    "ReadFailed",
  ])(
    "tries an object again after %s, twice, then sets it aside as ReadFailed and goes on with the other",
    async (error) => {
      for (const state of ["Detect format", "Decompress"]) {
        const failure = { error, message: "because" };
        const one = { ...batch, objectCount: 1 };
        const played = await play("ingest", records, {
          ...good,
          "Claim batch": result({ status: "claimed", batch: one, resubmit: [], passedOver }),
          [state]: failure,
          Quarantine: result(null),
        });
        expect(played.status).toBe("SUCCEEDED");
        expect(played.calls(state)).toHaveLength(3);
        expect(played.calls("Quarantine")).toMatchObject([{ index: 0, reason: "ReadFailed" }]);
        expect((played.calls("Quarantine")[0] as { detail: string }).detail).toContain("because");
      }
    },
  );

  it("keeps an object by reference when it cannot be copied into quarantine", async () => {
    const tasks = {
      ...good,
      "Detect format": [{ error: "CorruptArchive", message: "x" }, good["Detect format"] as Answer],
    };
    for (const error of ["ObjectUnreadable", "ObjectVanished", "Sandbox.Timedout"]) {
      const refused = { error, message: "no" };
      const copies = error === "Sandbox.Timedout" ? [refused, refused, refused] : [refused];
      const played = await play("ingest", records, { ...tasks, Quarantine: [...copies, result(null)] });
      expect(played.status).toBe("SUCCEEDED");
      expect(played.calls("Quarantine").at(-1)).toEqual({
        ...{ batch, index: 0, reason: "CorruptArchive", detail: "x" },
        byReference: true,
      });
    }
  });

  it("does not try for ever to write down why an object is set aside", async () => {
    const played = await play("ingest", records, {
      ...good,
      "Detect format": [{ error: "CorruptArchive", message: "x" }, good["Detect format"] as Answer],
      Quarantine: { error: "Sandbox.Timedout", message: "still" },
    });
    expect(played).toMatchObject({ status: "FAILED", error: "Sandbox.Timedout" });
    expect(played.calls("Quarantine")).toHaveLength(6);
  });

  it.each([
    ...["ThrottlingException", "SlowDown", "RequestTimeout", "ProvisionedThroughputExceededException"],
    ...["InternalError", "TimeoutError", "ServiceUnavailable", "InternalServerError"],
  ])("retries %s for about ten minutes in every task, sets no object aside for it, and then fails", async (error) => {
    for (const state of ["Claim batch", "Detect format", "Decompress", "Parse", "Write Parquet", "Record"]) {
      const failure = { error, message: "later" };
      const passing = await play("ingest", records, {
        ...good,
        [state]: [...Array<Answer>(9).fill(failure), good[state] as Answer],
      });
      expect(passing.status, state).toBe("SUCCEEDED");
      const lasting = await play("ingest", records, { ...good, [state]: failure });
      expect(lasting, state).toMatchObject({ status: "FAILED", error });
      expect(lasting.path, state).not.toContain("Quarantine");
      expect(lasting.elapsedSeconds, state).toBeGreaterThan(5 * 60);
      expect(lasting.elapsedSeconds, state).toBeLessThan(20 * 60);
    }
  });

  it("waits long for room in Lambda, and retries failures of its service for seconds", async () => {
    const throttled = { error: "Lambda.TooManyRequestsException", message: "Rate Exceeded" };
    const passing = await play("ingest", records, {
      ...good,
      Parse: [...Array<Answer>(20).fill(throttled), good.Parse as Answer],
    });
    expect(passing.status).toBe("SUCCEEDED");
    expect(passing.calls("Parse")).toHaveLength(21);
    for (const error of ["Lambda.ServiceException", "Lambda.ClientExecutionTimeoutException"]) {
      const lasting = await play("ingest", records, { ...good, Parse: { error, message: "" } });
      expect(lasting).toMatchObject({ status: "FAILED", error });
      expect(lasting.calls("Parse")).toHaveLength(6);
    }
  });

  it("retries the tasks that the ledger puts off", async () => {
    const busyLedger = { error: "LedgerBusy", message: "left 3 items" };
    const played = await play("ingest", records, { ...good, Record: [busyLedger, good.Record as Answer] });
    expect(played.status).toBe("SUCCEEDED");
    expect(played.calls("Record")).toHaveLength(2);
  });

  it("lets a bug fail the execution", async () => {
    const played = await play("ingest", records, { ...good, Parse: { error: "TypeError", message: "x is undefined" } });
    expect(played).toMatchObject({ status: "FAILED", error: "TypeError" });
    expect(played.calls("Parse")).toHaveLength(1);
  });

  it("writes nothing of a batch whose quality is too low, shows its rejected lines, and fails", async () => {
    const played = await play("ingest", records, {
      ...good,
      "Check quality": { error: "QualityTooLow", message: "1 good and 9 rejected lines" },
      "Refuse batch": result({ newRejectedDates: ["2026-11-21"] }),
      "Show rejected lines": result({ Status: "SUCCEEDED", Output: {} }),
    });
    expect(played).toMatchObject({ status: "FAILED", error: "QualityTooLow", cause: "1 good and 9 rejected lines" });
    expect(played.path).not.toContain("Write Parquet");
    expect(played.calls("Refuse batch")).toMatchObject([{ batch, chunkCount: 1, reason: "QualityTooLow" }]);
    expect(played.calls("Show rejected lines")).toMatchObject([{ Input: { rejectedDates: ["2026-11-21"] } }]);
  });

  it("records a batch of which nothing could be read, shows its rejected lines, and fails by name", async () => {
    const played = await play("ingest", records, {
      ...good,
      "Check quality": { error: "NothingReadable", message: "Nothing of batch b could be read" },
      Record: result({ counts, newDates: [], newRejectedDates: ["2026-11-21"] }),
    });
    expect(played).toMatchObject({
      ...{ status: "FAILED", error: "NothingReadable", cause: "Nothing of batch b could be read" },
    });
    expect(played.calls("Record")).toMatchObject([{ chunkCount: 1, writeCount: 0 }]);
    expect(played.calls("Update catalog")).toMatchObject([{ Input: { rejectedDates: ["2026-11-21"] } }]);
    for (const state of ["Write Parquet", "Announce"]) expect(played.path).not.toContain(state);
  });

  it("singles out the object that makes a chunk fail, and records the others", async () => {
    for (const error of ["Runtime.OutOfMemory", "Sandbox.Timedout", "ReadFailed"]) {
      const crash = { error, message: "because" };
      const parsed = good.Parse as Answer;
      const played = await play("ingest", records, {
        ...good,
        // Round 1: a chunk of both objects. Round 2: each alone, the second fails. Round 3: the first alone.
        "Plan chunks": [result({ chunkCount: 1 }), result({ chunkCount: 2 }), result({ chunkCount: 1 })],
        Parse: [crash, crash, crash, parsed, crash, crash, crash, parsed],
        "Single out": [result({ setAside: 0, alone: 2 }), result({ setAside: 1, alone: 0 })],
      });
      expect(played.status).toBe("SUCCEEDED");
      expect(played.calls("Single out")).toEqual([
        { batch, failed: [{ chunk: 0, detail: `${error}: because` }] },
        { batch, failed: [{ chunk: expect.any(Number), detail: `${error}: because` }] },
      ]);
      expect(played.calls("Check quality")).toMatchObject([{ chunkCount: 1 }]);
    }
  });

  it("does not single objects out for ever", async () => {
    const played = await play("ingest", records, {
      ...good,
      Parse: { error: "Runtime.OutOfMemory", message: "because" },
      "Single out": result({ setAside: 0, alone: 2 }),
    });
    expect(played).toMatchObject({ status: "FAILED", error: "ReadFailed" });
    expect(played.calls("Single out")).toHaveLength(4);
  });

  it("has no more events for thousands of dates than for one, when their files are small", async () => {
    const eventsFor = async (dateCount: number) => {
      const rowGroups = Array.from({ length: dateCount }, (_, n) => ({
        ...{ stagedKey: String(n), rows: 3, byteLength: 20_000 },
        date: new Date(n * 86_400_000).toISOString().slice(0, 10),
      }));
      const files = planFiles(batch, rowGroups);
      expect(files).toHaveLength(dateCount);
      const checked = {
        fileCount: dateCount,
        writeCount: planWrites(files).length,
        rows: 9,
        rejected: 1,
        quality: "0",
      };
      const played = await play("ingest", records, { ...good, "Check quality": result(checked) });
      expect(played.status).toBe("SUCCEEDED");
      return played.eventCount;
    };
    expect(await eventsFor(size(3800, 400))).toBe(await eventsFor(1));
    // In the thorough tier 25 years: the bytes count, and not the dates.
    expect(await eventsFor(size(9000, 900))).toBeLessThan(200);
  });

  it("waits for another execution with growing waits, and not for ever", async () => {
    const freed = await play("ingest", { batchId: batch.batchId }, { ...good, "Claim batch": [busy, busy, claimed] });
    expect(freed.status).toBe("SUCCEEDED");
    expect(freed.elapsedSeconds).toBe(1 + 2);
    const stuck = await play("ingest", { batchId: batch.batchId }, { "Claim batch": busy });
    expect(stuck).toMatchObject({ status: "FAILED", error: "BatchBusy" });
    expect(stuck.calls("Claim batch")).toHaveLength(30);
    expect(stuck.elapsedSeconds).toBeLessThan(6 * 3600);
  });

  it("starts itself for each changed batch, also when there is nothing else to do", async () => {
    const resubmit = ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"];
    const played = await play("ingest", records, {
      "Claim batch": result({ status: "nothing-new", batch: null, resubmit, passedOver }),
      "Resubmit batch": result({ executionArn: "arn", startDate: 1 }),
    });
    expect(played).toMatchObject({ status: "SUCCEEDED", output: { status: "NOTHING_NEW", resubmitted: 2 } });
    expect(played.calls("Resubmit batch")).toMatchObject([
      { StateMachineArn: expect.stringMatching(/:stateMachine:ingest$/), Input: { batchId: resubmit[0] } },
      { Input: { batchId: resubmit[1] } },
    ]);
  });

  it("ends when nothing is new", async () => {
    const played = await play("ingest", records, { "Claim batch": nothingNew });
    expect(played).toMatchObject({
      status: "SUCCEEDED",
      output: { status: "NOTHING_NEW", passedOver, resubmitted: 0 },
    });
  });
});
