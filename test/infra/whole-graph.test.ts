import { describe, expect, it } from "vitest";
import { ACCOUNT_ID, GENERATED_SUFFIX } from "../../stacks/synth/aws-model.ts";
import type { Graph } from "../../stacks/synth/graph.ts";
import { elsewhere, prod } from "./stages.ts";

/** Every string in a value, with the path that leads to it. */
function* strings(value: unknown, path: string): Generator<[path: string, text: string]> {
  if (typeof value === "string") yield [path, value];
  else if (value && typeof value === "object")
    for (const [key, inner] of Object.entries(value)) yield* strings(inner, `${path}.${key}`);
}
const textsOf = (graph: Graph) =>
  graph.resources.flatMap(({ type, name, inputs }) => [...strings(inputs, `${type} ${name}`)]);
const texts = textsOf(prod);

describe.each([
  ["prod", prod],
  ["a lake with every format and setting", elsewhere],
])("all that %s would have", (_, graph) => {
  it("is of types whose answers are modelled", () => {
    expect(graph.document.unmodelled).toEqual([]);
  });

  it("has no text into which something undefined or unresolved was written", () => {
    expect(textsOf(graph).filter(([, text]) => /\bundefined\b|\[object |Calling \[to/.test(text))).toEqual([]);
  });
});

describe("all that prod would have", () => {
  it("has no placeholder left", () => {
    expect(
      texts.filter(([path, text]) => /\$\{[\w-]+\}/.test(text) && !path.startsWith("aws:athena/namedQuery")),
    ).toEqual([]);
  });

  it("is named after app and stage, so that two stages share an account", () => {
    // What has an ARN has a name that must be unique; buckets and the catalog have rules of their own.
    const named = prod.resources.filter(({ component, attributes }) => !component && attributes.arn);
    const strangers = named.filter(
      ({ type, attributes }) => !/sluice[-_]prod/.test(attributes.arn) && !["aws:kms/key:Key"].includes(type),
    );
    expect(strangers.map(({ type, name }) => `${type} ${name}`)).toEqual([]);
    expect(named.filter(({ attributes }) => attributes.arn.endsWith(GENERATED_SUFFIX)).map(({ name }) => name)).toEqual(
      [],
    );
  });

  it("names nothing of this account that it does not create", () => {
    const created = prod.resources
      .map(({ attributes }) => attributes.arn as string | undefined)
      .filter((arn) => arn !== undefined);
    const belongings = created.flatMap((arn) => [
      arn,
      arn.replace(":stateMachine:", ":execution:"),
      arn.replace(/:database\/(.*)$/, ":table/$1/"),
    ]);
    const awsOwn = [
      `arn:aws:glue:eu-central-1:${ACCOUNT_ID}:catalog`,
      `arn:aws:glue:eu-central-1:${ACCOUNT_ID}:database/default`,
      `arn:aws:events:eu-central-1:${ACCOUNT_ID}:event-bus/default`,
      `arn:aws:events:eu-central-1:${ACCOUNT_ID}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`,
      `arn:aws:logs:eu-central-1:${ACCOUNT_ID}:log-group:/aws-glue/crawlers`,
      `arn:aws:athena:eu-central-1:${ACCOUNT_ID}:datacatalog/AwsDataCatalog`,
      `arn:aws:iam::${ACCOUNT_ID}:root`,
      `arn:aws:cloudwatch:eu-central-1:${ACCOUNT_ID}:alarm:sluice-prod-*`,
    ];
    const pattern = new RegExp(`arn:aws:[a-z0-9-]+:[a-z0-9-]*:${ACCOUNT_ID}:[\\w:/.$*-]+`, "g");
    const mentioned = texts.flatMap(([path, text]) => [...text.matchAll(pattern)].map(([arn]) => `${path}: ${arn}`));
    expect(mentioned.length).toBeGreaterThan(100);
    const known = [...belongings, ...awsOwn];
    expect(
      mentioned.filter((line) => !known.some((arn) => line.slice(line.indexOf(": arn:") + 2).startsWith(arn))),
    ).toEqual([]);
  });
});
