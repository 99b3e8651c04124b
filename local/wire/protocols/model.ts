/**
 * An AWS service as its SDK client describes it: the schemas of its operations and errors. The client packages carry
 * them for their own use; here they serve the other end of the wire.
 */
import { NormalizedSchema } from "@smithy/core/schema";
import type { $SchemaRef } from "@smithy/types";

export interface OperationModel {
  name: string;
  input: NormalizedSchema;
  output: NormalizedSchema;
  /** Members that the API requires, in the input's order. */
  required: string[];
  /** Method, path template and status of a REST operation. */
  http?: { method: string; path: string; statusCode: number };
}

export interface ErrorModel {
  /** With its namespace, such as `com.amazonaws.sqs#QueueDoesNotExist`. */
  id: string;
  fault: "client" | "server";
  /** The status that the error asks for; only REST services obey it. */
  statusCode: number | undefined;
  /** The service's name for it when it spoke the query protocol. */
  queryCode: string | undefined;
  /** `message` or `Message`, as the service spells it. */
  messageMember: string;
}

export interface ServiceModel {
  operations: Map<string, OperationModel>;
  errors: Map<string, ErrorModel>;
}

/** How a static schema is laid out: kind, namespace, name, traits, then what the kind needs. */
type StaticOperation = [9, string, string, unknown, $SchemaRef, $SchemaRef];
type StaticStructure = [3 | -3, string, string, unknown, string[], unknown[], number?];

const STRUCTURE = 3;
const ERROR = -3;
const OPERATION = 9;

/** Reads the schemas that a client package exports. */
export function readModel(client: Record<string, unknown>): ServiceModel {
  const model: ServiceModel = { operations: new Map(), errors: new Map() };
  for (const [name, schema] of Object.entries(client)) {
    if (!name.endsWith("$") || !Array.isArray(schema)) continue;
    if (schema[0] === OPERATION) {
      const operation = readOperation(schema as StaticOperation);
      model.operations.set(operation.name, operation);
    } else if (schema[0] === ERROR) {
      model.errors.set(schema[2], readError(schema as StaticStructure));
    }
  }
  return model;
}

function readOperation(schema: StaticOperation): OperationModel {
  const [, , name, , input, output] = schema;
  const operation: OperationModel = {
    name,
    input: NormalizedSchema.of(input),
    output: NormalizedSchema.of(output),
    required: requiredMembers(NormalizedSchema.of(input)),
  };
  const http = (schema[3] as { http?: [string, string, number] } | 0) || undefined;
  if (http?.http) {
    const [method, path, statusCode] = http.http;
    operation.http = { method, path, statusCode };
  }
  return operation;
}

function requiredMembers(schema: NormalizedSchema): string[] {
  const source = schema.getSchema() as unknown as StaticStructure;
  // The generator puts required members first and ends the schema with their number.
  return Array.isArray(source) && source[0] === STRUCTURE ? source[4].slice(0, source[6] ?? 0) : [];
}

function readError(schema: StaticStructure): ErrorModel {
  const [, namespace, name, , members] = schema;
  const traits = NormalizedSchema.of(schema as unknown as $SchemaRef).getMergedTraits() as {
    error?: "client" | "server";
    httpError?: number;
    awsQueryError?: [string, number];
  };
  return {
    id: `${namespace}#${name}`,
    fault: traits.error ?? "client",
    statusCode: traits.httpError,
    queryCode: traits.awsQueryError?.[0],
    messageMember: members.find((member) => member.toLowerCase() === "message") ?? "message",
  };
}
