import { describe, expect, it } from "vitest";
import { defineLake } from "../../../lake/sources/config.ts";
import { driftOf, type ExtraKeyRow } from "../../../lake/sources/drift.ts";

const columns = [
  { name: "at", type: "timestamp_millis", upstreamName: "at" },
  { name: "user_id", type: "int64", upstreamName: "userId" },
];
const sourceWith = (more: object) =>
  defineLake({
    sources: { app: { format: "json", formatOptions: { columns, time: "at" }, prefix: "app/", ...more } },
    alertRecipients: ["a@example.com"],
  }).sources.app!;
const source = sourceWith({});

/** A row of the query, where ten rows have the key. */
function row(key: string, kinds: Record<string, number> = {}, example: string | null = null): ExtraKeyRow {
  const all = { nulls: 0, nested: 0, booleans: 0, integers: 0, decimals: 0, timestamps: 0, dates: 0, ...kinds };
  const counts = Object.fromEntries(Object.entries(all).map(([kind, count]) => [kind, String(count)]));
  return { key, row_count: "10", first_date: "2026-01-17", last_date: "2026-01-18", ...counts, example };
}

describe("driftOf", () => {
  it("tells what a new key looks like and which column it could have", () => {
    expect(driftOf(source, [row("referrerType", {}, "social")])).toEqual({
      keys: [
        {
          key: "referrerType",
          rows: 10,
          firstDate: "2026-01-17",
          lastDate: "2026-01-18",
          type: "string",
          doubt: undefined,
          example: "social",
          column: { name: "referrer_type", type: "string", upstreamName: "referrerType" },
        },
      ],
      misfits: [],
      withheldRows: 0,
    });
  });

  it.each([
    [{ booleans: 10 }, "boolean", undefined],
    [{ integers: 10, decimals: 10 }, "int64", undefined],
    [{ integers: 3, decimals: 10 }, "double", undefined],
    [{ timestamps: 8, nulls: 2 }, "timestamp_millis", undefined],
    [{ dates: 10 }, "date", undefined],
    [{ nested: 10 }, "string", /JSON text/],
    [{ nulls: 10 }, undefined, /all its values are null/],
    [{ integers: 9, decimals: 9 }, "string", /of its 10 values 9 integers/],
  ])("takes %j for %s", (kinds, type, doubt) => {
    const [key] = driftOf(source, [row("new", kinds)]).keys;
    expect(key!.type).toBe(type);
    if (doubt) expect(key!.doubt).toMatch(doubt);
    else expect(key!.doubt).toBeUndefined();
  });

  it("leaves out keys that have a column by now, and gives others names of their own", () => {
    const { keys } = driftOf(source, [row("userId"), row("user_id"), row("UserID")]);
    expect(keys.map(({ key, column }) => [key, column?.name])).toEqual([
      ["user_id", "user_id_2"],
      ["UserID", "user_id_3"],
    ]);
  });

  it("tells of columns whose texts are of another type by now, and of no value from before a column was there", () => {
    const misfit = { key: "userId", column: "user_id", type: "int64", firstDate: "2026-01-17", lastDate: "2026-01-18" };
    const { keys, misfits } = driftOf(source, [row("userId", { integers: 7, nulls: 1 }, "A-17")]);
    expect(keys).toEqual([]);
    expect(misfits).toEqual([{ ...misfit, rows: 2, example: "A-17" }]);
    expect(driftOf(source, [row("userId", { integers: 10 }), row("at", { timestamps: 10 })]).misfits).toEqual([]);
    expect(driftOf(source, [row("at", { timestamps: 9 })]).misfits).toMatchObject([{ column: "at", rows: 1 }]);
    const policy = sourceWith({ pii: { columns: { user_id: "keep" } } });
    expect(driftOf(policy, [row("userId", {}, "A-17")]).misfits).toEqual([{ ...misfit, rows: 10, example: undefined }]);
  });

  it("tells of every text that a column of the format could not hold, as these were there from the start", () => {
    const cloudfront = sourceWith({ format: "cloudfront", formatOptions: undefined });
    const rows = [row("sc-bytes", { integers: 10 }, "9223372036854775808"), row("cs(Referer)", {}, "x")];
    expect(driftOf(cloudfront, rows).misfits).toMatchObject([{ column: "sc_bytes", type: "int64", rows: 10 }]);
    expect(driftOf(cloudfront, rows).keys).toEqual([]);
  });

  it("proposes no column where the format's are its own", () => {
    const cloudfront = sourceWith({ format: "cloudfront", formatOptions: undefined });
    expect(driftOf(cloudfront, [row("x-new-field")]).keys[0]!.column).toBeUndefined();
  });

  it("shows no value where there is a policy for personal data, and no type where it withholds values", () => {
    const policy = { columns: { user_id: "keep" } };
    const scrubbed = sourceWith({ pii: { ...policy, extra: "scrub-text" } });
    expect(driftOf(scrubbed, [row("new", { integers: 10 }, "7")]).keys[0]).toMatchObject({
      type: "int64",
      example: undefined,
    });
    const named = sourceWith({ pii: { ...policy, extra: "names" } });
    expect(driftOf(named, [row("new", {}, "***")]).keys[0]).toMatchObject({
      type: undefined,
      doubt: expect.stringMatching(/withheld/),
      example: undefined,
    });
    const withheld = sourceWith({ pii: policy });
    expect(driftOf(withheld, [row("***", { integers: 10 })])).toEqual({ keys: [], misfits: [], withheldRows: 10 });
  });
});
