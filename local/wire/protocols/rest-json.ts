/**
 * REST with JSON bodies (Lambda, Scheduler): members are bound to the path, the query, headers and the body.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
import { JsonCodec2 } from "@smithy/core/protocols";
import type { NormalizedSchema } from "@smithy/core/schema";
import { EPOCH_SECONDS } from "./aws-json.ts";
import type { Codec } from "./codec.ts";
import type { WireRequest } from "./http-message.ts";
import type { OperationModel, ServiceModel } from "./model.ts";
import { fromText, toText } from "./text-value.ts";

const json = new JsonCodec2({ timestampFormat: { useTrait: true, default: EPOCH_SECONDS }, jsonName: true });

/** The operation whose method and path template fit, with no template less specific than another that fits. */
export function matchRoute(model: ServiceModel, request: WireRequest): OperationModel | undefined {
  let best: { operation: OperationModel; labels: number } | undefined;
  for (const operation of model.operations.values()) {
    if (operation.http?.method !== request.method) continue;
    const labels = labelsOf(operation.http.path, request.path);
    if (labels && (!best || Object.keys(labels).length < best.labels)) {
      best = { operation, labels: Object.keys(labels).length };
    }
  }
  return best?.operation;
}

/** Values of a template's labels, or undefined when the path does not fit. `{name+}` takes the rest of the path. */
function labelsOf(template: string, path: string): Record<string, string> | undefined {
  const expected = template.split("?")[0]!.split("/").filter(Boolean);
  const actual = path.split("/").filter(Boolean);
  const labels: Record<string, string> = {};
  for (const [index, step] of expected.entries()) {
    const label = /^\{(.+?)(\+?)\}$/.exec(step);
    const value = label?.[2] ? actual.slice(index).join("/") : actual[index];
    if (!value || (!label && value !== step)) return undefined;
    if (label) labels[label[1]!] = decodeURIComponent(value);
    if (label?.[2]) return labels;
  }
  return actual.length === expected.length ? labels : undefined;
}

interface Binding {
  httpLabel?: 1;
  httpQuery?: string;
  httpHeader?: string;
  httpPayload?: 1;
  httpResponseCode?: 1;
  jsonName?: string;
}
const bindingOf = (member: NormalizedSchema) => member.getMergedTraits() as Binding;

export const restJson: Codec = {
  async read(operation, request) {
    const labels = labelsOf(operation.http!.path, request.path) ?? {};
    const input: Record<string, unknown> = {};
    let hasBodyMembers = false;
    for (const [name, member] of operation.input.structIterator()) {
      const binding = bindingOf(member);
      if (binding.httpLabel) input[name] = labels[name];
      else if (binding.httpQuery) {
        const values = request.query.getAll(binding.httpQuery);
        if (values.length > 0) {
          input[name] = member.isListSchema()
            ? values.map((value) => fromText(member.getValueSchema(), value))
            : fromText(member, values[0]!);
        }
      } else if (binding.httpHeader) {
        const value = request.headers[binding.httpHeader.toLowerCase()];
        if (value !== undefined) input[name] = fromText(member, value);
      } else if (binding.httpPayload) {
        input[name] = member.isBlobSchema()
          ? request.body
          : await json.createDeserializer().read(member, request.body.toString("utf8"));
      } else hasBodyMembers = true;
    }
    if (!hasBodyMembers || request.body.length === 0) return input;
    return { ...(await json.createDeserializer().read(operation.input, request.body.toString("utf8"))), ...input };
  },
  write(operation, output, requestId) {
    const headers: Record<string, string> = { "content-type": "application/json", "x-amzn-requestid": requestId };
    let statusCode = operation.http!.statusCode;
    let payload: Uint8Array | string | undefined;
    const body: Record<string, unknown> = {};
    if (operation.output.isUnitSchema()) return { statusCode, headers, body: "" };
    for (const [name, member] of operation.output.structIterator()) {
      const value = (output as Record<string, unknown>)[name];
      if (value === undefined || value === null) continue;
      const binding = bindingOf(member);
      if (binding.httpResponseCode) statusCode = value as number;
      else if (binding.httpHeader) headers[binding.httpHeader.toLowerCase()] = toText(member, value);
      else if (binding.httpPayload) payload = member.isBlobSchema() ? (value as Uint8Array) : encode(member, value);
      else body[name] = value;
    }
    return { statusCode, headers, body: payload ?? encode(operation.output, body) };
  },
  writeError(error, model, requestId) {
    return {
      statusCode: model?.statusCode ?? error.statusCode,
      headers: { "content-type": "application/json", "x-amzn-errortype": error.code, "x-amzn-requestid": requestId },
      body: JSON.stringify({
        Type: model?.fault === "server" ? "Service" : "User",
        [model?.messageMember ?? "message"]: error.message,
      }),
    };
  },
};

function encode(schema: NormalizedSchema, value: unknown): Uint8Array {
  const serializer = json.createSerializer();
  serializer.write(schema, value);
  return serializer.flush() as Uint8Array;
}
