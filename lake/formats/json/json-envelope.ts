/** Finds the records in a JSON document that is an envelope around them, and what stands beside them. */
import { skipColon, skipSpace, skipString, skipValue, stringText } from "./json-text.ts";

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

/** A member of an envelope beside the records, as each of them gets it. */
export interface Sibling {
  /** The keys that lead to it, with points between. */
  readonly name: string;
  /** Its column; -1 when it goes to `_extra`. */
  readonly column: number;
  /** Its value as JSON text. */
  readonly json: string;
  /** The text for a column; undefined for null. */
  readonly text: Uint8Array | undefined;
}

/** Text of an envelope that every record gets. What is beyond that goes to the first record only: a bomb could be made of it. */
const REPEATED_BYTES = 16 << 10;

/** The members that every record gets. */
export function repeatedOf(siblings: readonly Sibling[]): Sibling[] {
  let room = REPEATED_BYTES;
  return siblings.filter(({ json }) => {
    if (json.length > room) return false;
    room -= json.length;
    return true;
  });
}

/**
 * Collects what stands beside the records.
 *
 * @param path - The keys that lead to the records.
 * @param columnOf - The column of a member by its name; undefined when it has none.
 * @param end - Where the document ends, or the text as far as it is there: then members after the records are missing.
 */
export function siblingsOf(
  bytes: Uint8Array,
  at: number,
  end: number,
  path: readonly string[],
  columnOf: (name: string) => number | undefined,
  prefix = "",
): Sibling[] {
  const [next, ...rest] = path;
  const siblings: Sibling[] = [];
  for (const { key, value, after } of membersOf(bytes, at, end)) {
    const name = prefix + key;
    if (key === next) {
      if (rest.length > 0)
        siblings.push(...siblingsOf(bytes, value, after < 0 ? end : after, rest, columnOf, `${name}.`));
    } else if (after > 0) {
      siblings.push(sibling(bytes, value, after, name, columnOf(name) ?? -1));
      if (columnOf(name) === undefined) siblings.push(...columnsWithin(bytes, value, after, name, columnOf, MAX_DEPTH));
    }
  }
  return siblings;
}

/** What is within a member of the envelope, as far as there are columns for it. */
function columnsWithin(
  bytes: Uint8Array,
  at: number,
  end: number,
  parent: string,
  columnOf: (name: string) => number | undefined,
  depth: number,
): Sibling[] {
  if (bytes[at] !== OPENING_BRACE || depth === 0) return [];
  return Array.from(membersOf(bytes, at, end)).flatMap(({ key, value, after }) => {
    const name = `${parent}.${key}`;
    const column = columnOf(name);
    return column === undefined
      ? columnsWithin(bytes, value, after, name, columnOf, depth - 1)
      : [sibling(bytes, value, after, name, column)];
  });
}

function sibling(bytes: Uint8Array, value: number, end: number, name: string, column: number): Sibling {
  const json = Buffer.from(bytes.subarray(value, end)).toString();
  const isText = json.startsWith('"');
  const text = json === "null" ? undefined : Buffer.from(isText ? (JSON.parse(json) as string) : json);
  return { name, column, json, text };
}

/** The members of an object, up to one that is cut: its `after` is negative. */
function* membersOf(bytes: Uint8Array, at: number, end: number) {
  for (let i = skipSpace(bytes, at + 1, end); i < end; i = skipSpace(bytes, i + 1, end)) {
    const keyEnd = skipString(bytes, i, end);
    const value = keyEnd < 0 ? keyEnd : skipColon(bytes, keyEnd, end);
    if (value < 0) return;
    const after = skipValue(bytes, value, end);
    yield { key: stringText(bytes, i, keyEnd), value, after };
    if (after < 0) return;
    i = skipSpace(bytes, after, end);
    if (bytes[i] !== COMMA) return;
  }
}
