/** Records that took a scanner to places where others did not, kept from earlier runs: one a line, as a JSON string in Latin-1. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { bytesOf } from "./grammars/hostile-text.ts";

const folder = new URL("./corpus/", import.meta.url);
/** Enough to begin with; a run finds the rest again. */
const KEPT_RECORDS = 60;
const KEPT_BYTES = 400;

export function readCorpus(target: string): Uint8Array[] {
  const path = new URL(`${target}.jsonl`, folder);
  if (target.includes(":") || !existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => bytesOf(JSON.parse(line) as string));
}

/** Keeps records spread over the whole run. */
export function writeCorpus(target: string, records: readonly Uint8Array[]): void {
  if (records.length === 0) return;
  mkdirSync(folder, { recursive: true });
  const short = records.filter(({ length }) => length <= KEPT_BYTES);
  const step = Math.max(1, Math.floor(short.length / KEPT_RECORDS));
  const kept = short.filter((_, i) => i % step === 0).slice(0, KEPT_RECORDS);
  const lines = kept.map((record) => asciiJson(Buffer.from(record).toString("latin1")));
  writeFileSync(new URL(`${target}.jsonl`, folder), `${lines.join("\n")}\n`);
}

/** Control characters and what is beyond ASCII as escapes, so that editors leave the file alone. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
