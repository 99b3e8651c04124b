import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { Manifest } from "../../stacks/synth/manifest.ts";

const text = readFileSync(resolve(import.meta.dirname, "../../local/manifest.json"), "utf8");
const manifest: Manifest = JSON.parse(text);
const urns = manifest.resources.map(({ urn }) => urn);

describe("local/manifest.json", () => {
  it("is of the stage that a laptop runs", () => {
    expect(manifest).toMatchObject({
      app: "sluice",
      stage: "local",
      region: "eu-central-1",
      accountId: "111122223333",
    });
  });

  it("is in order, so that a change of the infrastructure is all that a diff shows", () => {
    expect(urns).toEqual([...new Set(urns)].sort());
    expect(Object.keys(manifest.functions)).toEqual(Object.keys(manifest.functions).sort());
  });

  it("refers to nothing that it leaves out", () => {
    const referred = manifest.resources.flatMap(({ references }) => Object.values(references).flat());
    expect(referred.filter((urn) => !urns.includes(urn))).toEqual([]);
  });

  it("tells nothing of the machine that wrote it, and no hash of code", () => {
    expect(text).not.toContain(resolve(import.meta.dirname, "../.."));
    expect(text).not.toMatch(/\.sst\b|\b[0-9a-f]{40,}\b/);
  });

  it("has every function twice: as AWS gets it, and as it is built", () => {
    const deployed = manifest.resources.filter(({ type }) => type === "aws:lambda/function:Function");
    expect(
      Object.values(manifest.functions)
        .map(({ functionName }) => functionName)
        .sort(),
    ).toEqual(deployed.map(({ attributes }) => attributes.name).sort());
  });
});
