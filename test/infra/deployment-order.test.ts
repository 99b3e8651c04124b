import { describe, expect, it } from "vitest";
import { Waves } from "../../stacks/synth/waves.ts";
import { prod } from "./stages.ts";

const waves = new Waves(prod);

/** Resources that AWS checks once, by their role, when they are made. */
const CHECKED_BY_ROLE: Record<string, string> = {
  "aws:pipes/pipe": "roleArn",
  "aws:sfn/stateMachine": "roleArn",
  "aws:scheduler/schedule": "target",
  "aws:glue/crawler": "role",
};

const checked = Object.entries(CHECKED_BY_ROLE).flatMap(([type, input]) =>
  prod.all(type).map((resource) => {
    const roles = prod.all("aws:iam/role").filter(({ urn }) => resource.references[input]?.includes(urn));
    return { resource, role: roles[0]! };
  }),
);

describe("the order of a first deployment", () => {
  it.each(checked)("makes the role of $resource.type $resource.name with the first resources", ({ role }) => {
    // It takes seconds until a new role is known everywhere, and a pipe that its role fails is not tried again.
    expect(waves.of(role.urn)).toBe(0);
  });

  it("makes each pipe some waves after its role", () => {
    const pipes = checked.filter(({ resource }) => resource.type.startsWith("aws:pipes/pipe"));
    expect(pipes.map(({ resource, role }) => waves.of(resource.urn) - waves.of(role.urn) > 3)).toEqual(
      pipes.map(() => true),
    );
  });

  it("announces objects some waves after the queues let the bucket in", () => {
    // S3 checks once that it may send, and does not know a new policy of a queue at once.
    const { urn, dependencies } = prod.one("aws:s3/bucketNotification", "RawNotification");
    const policies = prod.all("aws:sqs/queuePolicy").filter((policy) => dependencies.includes(policy.urn));
    expect(policies.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["AlbIntakePolicy", "ClickstreamIntakePolicy", "CloudfrontIntakePolicy"]),
    );
    for (const policy of policies) expect(waves.of(urn) - waves.of(policy.urn)).toBeGreaterThan(3);
  });

  it("lets nothing wait for a crawler, which is optional", () => {
    const waiting = prod.all("aws:glue/crawler").flatMap(({ urn }) => waves.waitingFor(urn));
    expect(waiting).toEqual([]);
  });

  it("is a short chain", () => {
    // Before roles named what they touch by computed ARNs it had 12 links.
    expect(waves.longestChain().length, waves.longestChain().join("\n")).toBeLessThanOrEqual(7);
  });
});
