/**
 * The resources that a deployment would ask AWS for: every one that the stacks register, with its inputs resolved, and the
 * answers of the modelled cloud. Written by `pulumi-engine.ts`, read by the manifest and by the infrastructure tests.
 */

// biome-ignore lint/suspicious/noExplicitAny: the values of resources have as many shapes as AWS has resource types
export type Values = Record<string, any>;

export interface Resource {
  urn: string;
  /** Pulumi's type token, such as `aws:sqs/queue:Queue`. */
  type: string;
  name: string;
  /** The URN of the component or stack that it belongs to. */
  parent: string;
  /** A component groups resources and is not a resource itself. */
  component: boolean;
  /** The inputs from the stacks, with every output resolved. */
  inputs: Values;
  /** The answer of the modelled cloud: ids, ARNs, names. */
  attributes: Values;
  /** The outputs that a component registered. */
  outputs?: Values;
  options: { protect: boolean; retainOnDelete: boolean; ignoreChanges: string[] };
  /** For each input, the URNs that its value was computed from. */
  references: Record<string, string[]>;
  /** The URNs that must be there before it is made: those that its inputs refer to, and those that it names besides. */
  dependencies: string[];
}

export interface FunctionCode {
  /** File and export, such as `functions/parse.handler`. */
  handler: string;
  runtime: string;
  /** Packages that are installed beside the bundle, by name, instead of bundled. */
  install: string[];
  /** The version of each, as it is asked for. */
  versions: Record<string, string>;
  /** Folders and files copied beside the bundle, relative to the project's root. */
  copyFiles: { from: string; to: string }[];
}

export interface GraphDocument {
  app: string;
  stage: string;
  region: string;
  resources: Resource[];
  /** Resource types without a model: their computed attributes are blank. */
  unmodelled: string[];
  functions: Record<string, FunctionCode>;
}

interface PolicyStatement {
  Effect: "Allow" | "Deny";
  Action: string[];
  Resource: string[];
  Principal?: Values | "*";
  Condition?: Values;
}

export class Graph {
  readonly document: GraphDocument;

  constructor(document: GraphDocument) {
    this.document = document;
  }

  get resources(): readonly Resource[] {
    return this.document.resources;
  }

  /** Every resource of a type; `aws:sqs/queue` stands for `aws:sqs/queue:Queue`. */
  all(type: string): Resource[] {
    return this.resources.filter((resource) => resource.type === type || resource.type.startsWith(`${type}:`));
  }

  /** @throws When there is none of that name, with the names that there are. */
  one(type: string, name: string): Resource {
    const found = this.all(type).find((resource) => resource.name === name);
    if (found) return found;
    const names = this.all(type).map((resource) => resource.name);
    throw new Error(`No ${type} is named "${name}"; there are: ${names.join(", ")}`);
  }

  arn(type: string, name: string): string {
    return this.one(type, name).attributes.arn;
  }

  /** The permissions of a role: its inline policies and those attached to it; managed policies by ARN. */
  permissions(role: string): { statements: PolicyStatement[]; managed: string[] } {
    const { inputs, attributes } = this.one("aws:iam/role", role);
    const attached = (type: string) => this.all(type).filter((other) => other.inputs.role === attributes.id);
    return {
      statements: [
        ...listed(inputs.inlinePolicies).map(({ policy }) => policy),
        ...attached("aws:iam/rolePolicy").map((other) => other.inputs.policy),
      ].flatMap(statements),
      managed: [
        ...listed<string>(inputs.managedPolicyArns),
        ...attached("aws:iam/rolePolicyAttachment").map((other) => other.inputs.policyArn),
      ],
    };
  }

  /** The principals that may assume a role. */
  trust(role: string): PolicyStatement[] {
    return statements(this.one("aws:iam/role", role).inputs.assumeRolePolicy);
  }
}

/** The statements of a policy document, with single actions and resources as lists. */
export function statements(policy: string | Values): PolicyStatement[] {
  const { Statement } = typeof policy === "string" ? JSON.parse(policy) : policy;
  return listed<Values>(Statement).map(
    (statement) =>
      ({ ...statement, Action: listed(statement.Action), Resource: listed(statement.Resource) }) as PolicyStatement,
  );
}

function listed<T = Values>(value: T | T[] | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
