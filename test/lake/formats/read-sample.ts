import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { sharedData } from "../../shared-data.ts";

/** The text of a file of the shared data folder. */
export async function readSample(path: string): Promise<Uint8Array> {
  const bytes = readFileSync(`${sharedData}${path}`);
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}
