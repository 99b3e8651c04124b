/** Headers that tell of an object: kept when it is written, and sent when it is read. */
import type { ServerResponse } from "node:http";
import { headerOf } from "../checksum.ts";
import type { StoredObject } from "../objects.ts";
import type { Exchange } from "./exchange.ts";

/** Headers that belong to an object and come back with it, besides `x-amz-meta-…`. */
export const KEPT_HEADERS = [
  "content-type",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "expires",
];
export function keptHeaders({ request }: Exchange): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value !== "string") continue;
    if (name.startsWith("x-amz-meta-")) kept[name] = value;
    else if (KEPT_HEADERS.includes(name)) kept[name] = value;
  }
  const encodings = kept["content-encoding"]?.split(",").map((item) => item.trim());
  const real = encodings?.filter((item) => item !== "aws-chunked").join(",");
  if (real) kept["content-encoding"] = real;
  else delete kept["content-encoding"];
  kept["content-type"] ??= "binary/octet-stream";
  return kept;
}

export function setObjectHeaders(response: ServerResponse, object: StoredObject): void {
  for (const [name, value] of Object.entries(object.headers)) response.setHeader(name, value);
  response.setHeader("etag", `"${object.etag}"`);
  response.setHeader("last-modified", new Date(object.modifiedMs).toUTCString());
  response.setHeader("accept-ranges", "bytes");
  response.setHeader("x-amz-server-side-encryption", "AES256");
  const tagCount = Object.keys(object.tags).length;
  if (tagCount > 0) response.setHeader("x-amz-tagging-count", tagCount);
}

export function setWrittenHeaders(response: ServerResponse, written: Pick<StoredObject, "etag" | "checksum">): void {
  response.setHeader("etag", `"${written.etag}"`);
  response.setHeader("x-amz-server-side-encryption", "AES256");
  if (written.checksum) {
    response.setHeader(headerOf(written.checksum.algorithm), written.checksum.value);
    response.setHeader("x-amz-checksum-type", written.checksum.type);
  }
}
