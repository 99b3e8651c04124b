import { describe, expect, it } from "vitest";
import { type PreparedObject, planChunks } from "../../../lake/batch/chunk-plan.ts";
import { prepared, quarantined } from "./prepared-objects.ts";

describe("planChunks", () => {
  const keysOf = (objects: PreparedObject[], maxBytes: number) =>
    planChunks(objects, maxBytes).map(({ pieces }) => pieces.map(({ stagedKey }) => stagedKey));

  it("fills chunks in order, and leaves out what was quarantined", () => {
    expect(keysOf([prepared("a", 4), quarantined, prepared("b", 6), prepared("c", 1)], 10)).toEqual([
      ["a-0", "b-0"],
      ["c-0"],
    ]);
  });

  it("keeps the pieces of one object in order, and gives one that is too long a chunk of its own", () => {
    expect(keysOf([prepared("a", 10, 10, 3), prepared("b", 12)], 10)).toEqual([["a-0"], ["a-1"], ["a-2"], ["b-0"]]);
  });

  it("says which object of the manifest a piece is of", () => {
    const [chunk] = planChunks([quarantined, prepared("a", 1)]);
    expect(chunk!.pieces[0]).toMatchObject({ index: 1, object: { key: "a" } });
  });

  it("takes what there is of an object that is cut, and says in which piece it breaks off", () => {
    const cut: PreparedObject = {
      ...(prepared("a", 4, 6) as PreparedObject & { status: "prepared" }),
      status: "truncated",
      reason: "TruncatedArchive",
      detail: "is cut",
    };
    cut.pieces[1] = { ...cut.pieces[1]!, isCut: true };
    const [chunk] = planChunks([cut], 10);
    expect(chunk!.pieces.map(({ stagedKey, isCut }) => [stagedKey, isCut])).toEqual([
      ["a-0", undefined],
      ["a-1", true],
    ]);
  });

  it("plans nothing for nothing", () => {
    expect(planChunks([quarantined])).toEqual([]);
  });
});
