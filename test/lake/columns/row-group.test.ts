import { describe, expect, it } from "vitest";
import { cloudFrontText } from "../../../bench/columns/generate.ts";
import {
  copyRowGroup,
  packRowGroup,
  type SerializedRowGroup,
  unpackRowGroup,
} from "../../../lake/columns/row-group.ts";
import { cloudfront } from "../../../lake/formats/cloudfront/cloudfront.ts";
import { GrowingBytes } from "../../../lake/rows/growing-bytes.ts";
import { parseText } from "./parse-text.ts";

async function rowGroupsOf(rows: number): Promise<SerializedRowGroup[]> {
  const text = Buffer.concat([...cloudFrontText({ rows, seed: rows })]);
  return [...(await parseText(cloudfront, text)).rowGroups.values()].flat();
}

describe("a packed row group", () => {
  it("is unpacked to what it was, also from memory that held a larger one before", async () => {
    const memory = new GrowingBytes(0);
    for (const rowGroup of [...(await rowGroupsOf(3000)), ...(await rowGroupsOf(50))]) {
      const unpacked = unpackRowGroup(packRowGroup(rowGroup, memory));
      expect(unpacked.metadata).toEqual(rowGroup.metadata);
      expect(copyRowGroup(unpacked).parts).toEqual(copyRowGroup(rowGroup).parts);
    }
  });

  it("is refused when it was cut", async () => {
    const [rowGroup] = await rowGroupsOf(50);
    const packed = packRowGroup(rowGroup!);
    expect(() => unpackRowGroup(packed.subarray(0, -1))).toThrow();
    expect(() => unpackRowGroup(packed.subarray(1))).toThrow(/bytes of columns/);
  });
});
