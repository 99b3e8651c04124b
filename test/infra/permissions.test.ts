import { describe, expect, it } from "vitest";
import { ACCOUNT_ID } from "../../stacks/synth/aws-model.ts";
import { prod } from "./stages.ts";

const roles = prod.all("aws:iam/role").map(({ name }) => name);

/** Actions for which AWS knows no resource to name. */
const WITHOUT_RESOURCE = [
  /^xray:(Put(TraceSegments|TelemetryRecords)|GetSampling(Rules|Targets))$/,
  /^logs:(Create|Get|Update|Delete|List)LogDeliver(y|ies)$/,
  /^logs:(PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups)$/,
];

describe("every role", () => {
  it.each(roles)("%s names what it may touch", (role) => {
    const wide = prod
      .permissions(role)
      .statements.filter(({ Resource }) => Resource.includes("*"))
      .flatMap(({ Action }) => Action)
      .filter((action) => !WITHOUT_RESOURCE.some((pattern) => pattern.test(action)));
    expect(wide).toEqual([]);
  });

  it.each(roles)("%s names what it may do", (role) => {
    const { statements, managed } = prod.permissions(role);
    expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes("*"))).toEqual([]);
    expect(managed).toEqual([]);
  });

  it.each(roles)("%s is assumed by one AWS service", (role) => {
    const principals = prod.trust(role).map(({ Principal }) => Principal);
    expect(principals).toEqual([
      { Service: expect.stringMatching(/^(lambda|states|pipes|scheduler|glue)\.amazonaws\.com$/) },
    ]);
  });

  const servicesRoles = roles.filter(
    (role) => JSON.stringify(prod.trust(role)).includes("lambda.amazonaws.com") === false,
  );
  it.each(servicesRoles)("%s is assumed on behalf of this account only", (role) => {
    expect(prod.trust(role)).toMatchObject([{ Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT_ID } } }]);
  });
});
