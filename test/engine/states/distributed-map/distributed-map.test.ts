import { describe, expect, it } from "vitest";
import type { Engine, TaskAnswer, TaskCall } from "../../../../engine/index.ts";
import { echo, runMachine } from "../../run-machine.ts";

describe("a distributed Map", () => {
  const distributed = (more: object) => ({
    QueryLanguage: "JSONata",
    StartAt: "Each",
    States: {
      Each: {
        Type: "Map",
        Items: "{% [1..10] %}",
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
          StartAt: "Work",
          States: {
            Work: {
              Type: "Task",
              Resource: "arn:aws:states:::lambda:invoke",
              Arguments: "{% $states.input %}",
              Output: "{% $states.result.Payload %}",
              End: true,
            },
          },
        },
        End: true,
        ...more,
      },
    },
  });
  const oddsFail = async (call: TaskCall): Promise<TaskAnswer> =>
    typeof call.input === "number" && call.input % 2 === 1 ? { status: "failed", error: "Odd" } : echo(call);

  it("gives batches to children of their own", async () => {
    const { record, engine } = await runMachine(
      distributed({ ItemBatcher: { MaxItemsPerBatch: 4, BatchInput: { k: "{% 1 + 1 %}" } } }),
      {},
      { invoke: echo },
    );
    const output = JSON.parse(record.output!) as { BatchInput: unknown; Items: number[] }[];
    expect(output.map(({ Items }) => Items.length)).toEqual([4, 4, 2]);
    expect(output[0]!.BatchInput).toEqual({ k: 2 });
    const [run] = engine.mapRuns.list(record.arn);
    expect(run).toMatchObject({
      status: "SUCCEEDED",
      items: { total: 10, succeeded: 10 },
      executions: { total: 3, succeeded: 3 },
    });
  });

  it("lets as many items fail as it tolerates, and no more", async () => {
    const tolerant = await runMachine(distributed({ ToleratedFailurePercentage: 50 }), {}, { invoke: oddsFail });
    expect(JSON.parse(tolerant.record.output!)).toEqual([2, 4, 6, 8, 10]);
    const strict = await runMachine(distributed({ ToleratedFailureCount: 4 }), {}, { invoke: oddsFail });
    expect(strict.record).toMatchObject({ status: "FAILED", error: "States.ExceedToleratedFailureThreshold" });
    expect(strict.engine.mapRuns.list(strict.record.arn)[0]).toMatchObject({ status: "FAILED" });
  });

  it("stops its children when it is stopped", async () => {
    const held: { engine?: Engine; arn?: string } = {};
    const { record, engine } = await runMachine(
      distributed({ MaxConcurrency: 2 }),
      {},
      {
        onEngine: (made) => {
          held.engine = made;
        },
        invoke: (_call, clock) => {
          const parent = [...held.engine!.openRecords()].find(({ mapRunArn }) => mapRunArn === undefined)!;
          clock.at(clock.now() + 1000, () => void held.engine!.stopExecution(parent.arn));
          return new Promise(() => undefined);
        },
      },
    );
    expect(record.status).toBe("ABORTED");
    const [run] = engine.mapRuns.list(record.arn);
    expect(run!.status).toBe("ABORTED");
    const { records } = engine.listExecutions(run!.arn, { limit: 100 });
    expect(records.map(({ status }) => status)).toEqual(["ABORTED", "ABORTED"]);
  });

  it("redrives only the children that did not succeed", async () => {
    let broken = true;
    const calls: unknown[] = [];
    const { record, engine, clock } = await runMachine(
      distributed({ MaxConcurrency: 3 }),
      {},
      {
        invoke: async (call) => {
          calls.push(call.input);
          return broken && call.input === 6 ? { status: "failed", error: "Six" } : echo(call);
        },
      },
    );
    expect(record.status).toBe("FAILED");
    broken = false;
    calls.length = 0;
    engine.redrive(record.arn);
    await clock.run(() => engine.openExecutions === 0);
    expect(engine.describe(record.arn)).toMatchObject({ status: "SUCCEEDED", output: "[1,2,3,4,5,6,7,8,9,10]" });
    expect(calls).toContain(6);
    expect(calls).not.toContain(1);
    expect(engine.mapRuns.list(record.arn)).toMatchObject([
      { status: "SUCCEEDED", redriveCount: 1, items: { succeeded: 10 } },
    ]);
  });

  it("reads CSV, JSON Lines and listings from S3, and writes results there", async () => {
    const objects: Record<string, string> = {
      "in/rows.csv": 'id;name\n1;"a;b"\n2;c\n\n3;d\n',
      "in/rows.jsonl": '{"id":1}\n{"id":2}\n',
    };
    const host = {
      invoke: echo,
      readObject: async (_bucket: string, key: string) =>
        objects[key] === undefined ? null : Buffer.from(objects[key]),
      async *listObjects() {
        yield { Key: "one" };
        yield { Key: "two" };
      },
      writeObject: async (_bucket: string, key: string, body: string) => {
        objects[key] = body;
      },
    };
    const read = async (reader: object, more: object = {}) =>
      JSON.parse(
        (await runMachine(distributed({ Items: undefined, ItemReader: reader, ...more }), {}, { host })).record.output!,
      );
    const getObject = "arn:aws:states:::s3:getObject";
    const csv = { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW", CSVDelimiter: "SEMICOLON", MaxItems: 2 };
    expect(
      await read({ Resource: getObject, ReaderConfig: csv, Arguments: { Bucket: "b", Key: "in/rows.csv" } }),
    ).toEqual([
      { id: "1", name: "a;b" },
      { id: "2", name: "c" },
    ]);
    const jsonl = {
      Resource: getObject,
      ReaderConfig: { InputType: "JSONL" },
      Arguments: { Bucket: "b", Key: "in/rows.jsonl" },
    };
    expect(await read(jsonl)).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await read({ Resource: "arn:aws:states:::s3:listObjectsV2", Arguments: { Bucket: "b" } })).toEqual([
      { Key: "one" },
      { Key: "two" },
    ]);

    const { ResultWriterDetails } = await read(jsonl, {
      ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Arguments: { Bucket: "b", Prefix: "out" } },
    });
    const manifest = JSON.parse(objects[ResultWriterDetails.Key]!) as {
      ResultFiles: { SUCCEEDED: { Key: string }[]; FAILED: [] };
    };
    const written = JSON.parse(objects[manifest.ResultFiles.SUCCEEDED[0]!.Key]!) as { Output: string }[];
    expect(written.map(({ Output }) => JSON.parse(Output))).toEqual([{ id: 1 }, { id: 2 }]);
    expect(manifest.ResultFiles.FAILED).toEqual([]);
  });
});
