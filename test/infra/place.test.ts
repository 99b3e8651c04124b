import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ACCOUNT_ID } from "../../stacks/synth/aws-model.ts";
import type { Graph } from "../../stacks/synth/graph.ts";
import { synth } from "../../stacks/synth/synth.ts";
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

describe("names", () => {
  it("that AWS would refuse stop the run before it describes anything with them", async () => {
    const stage = "somebody-who-tries-things-out-for-some-time";
    await expect(synth(stage)).rejects.toThrow(
      /"sluice-somebody-[\w-]+" has \d+ characters, and AWS takes (64|50) for a name: choose a shorter stage, or shorter names/,
    );
  });

  it("of roles, functions, pipes and schedules are short enough", () => {
    const names = [prod, elsewhere].flatMap((graph) =>
      ["aws:iam/role", "aws:lambda/function", "aws:pipes/pipe", "aws:scheduler/schedule"].flatMap((type) =>
        graph.all(type).map(({ attributes }) => attributes.name as string),
      ),
    );
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => name.length > 64)).toEqual([]);
    const buckets = [prod, elsewhere].flatMap((graph) => graph.all("aws:s3/bucket"));
    expect(buckets.filter(({ attributes }) => attributes.bucket.length > 63)).toEqual([]);
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
