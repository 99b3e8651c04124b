import { describe, expect, it } from "vitest";
import {
  checkPlaceholders,
  fillPlaceholders,
  placeholderIn,
  placeholdersOf,
} from "../../../stacks/state-machine/placeholders.ts";

const text = JSON.stringify({ FunctionName: "${write-parquet}", Retry: "${write-parquet}", Next: "${catalog}" });

describe("placeholders of a state machine", () => {
  it("are found once each", () => {
    expect(placeholdersOf(text)).toEqual(["write-parquet", "catalog"]);
  });

  it("are told when a text is nothing else", () => {
    expect(placeholderIn("${write-parquet}")).toBe("write-parquet");
    expect(["${a}${b}", "x${a}", "arn:a", ""].map(placeholderIn)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it("are all filled in", () => {
    const filled = fillPlaceholders(text, { "write-parquet": "arn:a", catalog: "arn:b" });
    expect(JSON.parse(filled)).toEqual({ FunctionName: "arn:a", Retry: "arn:a", Next: "arn:b" });
  });

  it("must each have a value", () => {
    expect(() => checkPlaceholders("Ingest", text, { catalog: "arn:b" })).toThrow(
      "Ingest: no value for ${write-parquet}",
    );
  });

  it("must each be used", () => {
    const values = { "write-parquet": "arn:a", catalog: "arn:b", parse: "arn:c" };
    expect(() => checkPlaceholders("Ingest", text, values)).toThrow("Ingest: nothing uses ${parse}");
  });
});
