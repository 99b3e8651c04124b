import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileKernel } from "../../../lake/kernel/build.ts";

describe("kernel.wasm.ts", () => {
  it("is what its sources compile to", async () => {
    const path = new URL("../../../lake/kernel/kernel.wasm.ts", import.meta.url);
    expect(readFileSync(path, "utf8"), "run npm run build:kernel").toBe(await compileKernel());
  });
});
