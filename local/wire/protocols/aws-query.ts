/**
 * AWS Query: a form with the operation in `Action`, XML back.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
import { XmlShapeSerializer } from "@aws-sdk/core/protocols";
import type { NormalizedSchema } from "@smithy/core/schema";
import { element } from "../xml.ts";
import type { Codec } from "./codec.ts";
import type { WireResponse } from "./http-message.ts";
import type { Endpoint } from "./sdk-clients.ts";
import { fromText } from "./text-value.ts";

/** Smithy's number for ISO 8601 timestamps. */
const DATE_TIME = 5;

export const awsQuery: Codec = {
  read(operation, request) {
    if (operation.input.isUnitSchema()) return {};
    const form = new URLSearchParams(request.body.length > 0 ? request.body.toString("utf8") : request.query);
    return (readForm(operation.input, treeOf(form)) ?? {}) as Record<string, unknown>;
  },
  write(operation, output, requestId, endpoint) {
    let result = "";
    if (!operation.output.isUnitSchema()) {
      const serializer = new XmlShapeSerializer({
        timestampFormat: { useTrait: true, default: DATE_TIME },
        httpBindings: false,
        serviceNamespace: "",
        xmlNamespace: "",
      }) as unknown as StructWriter;
      result = serializer
        .writeStruct(operation.output, output, undefined)
        .withName(`${operation.name}Result`)
        .toString();
    }
    const metadata = element("ResponseMetadata", { RequestId: requestId });
    return answer(200, requestId, `${operation.name}Response`, result + metadata, endpoint);
  },
  writeError(error, model, requestId, endpoint) {
    const details = element("Error", {
      Type: model?.fault === "server" ? "Receiver" : "Sender",
      Code: model?.queryCode ?? error.code,
      Message: error.message,
    });
    const statusCode = model?.statusCode ?? error.statusCode;
    return answer(statusCode, requestId, "ErrorResponse", details + element("RequestId", requestId), endpoint);
  },
};

/** The part of the SDK's serializer that writes a structure without the namespace of a whole document. */
interface StructWriter {
  writeStruct(
    schema: NormalizedSchema,
    value: object,
    parentNamespace: undefined,
  ): { withName(name: string): { toString(): string } };
}

function answer(
  statusCode: number,
  requestId: string,
  name: string,
  content: string,
  endpoint: Endpoint,
): WireResponse {
  return {
    statusCode,
    headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
    body: `<${name} xmlns="${endpoint.xmlNamespace}">${content}</${name}>`,
  };
}

/** A form's dotted names as a tree: `Entries.member.1.Id` lies four steps down. */
interface Tree {
  text?: string;
  children: Map<string, Tree>;
}

function treeOf(form: URLSearchParams): Tree {
  const root: Tree = { children: new Map() };
  for (const [name, value] of form) {
    let node = root;
    for (const step of name.split(".")) {
      let child = node.children.get(step);
      if (!child) {
        child = { children: new Map() };
        node.children.set(step, child);
      }
      node = child;
    }
    node.text = value;
  }
  return root;
}

function readForm(schema: NormalizedSchema, tree: Tree | undefined): unknown {
  if (!tree) return undefined;
  if (schema.isListSchema()) {
    const value = schema.getValueSchema();
    const flat = schema.getMergedTraits().xmlFlattened;
    const items = flat ? tree : tree.children.get(value.getMergedTraits().xmlName ?? "member");
    return inOrder(items).map((item) => readForm(value, item));
  }
  if (schema.isMapSchema()) {
    const [key, value] = [schema.getKeySchema(), schema.getValueSchema()];
    const entries = schema.getMergedTraits().xmlFlattened ? tree : tree.children.get("entry");
    return Object.fromEntries(
      inOrder(entries).map((entry) => [
        entry.children.get(key.getMergedTraits().xmlName ?? "key")?.text ?? "",
        readForm(value, entry.children.get(value.getMergedTraits().xmlName ?? "value")),
      ]),
    );
  }
  if (schema.isStructSchema()) {
    const record: Record<string, unknown> = {};
    for (const [name, member] of schema.structIterator()) {
      const read = readForm(member, tree.children.get(member.getMergedTraits().xmlName ?? name));
      if (read !== undefined) record[name] = read;
    }
    return record;
  }
  return fromText(schema, tree.text ?? "");
}

const inOrder = (tree: Tree | undefined): Tree[] =>
  [...(tree?.children ?? [])].sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);
