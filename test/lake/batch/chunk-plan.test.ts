import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Chunk, type PreparedObject, planChunks, singleOut } from "../../../lake/batch/chunk-plan.ts";
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
    cut.pieces[1] = { ...cut.pieces[1]!, isTruncated: true };
    const [chunk] = planChunks([cut], 10);
    expect(chunk!.pieces.map(({ stagedKey, isTruncated }) => [stagedKey, isTruncated])).toEqual([
      ["a-0", undefined],
      ["a-1", true],
    ]);
  });

  it("plans nothing for nothing", () => {
    expect(planChunks([quarantined])).toEqual([]);
  });
});

describe("a chunk that cannot be parsed", () => {
  const indexesOf = (chunk: Chunk) => [...new Set(chunk.pieces.map(({ index }) => index))];

  it("costs the one object in it, or gives each of its objects a chunk of its own", () => {
    const [chunk] = planChunks([prepared("a", 1), prepared("b", 1)]);
    expect(singleOut(chunk!)).toEqual({ alone: [0, 1] });
    const [large] = planChunks([prepared("a", 60, 60)], 100);
    expect(singleOut(large!)).toEqual({ setAside: 0 });
  });

  it("is narrowed down to the objects that fail, whichever they are, in three rounds, and costs no other object", () => {
    const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 }), { minLength: 1 });
    fc.assert(
      fc.property(sizes, fc.func(fc.boolean()), (objects, fails) => {
        const state: PreparedObject[] = objects.map((bytes, n) => prepared(String(n), ...bytes));
        const isBad = state.map((_, index) => fails(index));
        for (let round = 0; round < 3; round++)
          for (const chunk of planChunks(state, 100)) {
            if (!indexesOf(chunk).some((index) => isBad[index])) continue;
            expect(round).toBeLessThan(2);
            const found = singleOut(chunk);
            if ("setAside" in found) {
              const { object } = state[found.setAside]!;
              state[found.setAside] = { status: "quarantined", object, reason: "ReadFailed", detail: "" };
            } else
              for (const index of found.alone) {
                const entry = state[index]!;
                if ("pieces" in entry) state[index] = { ...entry, alone: true };
              }
          }
        expect(state.map(({ status }) => status === "quarantined")).toEqual(isBad);
        const planned = planChunks(state, 100).flatMap(({ pieces }) => pieces.map(({ stagedKey }) => stagedKey));
        const kept = state.flatMap((entry) =>
          "pieces" in entry ? entry.pieces.map(({ stagedKey }) => stagedKey) : [],
        );
        expect(planned).toEqual(kept);
      }),
    );
  });
});
