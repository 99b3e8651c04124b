import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { ACCOUNT_ID } from "../../stacks/synth/aws-model.ts";
import { type Manifest, type ManifestResource, manifestOf, manifestText } from "../../stacks/synth/manifest.ts";
import { sstEnvironmentTypes } from "../../stacks/synth/sst-env.ts";
import { local } from "./stages.ts";

const committed = (file: string) => readFileSync(resolve(import.meta.dirname, "../..", file), "utf8");

describe("what npm run synth writes", () => {
  it("is committed as it is: run `npm run synth` when this fails", () => {
    const fresh = manifestOf(local, ACCOUNT_ID);
    const old: Manifest = JSON.parse(committed("local/manifest.json"));
    const isIn = ({ resources }: Manifest, resource: ManifestResource) =>
      resources.some((other) => isDeepStrictEqual(other, resource));
    // Names first: the whole difference is some thousand lines.
    expect({
      stale: old.resources.filter((resource) => !isIn(fresh, resource)).map(({ urn }) => urn),
      missing: fresh.resources.filter((resource) => !isIn(old, resource)).map(({ urn }) => urn),
      functions: Object.keys(fresh.functions).filter(
        (name) => !isDeepStrictEqual(fresh.functions[name], old.functions[name]),
      ),
    }).toEqual({ stale: [], missing: [], functions: [] });
    expect(manifestText(fresh) === committed("local/manifest.json")).toBe(true);
  });

  it("includes the types of SST's links", () => {
    expect(sstEnvironmentTypes(local)).toBe(committed("sst-env.d.ts"));
  });
});
