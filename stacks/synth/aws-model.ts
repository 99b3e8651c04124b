/**
 * A model of AWS's answers: computed attributes for the resource types that the stacks register, and the provider's
 * read-only lookups. Nothing is guessed: for another type the recorder lists it, and a test fails.
 */
import type { Values } from "./graph.ts";

export const ACCOUNT_ID = "111122223333";

/** Where the modelled cloud is: a region, and what follows from it. */
export interface Place {
  region: string;
  /** The beginning of ARNs. */
  partition: string;
  /** The end of host names. */
  dnsSuffix: string;
}

interface Registration extends Place {
  /** The logical name. */
  name: string;
  inputs: Values;
}

type Model = (registration: Registration) => Values & { id: string };

/** Stands where the provider would add random letters to a resource that was given no name; a test looks for it. */
export const GENERATED_SUFFIX = "-0a1b2c3";

const arn = (service: string, { partition, region }: Place, rest: string) =>
  `arn:${partition}:${service}:${region}:${ACCOUNT_ID}:${rest}`;
const givenName = ({ name, inputs }: Registration, key = "name"): string => inputs[key] ?? name + GENERATED_SUFFIX;

/** A resource whose id is its name, with an ARN. */
const named =
  (service: string, path: (name: string) => string, key = "name"): Model =>
  (registration) => {
    const name = givenName(registration, key);
    return { id: name, [key]: name, arn: arn(service, registration, path(name)) };
  };

/** A resource whose id is its ARN. */
const identifiedByArn =
  (service: string, path: (name: string) => string): Model =>
  (registration) => {
    const made = named(service, path)(registration);
    return { ...made, id: made.arn };
  };

/** A resource whose computed attributes nothing may read. */
const plain: Model = (registration) => ({ id: givenName(registration) });

export const models: Record<string, Model> = {
  "aws:athena/namedQuery:NamedQuery": plain,
  "aws:athena/workgroup:Workgroup": named("athena", (name) => `workgroup/${name}`),
  "aws:cloudwatch/logGroup:LogGroup": named("logs", (name) => `log-group:${name}`),
  "aws:cloudwatch/metricAlarm:MetricAlarm": named("cloudwatch", (name) => `alarm:${name}`),
  "aws:dynamodb/table:Table": named("dynamodb", (name) => `table/${name}`),
  "aws:glue/catalogDatabase:CatalogDatabase": (registration) => {
    const name = givenName(registration);
    return {
      id: `${ACCOUNT_ID}:${name}`,
      name,
      catalogId: ACCOUNT_ID,
      arn: arn("glue", registration, `database/${name}`),
    };
  },
  "aws:glue/catalogTable:CatalogTable": (registration) => {
    const name = givenName(registration);
    const { databaseName } = registration.inputs;
    return {
      id: `${ACCOUNT_ID}:${databaseName}:${name}`,
      name,
      catalogId: ACCOUNT_ID,
      arn: arn("glue", registration, `table/${databaseName}/${name}`),
    };
  },
  "aws:glue/crawler:Crawler": named("glue", (name) => `crawler/${name}`),
  "aws:iam/role:Role": (registration) => {
    const name = givenName(registration);
    return { id: name, name, arn: `arn:${registration.partition}:iam::${ACCOUNT_ID}:role/${name}` };
  },
  "aws:kms/alias:Alias": named("kms", (name) => name),
  "aws:kms/key:Key": (registration) => {
    const keyId = `key-${registration.name}`;
    return { id: keyId, keyId, arn: arn("kms", registration, `key/${keyId}`) };
  },
  "aws:lambda/function:Function": (registration) => {
    const made = named("lambda", (name) => `function:${name}`)(registration);
    const invokeArn = `arn:${registration.partition}:apigateway:${registration.region}:lambda:path/2015-03-31/functions/${made.arn}/invocations`;
    return { ...made, version: "$LATEST", qualifiedArn: `${made.arn}:$LATEST`, invokeArn };
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": plain,
  "aws:lambda/functionUrl:FunctionUrl": (registration) => {
    const { region, inputs } = registration;
    const urlId = registration.name.toLowerCase();
    return {
      id: inputs.functionName,
      functionUrl: `https://${urlId}.lambda-url.${region}.on.aws/`,
      functionArn: arn("lambda", registration, `function:${inputs.functionName}`),
      urlId,
    };
  },
  "aws:lambda/permission:Permission": plain,
  "aws:pipes/pipe:Pipe": named("pipes", (name) => `pipe/${name}`),
  "aws:s3/bucket:Bucket": (registration) => {
    const bucket = givenName(registration, "bucket");
    return {
      id: bucket,
      bucket,
      arn: `arn:${registration.partition}:s3:::${bucket}`,
      region: registration.region,
      bucketDomainName: `${bucket}.s3.${registration.dnsSuffix}`,
      bucketRegionalDomainName: `${bucket}.s3.${registration.region}.${registration.dnsSuffix}`,
    };
  },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": plain,
  "aws:s3/bucketNotification:BucketNotification": plain,
  "aws:s3/bucketObjectv2:BucketObjectv2": ({ inputs }) => ({
    id: inputs.key,
    key: inputs.key,
    bucket: inputs.bucket,
    versionId: "1",
  }),
  "aws:s3/bucketPolicy:BucketPolicy": plain,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": plain,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": plain,
  "aws:s3/bucketVersioning:BucketVersioning": plain,
  "aws:scheduler/schedule:Schedule": named("scheduler", (name) => `schedule/default/${name}`),
  "aws:secretsmanager/secret:Secret": (registration) => {
    const { name, inputs } = registration;
    // Secrets Manager adds six letters of its own to the name.
    const value = arn("secretsmanager", registration, `secret:${inputs.name ?? name + GENERATED_SUFFIX}-AbCdEf`);
    return { id: value, name: inputs.name ?? name + GENERATED_SUFFIX, arn: value };
  },
  "aws:secretsmanager/secretVersion:SecretVersion": ({ inputs }) => ({
    id: `${inputs.secretId}|1`,
    arn: inputs.secretId,
    versionId: "1",
  }),
  "aws:sfn/stateMachine:StateMachine": identifiedByArn("states", (name) => `stateMachine:${name}`),
  "aws:sns/topic:Topic": identifiedByArn("sns", (name) => name),
  "aws:sns/topicPolicy:TopicPolicy": plain,
  "aws:sns/topicSubscription:TopicSubscription": ({ name, inputs }) => {
    const value = `${inputs.topic}:${name}`;
    return { id: value, arn: value };
  },
  "aws:sqs/queue:Queue": (registration) => {
    const name = givenName(registration);
    const url = `https://sqs.${registration.region}.${registration.dnsSuffix}/${ACCOUNT_ID}/${name}`;
    return { id: url, url, name, arn: arn("sqs", registration, name) };
  },
  "aws:sqs/queuePolicy:QueuePolicy": plain,
  "random:index/randomBytes:RandomBytes": ({ name, inputs }) => {
    const bytes = Buffer.alloc(inputs.length, 7);
    return { id: name, base64: bytes.toString("base64"), hex: bytes.toString("hex") };
  },
};

/** The partition that AWS has a region in. */
export function placeOf(region: string): Place {
  if (region.startsWith("cn-")) return { region, partition: "aws-cn", dnsSuffix: "amazonaws.com.cn" };
  if (region.startsWith("us-gov-")) return { region, partition: "aws-us-gov", dnsSuffix: "amazonaws.com" };
  return { region, partition: "aws", dnsSuffix: "amazonaws.com" };
}

/** The answer to a read-only provider call; undefined when it has no model. */
export function lookup(token: string, inputs: Values, { region, partition, dnsSuffix }: Place): Values | undefined {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return {
        id: ACCOUNT_ID,
        accountId: ACCOUNT_ID,
        arn: `arn:${partition}:iam::${ACCOUNT_ID}:user/synth`,
        userId: "AIDASYNTH",
      };
    case "aws:index/getRegion:getRegion":
      return { id: region, region: inputs.region ?? region, name: region };
    case "aws:index/getPartition:getPartition":
      return { id: partition, partition, dnsSuffix, reverseDnsPrefix: dnsSuffix.split(".").reverse().join(".") };
    case "aws:secretsmanager/getRandomPassword:getRandomPassword":
      return { id: "password", randomPassword: "generated-by-secrets-manager" };
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return policyDocument(inputs);
    default:
      return undefined;
  }
}

/** IAM JSON as the provider renders it: lists of one collapse, effects default to Allow. */
function policyDocument(inputs: Values): Values {
  const collapse = <T>(list: T[] | undefined) => (list?.length === 1 ? list[0] : list);
  const rendered = (inputs.statements as Values[] | undefined)?.map((statement) => ({
    Sid: statement.sid,
    Effect: statement.effect ?? "Allow",
    Principal: principals(statement.principals),
    Action: collapse(statement.actions),
    NotAction: collapse(statement.notActions),
    Resource: collapse(statement.resources),
    NotResource: collapse(statement.notResources),
    Condition: conditions(statement.conditions),
  }));
  const json = JSON.stringify({ Version: inputs.version ?? "2012-10-17", Statement: rendered ?? [] });
  // SST decides by the absence of `statements` whether a role gets an inline policy.
  return {
    ...inputs,
    statements: rendered?.length ? inputs.statements : undefined,
    id: "policy",
    json,
    minifiedJson: json,
  };

  function principals(list: Values[] | undefined) {
    if (!list?.length) return undefined;
    if (list.some(({ type }) => type === "*")) return "*";
    const byType: Record<string, string[]> = {};
    for (const { type, identifiers } of list) byType[type] = [...(byType[type] ?? []), ...identifiers];
    return Object.fromEntries(Object.entries(byType).map(([type, identifiers]) => [type, collapse(identifiers)]));
  }

  function conditions(list: Values[] | undefined) {
    if (!list?.length) return undefined;
    const byTest: Record<string, Values> = {};
    for (const { test, variable, values } of list) byTest[test] = { ...byTest[test], [variable]: collapse(values) };
    return byTest;
  }
}
