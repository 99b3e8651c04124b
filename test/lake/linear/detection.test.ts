import { expect, it } from "vitest";
import { formatOf } from "../../../lake/formats/index.ts";
import { growingShapes } from "./growing-shapes.ts";
import { growsTooFast } from "./time-of.ts";

const TEXT_BYTES = 16 << 10;

it("takes time to name a format that grows as the text does, whatever its shape", async () => {
  const tooFast: string[] = [];
  for (const [name, textOf] of Object.entries(growingShapes))
    if ((await growsTooFast((text) => formatOf(text), textOf, TEXT_BYTES)) !== undefined) tooFast.push(name);
  expect(tooFast).toEqual([]);
});
