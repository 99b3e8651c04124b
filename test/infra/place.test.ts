import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ACCOUNT_ID } from "../../stacks/synth/aws-model.ts";
import type { Graph } from "../../stacks/synth/graph.ts";
import { elsewhere, prod } from "./stages.ts";

const root = resolve(import.meta.dirname, "../..");

/** All that a stage asks AWS for, as text. */
const textOf = (graph: Graph) => JSON.stringify(graph.resources.map(({ inputs }) => inputs));

describe("a lake in another region and partition", () => {
  const text = textOf(elsewhere);

  it("has no ARN of the partition aws, service integrations of its state machines included", () => {
    expect(text.match(/.{0,60}\barn:aws:.{0,60}/g)).toBeNull();
    expect(text).toContain("arn:aws-cn:states:::lambda:invoke");
    expect(text).toContain(`arn:aws-cn:iam::${ACCOUNT_ID}:root`);
  });

  it("has no other region, and no other project's name", () => {
    expect(text.match(/.{0,60}\beu-central-1\b.{0,60}/g)).toBeNull();
    expect(text.match(/.{0,60}\bsluice[-_].{0,60}/g)).toBeNull();
    expect(elsewhere.one("aws:glue/catalogDatabase", "Database").inputs.name).toBe("logs_prod");
    expect(elsewhere.one("aws:s3/bucket", "RawBucketBucket").inputs.bucket).toBe(`logs-prod-raw-${ACCOUNT_ID}`);
  });

  it("trusts services by the names that all partitions know", () => {
    const principals = elsewhere
      .all("aws:iam/role")
      .flatMap(({ name }) => elsewhere.trust(name).flatMap(({ Principal }) => JSON.stringify(Principal)));
    expect(principals.filter((principal) => !/"[a-z]+\.amazonaws\.com"/.test(principal))).toEqual([]);
  });

  it("differs from one at home in the partition only where a partition is named", () => {
    expect(textOf(prod)).toContain("arn:aws:states:::lambda:invoke");
    expect(textOf(prod)).not.toContain("arn:aws-cn:");
  });
});

describe("the stacks", () => {
  const files = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)],
    );
  const sources = [...files(join(root, "stacks")), join(root, "sst.config.ts")].filter((file) => file.endsWith(".ts"));

  it("write no region, and no partition but in the integrations of definitions", () => {
    const literals = sources.flatMap((file) =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter((line) =>
          /\barn:aws(-cn|-us-gov)?:(?!states:::)|["'`][a-z]{2}-(central|east|west|north|south)-\d/.test(line),
        )
        .map((line) => `${file.slice(root.length + 1)}: ${line.trim()}`),
    );
    expect(literals).toEqual([]);
  });
});
