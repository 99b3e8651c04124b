/** Bodies of API responses, which may be streams. */
import { toJson } from "../integrations/aws-sdk.ts";
import type { JsonObject } from "../values/json.ts";

/** Reads a body that comes as a stream: a state machine only knows text. */
export async function withBodyAsText(output: JsonObject): Promise<JsonObject> {
  const body = (output as { Body?: unknown }).Body;
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) return output;
  return { ...output, Body: toJson(await bytesOf(body)) };
}

export async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  if (typeof body === "string") return Buffer.from(body, "utf8");
  const stream = body as { transformToByteArray?: () => Promise<Uint8Array> } & AsyncIterable<Uint8Array>;
  if (stream.transformToByteArray) return stream.transformToByteArray();
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
