import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { ServiceError } from "../../service-error.ts";
import type { ManifestResource, Values } from "../manifest.ts";
import type { DeployContext, ResourceType } from "../resource-type.ts";

export const table: ResourceType = {
  async deploy(resource, context) {
    const { inputs, attributes } = resource;
    const TableName = attributes.name;
    const existing = await describe(TableName, context);
    if (existing) checkKeys(resource, existing);
    else await context.call("dynamodb", "CreateTable", { TableName, ...schemaOf(inputs) });
    if (inputs.ttl?.enabled) {
      const TimeToLiveSpecification = { Enabled: true, AttributeName: inputs.ttl.attributeName };
      await context.call("dynamodb", "UpdateTimeToLive", { TableName, TimeToLiveSpecification });
    }
  },
};

async function describe(TableName: string, { call }: DeployContext): Promise<TableDescription | undefined> {
  try {
    return ((await call("dynamodb", "DescribeTable", { TableName })) as { Table: TableDescription }).Table;
  } catch (error) {
    if (error instanceof ServiceError && error.code === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

/** Keys cannot change on a table; AWS would replace it, and everything in it. */
function checkKeys({ name, inputs }: ManifestResource, existing: TableDescription): void {
  const wanted = schemaOf(inputs);
  const keys = (schema: { AttributeName?: string | undefined; KeyType?: string | undefined }[] | undefined) =>
    (schema ?? []).map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`).join(", ");
  if (keys(wanted.KeySchema) !== keys(existing.KeySchema)) {
    throw new Error(
      `The table ${name} has the keys ${keys(existing.KeySchema)}, the stacks say ${keys(wanted.KeySchema)}: start on another --dir`,
    );
  }
  const had = (existing.GlobalSecondaryIndexes ?? []).map(({ IndexName }) => IndexName);
  const missing = (wanted.GlobalSecondaryIndexes ?? []).find(({ IndexName }) => !had.includes(IndexName));
  if (missing) throw new Error(`The table ${name} has no index ${missing.IndexName} yet: start on another --dir`);
}

function schemaOf(inputs: Values) {
  const keys = (hash: string, range: string | undefined) => [
    { AttributeName: hash, KeyType: "HASH" },
    ...(range ? [{ AttributeName: range, KeyType: "RANGE" }] : []),
  ];
  const projection = (index: Values) => ({
    ProjectionType: index.projectionType,
    ...(index.nonKeyAttributes?.length && { NonKeyAttributes: index.nonKeyAttributes }),
  });
  const globals = (inputs.globalSecondaryIndexes ?? []).map((index: Values) => ({
    IndexName: index.name,
    KeySchema: keys(index.hashKey, index.rangeKey),
    Projection: projection(index),
  }));
  const locals = (inputs.localSecondaryIndexes ?? []).map((index: Values) => ({
    IndexName: index.name,
    KeySchema: keys(inputs.hashKey, index.rangeKey),
    Projection: projection(index),
  }));
  return {
    AttributeDefinitions: inputs.attributes.map(({ name, type }: Values) => ({
      AttributeName: name,
      AttributeType: type,
    })),
    KeySchema: keys(inputs.hashKey, inputs.rangeKey),
    BillingMode: "PAY_PER_REQUEST" as const,
    ...(globals.length > 0 && { GlobalSecondaryIndexes: globals as { IndexName: string }[] }),
    ...(locals.length > 0 && { LocalSecondaryIndexes: locals }),
  };
}
