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

  // Lambda and Glue take a role from whoever may pass it, which nobody of another account can. Neither is documented to tell
  // for which account it acts, and a condition on what is not told is never met.
  const servicesRoles = roles.filter((role) => !/lambda|glue/.test(JSON.stringify(prod.trust(role))));
  it.each(servicesRoles)("%s is assumed on behalf of this account only", (role) => {
    expect(prod.trust(role)).toMatchObject([{ Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT_ID } } }]);
  });
});

describe("the role that queries", () => {
  // https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
  it("may see the database that Athena looks for at every query, and its own", () => {
    const seen = prod
      .permissions("RunAthenaQueryRole")
      .statements.filter(({ Action }) => Action.includes("glue:GetDatabase"))
      .flatMap(({ Resource }) => Resource);
    expect(seen).toEqual(
      expect.arrayContaining([
        `arn:aws:glue:eu-central-1:${ACCOUNT_ID}:catalog`,
        `arn:aws:glue:eu-central-1:${ACCOUNT_ID}:database/default`,
        prod.arn("aws:glue/catalogDatabase", "Database"),
      ]),
    );
  });

  it("may do nothing else with that database", () => {
    const more = prod
      .permissions("RunAthenaQueryRole")
      .statements.filter(({ Resource }) => Resource.some((arn) => arn.endsWith("/default")))
      .flatMap(({ Action }) => Action);
    expect(more).toEqual(["glue:GetDatabase"]);
  });
});

describe("a crawler's role", () => {
  it("is trusted to Glue as AWS documents it", () => {
    expect(prod.trust("CloudfrontCrawlerRole")).toEqual([
      { Effect: "Allow", Principal: { Service: "glue.amazonaws.com" }, Action: ["sts:AssumeRole"], Resource: [] },
    ]);
  });

  it("may read the files of its source, and see and change that table only", () => {
    const { statements } = prod.permissions("CloudfrontCrawlerRole");
    const resourcesOf = (action: string) =>
      statements.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource }) => Resource);
    const lake = prod.arn("aws:s3/bucket", "LakeBucketBucket");
    expect(resourcesOf("s3:GetObject")).toEqual([`${lake}/cloudfront/*`]);
    expect(resourcesOf("s3:ListBucket")).toEqual([lake]);
    expect(resourcesOf("glue:UpdateTable")).toEqual([
      `arn:aws:glue:eu-central-1:${ACCOUNT_ID}:catalog`,
      prod.arn("aws:glue/catalogDatabase", "Database"),
      prod.arn("aws:glue/catalogTable", "CloudfrontTable"),
    ]);
    expect(resourcesOf("logs:PutLogEvents")).toContain(
      `arn:aws:logs:eu-central-1:${ACCOUNT_ID}:log-group:/aws-glue/crawlers:*`,
    );
  });
});
