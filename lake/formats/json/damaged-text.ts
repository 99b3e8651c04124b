/**
 * Finds where to continue after text that is not JSON, so that damage costs the damaged record and, where a quote or a bracket is
 * lost, at most its neighbours.
 *
 * - `endOfDamaged` follows brackets and strings. Damage within a value (`NaN`, a trailing comma, a NUL) leaves those as they are,
 *   so they lead to the end of the record.
 * - `nextRecord` looks for the next record on the line where the text stopped being JSON. It takes an object only where it
 *   cannot be part of the damaged record: never after a colon or an opening bracket, never one that other members follow, and
 *   in a list only when the list ends as the list of records does. In a string nothing looks like an object with a key,
 *   because its quotes are escaped.
 *
 * Neither reads a byte more often than a fixed number of times.
 */
import {
  INCOMPLETE,
  INVALID,
  invalidAt,
  isOneOf,
  skipColon,
  skipKey,
  skipSpace,
  skipString,
  skipValue,
  stringText,
} from "./json-text.ts";

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const FIRST_OF_BYTE_ORDER_MARK = 0xef;

/** Quotes of one record that stand where no string starts or ends. Junk beside a string makes two; a lost quote makes more. */
const MAX_ODD_QUOTES = 2;
/** A list of records is followed this far to see how it ends. */
const LIST_BYTES = 256 << 10;
/** Bytes that may be looked at in vain for each byte that the search advances. */
const WORK_FACTOR = 8;
const FREE_WORK = 4096;

/** No record is found. */
export const NOT_FOUND = -3;

/** Where `endOfDamaged` gave up. */
export let brokenAt = 0;

function broken(at: number): number {
  brokenAt = at;
  return INVALID;
}

let openKinds = new Uint8Array(256);

function pushKind(depth: number, kind: number): void {
  if (depth === openKinds.length) {
    const larger = new Uint8Array(2 * depth);
    larger.set(openKinds);
    openKinds = larger;
  }
  openKinds[depth] = kind;
}

/** What stood last, where it is neither bracket, comma nor colon. */
const STRING = 1;
const SCALAR = 2;

/**
 * Follows the brackets and strings of a damaged object.
 *
 * @param options - `openObjects` are open at `at`; 0 when one begins there. `isInList`: it is in the list of an envelope, so
 *   nothing but a comma or the end of the list follows.
 * @returns Where it ends, if what follows can stand behind a record; `INCOMPLETE`, or `INVALID` when brackets and quotes are
 *   damaged themselves (then `brokenAt` is where that shows).
 */
export function endOfDamaged(
  bytes: Uint8Array,
  at: number,
  end: number,
  isLast: boolean,
  { openObjects = 0, isInList = false } = {},
): number {
  let depth = 0;
  while (depth < openObjects) pushKind(depth++, OPENING_BRACE);
  let last = openObjects > 0 ? CLOSING_BRACKET : 0;
  let oddQuotes = 0;
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!;
    switch (byte) {
      case 0x20:
      case 0x09:
      case 0x0d:
      case LINE_FEED:
        continue;
      case QUOTE: {
        if ((last === STRING || last === SCALAR) && ++oddQuotes > MAX_ODD_QUOTES) return broken(i);
        i = endOfString(bytes, i, end);
        if (i < 0) return i;
        if (i === end) return isLast ? broken(end) : INCOMPLETE;
        last = STRING;
        continue;
      }
      case OPENING_BRACE:
      case OPENING_BRACKET: {
        const isElement = depth > 0 && openKinds[depth - 1] === OPENING_BRACKET;
        const isPossible = last === 0 || last === COLON || (isElement && (last === COMMA || last === OPENING_BRACKET));
        if (!isPossible) return broken(i);
        pushKind(depth++, byte);
        break;
      }
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        if (openKinds[depth - 1] !== (byte === CLOSING_BRACE ? OPENING_BRACE : OPENING_BRACKET)) return broken(i);
        if (--depth > 0) break;
        switch (followsRecord(bytes, i + 1, end, isLast, isInList)) {
          case "yes":
            return i + 1;
          case "unknown":
            return INCOMPLETE;
          case "no":
            return broken(i);
        }
        break;
      case COLON:
        if (openKinds[depth - 1] === OPENING_BRACKET) return broken(i);
        break;
      case COMMA:
        break;
      default:
        if (last === STRING && ++oddQuotes > MAX_ODD_QUOTES) return broken(i);
        last = SCALAR;
        continue;
    }
    last = byte;
  }
  return isLast ? broken(end) : INCOMPLETE;
}

/** The place of the closing quote; `end` when it is not there yet, negative when the line ends before it. */
function endOfString(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at + 1; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) return i;
    if (byte === LINE_FEED) return broken(i);
    if (byte === BACKSLASH && bytes[i + 1] !== LINE_FEED) i++;
  }
  return end;
}

/** Whether the text after a damaged object can be what stands after a record. */
function followsRecord(
  bytes: Uint8Array,
  at: number,
  end: number,
  isLast: boolean,
  isInList: boolean,
): "yes" | "no" | "unknown" {
  const atEnd = isLast ? "yes" : "unknown";
  const next = skipBlank(bytes, at, end);
  if (next === end) return atEnd;
  const byte = bytes[next];
  if (byte === OPENING_BRACE && !isInList) {
    const first = skipSpace(bytes, next + 1, end);
    if (first === end) return atEnd;
    return bytes[first] === QUOTE || bytes[first] === CLOSING_BRACE ? "yes" : "no";
  }
  if (byte === COMMA) {
    const afterComma = skipBlank(bytes, next + 1, end);
    if (afterComma === end) return atEnd;
    return bytes[afterComma] === QUOTE ? "no" : "yes";
  }
  return byte === LINE_FEED || byte === CLOSING_BRACKET || byte === FIRST_OF_BYTE_ORDER_MARK ? "yes" : "no";
}

/**
 * Whether an object that ended before `at` ended too early: a key follows on its line before anything else begins. Its own
 * closing brace is then the damage, and what was read of it is not the record that was written.
 */
export function endsTooEarly(bytes: Uint8Array, at: number, end: number): boolean | typeof INCOMPLETE {
  let i = at;
  while (i < end && bytes[i] !== QUOTE) if (isOneOf(bytes[i++], "\n{}[]")) return false;
  if (i === end) return INCOMPLETE;
  const keyEnd = skipString(bytes, i, end);
  if (keyEnd < 0) return keyEnd === INCOMPLETE ? INCOMPLETE : false;
  const colon = skipBlank(bytes, keyEnd, end);
  return colon === end ? INCOMPLETE : bytes[colon] === COLON;
}

/** A damaged text, and how far it is known. */
export interface DamagedText {
  readonly bytes: Uint8Array;
  /** Where it starts: a record or something between records. */
  readonly at: number;
  /** The first byte that is not JSON. */
  readonly failedAt: number;
  /** Where the line of that byte ends, or the text as far as it is there. */
  readonly lineEnd: number;
  /** Whether the line goes on beyond `lineEnd`, with text that is not there yet. */
  readonly hasMore: boolean;
  /** There is no room for more of it. */
  readonly isFull: boolean;
  /** Objects of the envelope around the records; 0 when there is no envelope. */
  readonly openObjects: number;
}

/** Tells a record from an object within one. */
export interface RecordSigns {
  /** Whether it is a key of the table's columns. */
  readonly isKnownKey: (key: string) => boolean;
  readonly hasKeys: boolean;
  /** Whether an object at this place is an envelope of records. */
  readonly isEnvelope: (bytes: Uint8Array, at: number, end: number) => boolean;
}

/**
 * Finds the next record, or the next envelope, on the line where a text stopped being JSON.
 *
 * @returns Its place, `INCOMPLETE` when the text that is there does not tell, or `NOT_FOUND`.
 */
export function nextRecord(text: DamagedText, signs: RecordSigns): number {
  const { bytes, at, lineEnd, hasMore } = text;
  const own = ownMembers(text);
  const swallowed = swallowedRecord(text, own);
  if (swallowed > 0) return swallowed;
  const from = startOfSearch(text);
  let before = significantBefore(bytes, at, from);
  const work: Work = { spent: 0, allowed: FREE_WORK };
  for (let i = from; i < lineEnd; i++) {
    const byte = bytes[i]!;
    if (isBlank(byte)) continue;
    work.allowed = FREE_WORK + WORK_FACTOR * (i - from);
    const isObject = byte === OPENING_BRACE && i > at && startsWithKey(bytes, i, lineEnd);
    const isList = byte === OPENING_BRACKET && (before === COLON || before === COMMA || before === OPENING_BRACKET);
    if (isObject || isList) {
      const after = skipValue(bytes, i, lineEnd);
      if (after === INCOMPLETE && hasMore) return INCOMPLETE;
      if (after > 0) {
        const judgement = isObject ? judge(text, signs, own.keys, { start: i, after, before }, work) : after;
        if (judgement === INCOMPLETE) return INCOMPLETE;
        if (judgement === i) return i;
        i = judgement - 1;
        before = bytes[i]!;
        continue;
      }
      const failed = after === INVALID ? invalidAt : lineEnd;
      work.spent += failed - i;
      if (work.spent > work.allowed) {
        i = Math.max(i, failed - 1);
        before = bytes[i]!;
        continue;
      }
    }
    before = byte;
  }
  return hasMore ? INCOMPLETE : NOT_FOUND;
}

/** Bytes that were looked at in vain, and how many may be. */
interface Work {
  spent: number;
  allowed: number;
}

/** A whole object, where it ends, and the last byte before it that is not whitespace. */
interface Candidate {
  readonly start: number;
  readonly after: number;
  readonly before: number;
}

function startsWithKey(bytes: Uint8Array, at: number, end: number): boolean {
  const first = skipBlank(bytes, at + 1, end);
  // Where the text ends, more of it may tell.
  return first === end || bytes[first] === QUOTE;
}

/** Where to look first: at the byte that is not JSON, or at a brace that a string without an end took for its own text. */
function startOfSearch({ bytes, at, failedAt }: DamagedText): number {
  const quote = significantPlace(bytes, at, failedAt);
  if (bytes[quote] !== QUOTE) return failedAt;
  const brace = significantPlace(bytes, at, quote);
  return brace > at && bytes[brace] === OPENING_BRACE ? brace : failedAt;
}

/**
 * @returns The place itself when the object is a record; where to look on when it is not; or `INCOMPLETE`.
 */
function judge(
  text: DamagedText,
  signs: RecordSigns,
  ownKeys: ReadonlySet<string>,
  candidate: Candidate,
  work: Work,
): number {
  const { start, after, before } = candidate;
  if (before === COLON || before === OPENING_BRACKET || before === OPENING_BRACE) return after;
  const { bytes } = text;
  if (signs.isEnvelope(bytes, start, after)) return start;
  if (signs.hasKeys || ownKeys.size > 0) {
    const isSibling = keysOf(bytes, start, after).some((key) => signs.isKnownKey(key) || ownKeys.has(key));
    if (!isSibling) return after;
  }
  return judgeList(text, candidate, work);
}

/** The same, by what comes after the object: the rest of a list, and what follows that. */
function judgeList(text: DamagedText, { start, after: firstEnd, before }: Candidate, work: Work): number {
  const { bytes, lineEnd, hasMore, isFull } = text;
  const atEnd = hasMore && !isFull ? INCOMPLETE : start;
  for (let after = firstEnd; ; ) {
    const next = skipBlank(bytes, after, lineEnd);
    if (next === lineEnd) return atEnd;
    const byte = bytes[next];
    if (byte === CLOSING_BRACE || byte === COLON) return after;
    if (byte === CLOSING_BRACKET) {
      const isOwn = closesRecords(text, next + 1);
      return isOwn === INCOMPLETE ? atEnd : isOwn ? start : after;
    }
    if (byte !== COMMA) return start;
    const element = skipBlank(bytes, next + 1, lineEnd);
    if (element === lineEnd) return atEnd;
    if (bytes[element] === QUOTE) return after;
    if (bytes[element] !== OPENING_BRACE || element - start > LIST_BYTES) return start;
    after = skipValue(bytes, element, lineEnd);
    if (after === INCOMPLETE && hasMore) return atEnd;
    if (after > 0) continue;
    if (work.spent <= work.allowed) after = endOfDamaged(bytes, element, lineEnd, !hasMore);
    if (after === INCOMPLETE) return atEnd;
    if (after > 0) continue;
    // One more damaged record: nothing tells how the list ends.
    work.spent += Math.max(0, brokenAt - element);
    return before === COMMA ? element : start;
  }
}

/** Whether the bracket before `at` closed the list of records, and not one within a record. */
function closesRecords({ bytes, lineEnd, openObjects }: DamagedText, at: number): boolean | typeof INCOMPLETE {
  let i = skipBlank(bytes, at, lineEnd);
  for (let open = openObjects; open > 0; ) {
    if (i === lineEnd) return INCOMPLETE;
    if (bytes[i] === CLOSING_BRACE) {
      open--;
      i++;
    } else if (bytes[i] === COMMA) {
      const value = skipKey(bytes, skipBlank(bytes, i + 1, lineEnd), lineEnd);
      i = value < 0 ? value : skipValue(bytes, value, lineEnd);
      if (i < 0) return i === INCOMPLETE ? INCOMPLETE : false;
    } else return false;
    i = skipBlank(bytes, i, lineEnd);
  }
  if (i === lineEnd) return INCOMPLETE;
  return bytes[i] === OPENING_BRACE || bytes[i] === OPENING_BRACKET || bytes[i] === FIRST_OF_BYTE_ORDER_MARK;
}

interface OwnMembers {
  readonly keys: Set<string>;
  readonly firstKey: string | undefined;
  /** The member that is open where the text fails, or ended right before: its key, and where its value starts. */
  readonly last: { readonly key: string; readonly start: number } | undefined;
}

/** The members of the damaged object that are whole, and the one after them. */
function ownMembers({ bytes, at, failedAt }: DamagedText): OwnMembers {
  const keys = new Set<string>();
  let firstKey: string | undefined;
  let last: OwnMembers["last"];
  if (bytes[at] === OPENING_BRACE) {
    for (let i = skipSpace(bytes, at + 1, failedAt); i < failedAt; ) {
      const keyEnd = bytes[i] === QUOTE ? skipString(bytes, i, failedAt) : INVALID;
      const start = keyEnd < 0 ? keyEnd : skipColon(bytes, keyEnd, failedAt);
      if (start < 0) break;
      const key = stringText(bytes, i, keyEnd);
      firstKey ??= key;
      keys.add(key);
      last = { key, start };
      const end = skipValue(bytes, start, failedAt);
      if (end < 0) break;
      i = skipSpace(bytes, end, failedAt);
      if (i === failedAt) break;
      last = undefined;
      if (bytes[i] !== COMMA) break;
      i = skipSpace(bytes, i + 1, failedAt);
    }
  }
  return { keys, firstKey, last };
}

/**
 * A record that a cut one took for the value of its last key, or for a part of it: an object that has this key itself, and
 * begins like the record. 0 when there is no such object.
 */
function swallowedRecord({ bytes, failedAt, lineEnd }: DamagedText, { firstKey, last }: OwnMembers): number {
  const isBrokenOff = failedAt === lineEnd || isOneOf(bytes[failedAt], "{[");
  if (!last || !isBrokenOff) return 0;
  let work = FREE_WORK + WORK_FACTOR * (failedAt - last.start);
  for (let i = last.start; i < failedAt; i++) {
    const byte = bytes[i]!;
    if (byte === LINE_FEED) return 0;
    if (byte === QUOTE) {
      i = skipString(bytes, i, failedAt) - 1;
      if (i < 0) return 0;
    } else if (byte === OPENING_BRACE) {
      const end = skipValue(bytes, i, failedAt);
      work -= (end < 0 ? failedAt : end) - i;
      if (work < 0) return 0;
      if (end < 0) continue;
      const keys = keysOf(bytes, i, end);
      if (keys[0] === firstKey && keys.includes(last.key)) return i;
    }
  }
  return 0;
}

/** The keys of a whole object. */
function keysOf(bytes: Uint8Array, start: number, end: number): string[] {
  const keys: string[] = [];
  for (let i = skipSpace(bytes, start + 1, end); bytes[i] === QUOTE; ) {
    const keyEnd = skipString(bytes, i, end);
    keys.push(stringText(bytes, i, keyEnd));
    i = skipSpace(bytes, skipValue(bytes, skipColon(bytes, keyEnd, end), end), end);
    if (bytes[i] === COMMA) i = skipSpace(bytes, i + 1, end);
  }
  return keys;
}

/** The place of the last byte in `bytes[at, before)` that is not whitespace; -1 when there is none. */
function significantPlace(bytes: Uint8Array, at: number, before: number): number {
  let i = before - 1;
  while (i >= at && (isBlank(bytes[i]!) || bytes[i] === LINE_FEED)) i--;
  return i >= at ? i : -1;
}

function significantBefore(bytes: Uint8Array, at: number, before: number): number {
  const place = significantPlace(bytes, at, before);
  return place < 0 ? 0 : bytes[place]!;
}

/** Where a damaged text ends that is set aside up to `to`: without a comma and whitespace that separate it from what follows. */
export function endOfRejected(bytes: Uint8Array, at: number, to: number, isBeforeRecord: boolean): number {
  const last = significantPlace(bytes, at, to);
  if (!isBeforeRecord || bytes[last] !== COMMA) return Math.max(at, last) + 1;
  return Math.max(at, significantPlace(bytes, at, last)) + 1;
}

const isBlank = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0d;

/** Skips whitespace within a line. */
function skipBlank(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && isBlank(bytes[i]!)) i++;
  return i;
}
