import { describe, expect, it } from "vitest";
import { openKernelEngine } from "../../../../lake/columns/kernel-engine.ts";
import { openReferenceEngine } from "../../../../lake/columns/reference/reference-engine.ts";
import { json } from "../../../../lake/formats/json/json.ts";
import { parseText, readRows } from "../../columns/parse-text.ts";

const time = { name: "time", type: "timestamp_millis", upstreamName: "at" } as const;
const id = { name: "id", type: "string", upstreamName: "id" } as const;
const text = (name: string, upstreamName: string) => ({ name, type: "string", upstreamName }) as const;
const record = (n: number, more = "") => `{"id":"r${n}","at":"2026-01-17T10:00:0${n}Z"${more}}`;

/** Rows as both engines read them. */
async function read(input: string, options: object) {
  const formatOptions = { columns: [id, time], time: "time", ...options } as never;
  const [kernel, reference] = await Promise.all(
    [openKernelEngine, openReferenceEngine].map(async (openEngine) => {
      const { files, rejected, pieces } = await parseText(json, input, { formatOptions, openEngine });
      const rows = (await readRows(files)).map(
        ({ _extra, ...row }): Record<string, unknown> => ({
          ...row,
          extra: _extra === null ? null : (JSON.parse(String(_extra)) as unknown),
        }),
      );
      return { rows, rejected: rejected.map(({ reason }) => reason), counts: pieces[0]! };
    }),
  );
  expect(kernel).toEqual(reference);
  return kernel!;
}

const cloudWatch = (type: string, group: string, events: string) =>
  `{"messageType":"${type}","owner":"111122223333","logGroup":"${group}","logStream":"s/1","subscriptionFilters":["f"],"logEvents":[${events}]}`;

describe("what stands beside the records of an envelope", () => {
  it("goes to _extra of each, before the records and behind them", async () => {
    const input = `{"a":1,"data":{"n":[1,{"b":2}],"Records":[${record(1)},${record(2)}],"end":null},"z":"x"}`;
    const { rows, rejected } = await read(input.repeat(2), { recordsAt: ["data", "Records"] });
    const extra = { a: 1, "data.n": [1, { b: 2 }], "data.end": null, z: "x" };
    expect(rejected).toEqual([]);
    expect(rows.map((row) => [row["id"], row["extra"]])).toEqual(["r1", "r2", "r1", "r2"].map((name) => [name, extra]));
  });

  it("goes to the columns that name it, by its path, with every digit", async () => {
    const columns = [
      ...[id, time, text("owner", "owner"), text("region", "meta.region"), text("deep", "data.about.who.name")],
      { name: "number", type: "int64", upstreamName: "data.number" },
    ];
    const input = `{"owner":"\\u00e9\\n","meta":{"region":"eu-west-1"},"data":{"number":9007199254740993,"Records":[${record(1)}],"about":{"who":{"name":"x"}}}}`;
    const { rows } = await read(input, { columns, recordsAt: ["data", "Records"] });
    expect(rows).toMatchObject([{ owner: "é\n", region: "eu-west-1", deep: "x", number: 9007199254740993n }]);
    expect(rows[0]!["extra"]).toEqual({ meta: { region: "eu-west-1" }, "data.about": { who: { name: "x" } } });
  });

  it("does not replace what a record has itself", async () => {
    const input = `{"id":"outer","new":1,"Records":[${record(1, ',"new":2')},{"at":"2026-01-17T10:00:02Z"}]}`;
    const { rows } = await read(input, { recordsAt: ["Records"] });
    expect(rows.map((row) => [row["id"], row["extra"]])).toEqual([
      ["r1", { new: 2, "envelope.id": "outer", "envelope.new": 1 }],
      ["outer", { new: 1 }],
    ]);
  });

  it("may be the time of the event", async () => {
    const { rows } = await read('{"requestId":"q","at":1768644000123,"records":[{"id":"r1"},{"id":"r2"}]}', {
      recordsAt: ["records"],
    });
    expect(rows.map((row) => [row["id"], row["time"], row["extra"]])).toEqual(
      ["r1", "r2"].map((name) => [name, new Date(1768644000123), { requestId: "q" }]),
    );
  });

  it("does not grow with the records: of a large envelope the first record has all", async () => {
    const input = `{"a":"b","large":"${"x".repeat(20_000)}","Records":[${record(1)},${record(2)},${record(3)}]}`;
    const { rows } = await read(input, { recordsAt: ["Records"] });
    expect(rows.map(({ extra }) => Object.keys(extra as object))).toEqual([["a", "large"], ["a"], ["a"]]);
  });

  it("is that of its own envelope, however envelopes are put together", async () => {
    const envelopes = ["g/1", "g/2", "g/3"].map((group, n) => cloudWatch("DATA_MESSAGE", group, record(n)));
    for (const input of [
      envelopes.join(""),
      envelopes.join("\n"),
      `[${envelopes.join(",")}]`,
      `[\n${envelopes.join(",\n")}\n]`,
    ]) {
      const columns = [id, time, text("log_group", "logGroup")];
      const { rows, rejected } = await read(input, { columns, recordsAt: ["logEvents"] });
      expect(rejected).toEqual([]);
      expect(rows.map((row) => [row["id"], row["log_group"]])).toEqual([
        ["r0", "g/1"],
        ["r1", "g/2"],
        ["r2", "g/3"],
      ]);
    }
  });

  it("says that a document is a control message, which is counted as a comment", async () => {
    const control = cloudWatch("CONTROL_MESSAGE", "", '{"id":"","at":1768644000000,"message":"CWL CONTROL MESSAGE"}');
    const input = `${control}${cloudWatch("DATA_MESSAGE", "g", record(1))}\n${control}`;
    const { rows, counts } = await read(input, { recordsAt: ["logEvents"] });
    expect(rows.map((row) => row["id"])).toEqual(["r1"]);
    expect(counts).toMatchObject({ lines: 3, rows: 1, comments: 2, rejected: 0 });
    expect(rows[0]!["extra"]).toEqual({
      ...{ messageType: "DATA_MESSAGE", owner: "111122223333", logGroup: "g", logStream: "s/1" },
      subscriptionFilters: ["f"],
    });
  });

  it("is read also where the text breaks off within the envelope", async () => {
    const input = cloudWatch("DATA_MESSAGE", "g", `${record(1)},${record(2)}`).slice(0, -20);
    const formatOptions = { columns: [id, time], time: "time", recordsAt: ["logEvents"] } as never;
    const piece = {
      sourceFile: "s3://raw/key",
      firstLine: 1,
      firstByte: 0,
      isTruncated: true,
      bytes: [Buffer.from(input)],
    };
    const { files, rejected } = await parseText(json, [piece], { formatOptions });
    expect((await readRows(files)).map((row) => [row["id"], String(row["_extra"]).includes('"logGroup":"g"')])).toEqual(
      [["r1", true]],
    );
    expect(rejected.map(({ reason }) => reason)).toEqual(["TRUNCATED"]);
  });
});
