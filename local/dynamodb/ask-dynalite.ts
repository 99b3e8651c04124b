/** One call to dynalite's request handler, in its own wire format, without a socket between. */
import { EventEmitter } from "node:events";
import type { Server } from "node:http";
import { ServiceError } from "../service.ts";

/** Dynalite checks that a request is signed, not by whom. */
const SIGNATURE = "AWS4-HMAC-SHA256 Credential=a/20260101/r/dynamodb/aws4_request, SignedHeaders=host, Signature=b";

/**
 * @param input - In the SDK's shape, with binary values as bytes.
 * @throws {ServiceError} As DynamoDB refuses.
 */
export async function askDynalite(server: Server, operation: string, input: object): Promise<Record<string, unknown>> {
  const { statusCode, text } = await exchange(server, operation, JSON.stringify(input, encodeBytes));
  const answer = JSON.parse(text);
  if (statusCode === 200) return reviveTimes(operation, reviveBytes(answer));
  const code = String(answer.__type ?? "InternalServerError")
    .split("#")
    .at(-1)!;
  throw new ServiceError(code, answer.message ?? answer.Message ?? code, statusCode);
}

function exchange(server: Server, operation: string, body: string): Promise<{ statusCode: number; text: string }> {
  return new Promise((resolve) => {
    const request = Object.assign(new EventEmitter(), {
      method: "POST",
      url: "/",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `DynamoDB_20120810.${operation}`,
        "x-amz-date": "20260101T000000Z",
        authorization: SIGNATURE,
      },
    });
    const response = {
      statusCode: 200,
      setHeader() {},
      end(text: string) {
        resolve({ statusCode: this.statusCode, text });
      },
    };
    server.emit("request", request, response);
    request.emit("data", Buffer.from(body));
    request.emit("end");
  });
}

const encodeBytes = (_: string, value: unknown) =>
  value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;

/** Attribute values `{ B: … }` and `{ BS: … }` carry bytes as base64 on the wire. */
function reviveBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reviveBytes);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  if (entries.length === 1) {
    const [type, content] = entries[0]!;
    if (type === "B" && typeof content === "string") return { B: Buffer.from(content, "base64") };
    if (type === "BS" && Array.isArray(content) && content.every((item) => typeof item === "string")) {
      return { BS: content.map((item) => Buffer.from(item, "base64")) };
    }
  }
  return Object.fromEntries(entries.map(([name, inner]) => [name, reviveBytes(inner)]));
}

/** Table descriptions carry times as seconds. */
function reviveTimes(operation: string, answer: unknown): Record<string, unknown> {
  const record = answer as Record<string, Record<string, unknown>>;
  if (!operation.endsWith("Table")) return record;
  for (const part of [record.Table, record.TableDescription]) {
    if (typeof part?.CreationDateTime === "number") part.CreationDateTime = new Date(part.CreationDateTime * 1000);
  }
  return record;
}
