/** Finds the records in a JSON document that is an envelope around them. */
import { skipColon, skipSpace, skipString, skipValue } from "./json-text.ts";

const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const OPENING_BRACE = 0x7b;

/** Objects within objects that are looked into. */
const MAX_DEPTH = 4;

/**
 * @param at - Where the document starts, which may be cut at `end`.
 * @returns The keys that lead to the nearest array of objects, as `recordsAt` takes them; undefined when there is no such array.
 */
export function recordsPath(bytes: Uint8Array, at: number, end: number, depth = MAX_DEPTH): string[] | undefined {
  if (depth === 0 || at >= end || bytes[at] !== OPENING_BRACE) return undefined;
  let deeper: string[] | undefined;
  for (let i = skipSpace(bytes, at + 1, end); i < end; i = skipSpace(bytes, i + 1, end)) {
    const keyEnd = skipString(bytes, i, end);
    const value = keyEnd < 0 ? keyEnd : skipColon(bytes, keyEnd, end);
    if (value < 0) break;
    const keyOf = () => JSON.parse(Buffer.from(bytes.subarray(i, keyEnd)).toString()) as string;
    if (startsObjects(bytes, value, end)) return [keyOf()];
    const inner = deeper ? undefined : recordsPath(bytes, value, end, depth - 1);
    if (inner) deeper = [keyOf(), ...inner];
    const after = skipValue(bytes, value, end);
    if (after < 0) break;
    i = skipSpace(bytes, after, end);
    if (bytes[i] !== COMMA) break;
  }
  return deeper;
}

function startsObjects(bytes: Uint8Array, at: number, end: number): boolean {
  if (bytes[at] !== OPENING_BRACKET) return false;
  const first = skipSpace(bytes, at + 1, end);
  return first < end && bytes[first] === OPENING_BRACE;
}
