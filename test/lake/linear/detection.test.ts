import { expect, it } from "vitest";
import { formatOf } from "../../../lake/formats/index.ts";
import { growingShapes } from "./growing-shapes.ts";

/** Detect format has 60 seconds for an object, of whose text it may see 8 MiB. */
const BUDGET_MS = 400;
const TEXT_BYTES = 64 << 10;

it("names the format of 64 KiB of any shape in no time", () => {
  const slow = Object.entries(growingShapes).filter(([, textOf]) => {
    const text = Buffer.from(textOf(TEXT_BYTES));
    const start = performance.now();
    formatOf(text);
    return performance.now() - start > BUDGET_MS;
  });
  expect(slow.map(([name]) => name)).toEqual([]);
});
